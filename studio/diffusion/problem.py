"""What a solver is given: the part of the way that still lies ahead."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from studio.diffusion.denoiser import Evaluator
from studio.diffusion.step import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from studio.diffusion.inverse.measurement import Measurement
    from studio.diffusion.noise import Noise


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Problem:
    """Stand at `x`: (B, ...), of noise level `sigma`, with step `index` of a run to be taken.

    A solver is a function of a problem that returns the next step. It keeps nothing to itself: all
    it may remember is the `memory` latest steps in `history` and what they carry. So a run can be
    taken up again at any step, and goes on as if it had never stopped.

    `sigmas` is the whole list of the run; `legs` holds (from, to) of every step to be taken, one
    for each step of the list unless the solver plans its own, and nothing where it finds its way
    as it goes; `sigma_range` is the range of the discretisation; `noise(sigma_from, sigma_to)`
    draws unit noise like `x`. `given` is the measurement that a method restores.
    """

    denoise: Evaluator
    noise: Noise
    x: Tensor
    sigma: float
    index: int
    sigmas: tuple[float, ...]
    legs: tuple[tuple[float, float], ...]
    sigma_range: tuple[float, float]
    history: tuple[Step, ...] = ()
    memory: int = 0
    given: Measurement | None = None

    @property
    def total(self) -> int | None:
        """Return the number of steps, None where the solver cannot know it."""
        return len(self.legs) or None

    @property
    def sigma_from(self) -> float:
        """Return where the step starts: above `sigma` where noise has to be added to `x` first."""
        return self.legs[self.index][0] if self.legs else self.sigma

    @property
    def sigma_next(self) -> float:
        """Return where the step leads; the last level for a solver that finds its own way."""
        return self.legs[self.index][1] if self.legs else self.sigmas[-1]

    @property
    def solved(self) -> bool:
        """Tell whether the state has come to the end of the way."""
        return self.index >= len(self.legs) if self.legs else self.sigma <= self.sigmas[-1]

    def step(
        self,
        x: Tensor,
        denoised: Tensor,
        *,
        error: Tensor | None = None,
        carry: Mapping[str, Any] | None = None,
        sigma_next: float | None = None,
    ) -> Step:
        """Return the step from here to `x`, at `sigma_next` (None: where it was to lead)."""
        return Step(
            index=self.index,
            total=self.total,
            sigma=self.sigma_from,
            sigma_next=self.sigma_next if sigma_next is None else sigma_next,
            x=x,
            denoised=denoised,
            nfe=self.denoise.calls,
            error=error,
            carry={**(carry or {}), **self._measured(denoised)},
        )

    def _measured(self, denoised: Tensor) -> Mapping[str, Any]:
        given = self.given
        return given.measures(denoised) if given is not None and given.watched else {}

    def after(self, step: Step) -> Problem:
        """Return the problem that remains once `step` is taken."""
        return replace(
            self,
            denoise=Evaluator(self.denoise.function, step.index + 1, step.nfe),
            x=step.x,
            sigma=step.sigma_next,
            index=step.index + 1,
            history=tuple(deque((*self.history, step), maxlen=self.memory)),
        )
