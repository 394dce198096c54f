"""Encode data as noise: the probability-flow ODE upward."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from studio.diffusion.ascent import Ascent
from studio.diffusion.denoiser import Denoise, Evaluator
from studio.diffusion.knob import KnobError, Value
from studio.diffusion.likelihood.pull import pull_of
from studio.diffusion.problem import Problem
from studio.diffusion.randomness import draws_noise
from studio.diffusion.registry import find
from studio.diffusion.sample import checked_sigmas, state_dtype
from studio.diffusion.solvers import SAMPLERS
from studio.diffusion.spec import Spec, every_level
from studio.diffusion.step import Step

if TYPE_CHECKING:
    from torch import Tensor

ADAPTIVE = "rk45"


def encode(
    denoise: Denoise,
    x: Tensor,
    sigmas: Sequence[float],
    solver: str = "heun",
    *,
    sigma_range: tuple[float, float] | None = None,
    **knobs: object,
) -> Iterator[Step]:
    """Return an iterator that carries data x: (B, ...) up a list of σ, one step at a time.

    sigmas: the falling list of a run, as for `sample`; it is gone through from its lowest level
    above 0 to its highest. x is taken for the state at that lowest level (Song et al. 2021,
    ScoreSDE, section 4.3; Karras et al. 2022, Eq. 1). The last `step.x` divided by sigmas[0] is
    the unit noise that `sample` makes x of again, up to the error of the solver.

    Any solver that takes one step for each level and draws no noise will do; "rk45" finds its own
    steps, for every picture by itself, and tells the level of the one that is furthest behind.

    Raises:
        KnobError: the solver or a knob is unknown, or it is no solver for this.
        ValueError: the list cannot be used.
        DenoiserError: while iterating, when the denoiser returns something of no use.
        ArithmeticError: while iterating, when the steps of "rk45" become too short.
    """
    spec = find(SAMPLERS, solver, "sampler")
    values = spec.values(knobs)
    levels = rising(sigmas)
    reason = cannot_encode(spec, levels, values)
    if reason:
        raise KnobError(reason)
    state = x.detach().to(state_dtype(x.device))
    ends = sigma_range or (levels[0], levels[-1])
    if solver == ADAPTIVE:
        return _adaptive(denoise, state, levels, float(values["rtol"]), float(values["atol"]))
    problem = Problem(
        denoise=Evaluator(denoise, 0, 0),
        noise=_no_noise,
        x=state,
        sigma=levels[0],
        index=0,
        sigmas=levels,
        legs=tuple(pairwise(levels)),
        sigma_range=ends,
        history=tuple(deque(maxlen=spec.memory)),
        memory=spec.memory,
    )
    return _steps(problem, spec, values)


def rising(sigmas: Sequence[float]) -> tuple[float, ...]:
    """Return the levels of a falling list that are above 0, the lowest first.

    Raises:
        ValueError: the list cannot be sampled, or has fewer than two levels above 0.
    """
    levels = tuple(sigma for sigma in reversed(checked_sigmas(sigmas)) if sigma > 0)
    if len(levels) < 2:
        raise ValueError("To encode takes at least two levels above 0; take more steps.")
    return levels


def cannot_encode(spec: Spec, levels: Sequence[float], knobs: Mapping[str, Value]) -> str:
    """Return why a sampler cannot go upward, in a sentence with what to do, or nothing."""
    if spec.id == ADAPTIVE:
        return ""
    if draws_noise(spec.id, tuple(reversed(levels)), **knobs):
        return (
            f"{spec.label} draws noise, so that no picture leads back to it. Choose Heun, or "
            "another solver of the ODE."
        )
    if spec.legs is not every_level:
        return f"{spec.label} plans its own way down and cannot go up. Choose Heun or RK45."
    return ""


def _steps(problem: Problem, spec: Spec, knobs: Mapping[str, Value]) -> Iterator[Step]:
    import torch

    while not problem.solved:
        # Around each step and not around the loop: the caller must not find it on between steps.
        with torch.no_grad():
            step: Step = spec.run(problem, **knobs)
        yield step
        problem = problem.after(step)


def _adaptive(
    denoise: Denoise, x: Tensor, levels: tuple[float, ...], rtol: float, atol: float
) -> Iterator[Step]:
    import torch

    pull, none = pull_of(denoise), x.new_zeros(len(x))

    def rates(x: Tensor, sigma: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        return pull(x, sigma, None, rows)[0], none[: len(x)]

    ascent = Ascent(rates, x, levels[0], levels[-1], rtol=rtol, atol=atol)
    more, index, sigma = True, 0, levels[0]
    while more:
        with torch.no_grad():
            more = ascent.advance()
        at = ascent.standing
        reached = float(at.sigma.min())
        calls = int(at.calls.max())
        yield Step(index, None, sigma, reached, at.x, at.denoised, calls)
        index, sigma = index + 1, reached


def _no_noise(sigma_from: float, sigma_to: float) -> Tensor:
    raise KnobError(f"This solver draws noise at σ {sigma_from:g}; choose one that draws none.")
