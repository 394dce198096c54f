"""What a solver is given: the part of the way that still lies ahead."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studio.diffusion.denoiser import Evaluator
from studio.diffusion.step import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from studio.diffusion.noise import Noise


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Problem:
    """Stand at `x`: (B, ...), of noise level `sigma`, with step `index` of a run to be taken.

    A solver is a function of a problem that returns the next step. It keeps nothing to itself: all
    it may remember is the `memory` latest steps in `history` and what they carry. So a run can be
    taken up again at any step, and goes on as if it had never stopped.

    `sigmas` is the whole list of the run; `sigma_range` the range of its discretisation;
    `noise(sigma_from, sigma_to)` draws unit noise like `x`.
    """

    denoise: Evaluator
    noise: Noise
    x: Tensor
    sigma: float
    index: int
    sigmas: tuple[float, ...]
    sigma_range: tuple[float, float]
    history: tuple[Step, ...] = ()
    memory: int = 0

    @property
    def total(self) -> int:
        """Return the number of steps in the list."""
        return len(self.sigmas) - 1

    @property
    def sigma_next(self) -> float:
        """Return the next noise level of the list."""
        return self.sigmas[self.index + 1]

    @property
    def solved(self) -> bool:
        """Tell whether the state has come to the end of the list."""
        return self.sigma <= self.sigmas[-1]

    def step(
        self,
        x: Tensor,
        denoised: Tensor,
        *,
        error: Tensor | None = None,
        carry: Mapping[str, Tensor | float] | None = None,
    ) -> Step:
        """Return the step that leads from here to `x` at the next level of the list."""
        return Step(
            index=self.index,
            total=self.total,
            sigma=self.sigma,
            sigma_next=self.sigma_next,
            x=x,
            denoised=denoised,
            nfe=self.denoise.calls,
            error=error,
            carry=carry or {},
        )

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
