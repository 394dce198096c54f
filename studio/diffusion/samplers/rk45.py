"""The probability-flow ODE by an adaptive Runge-Kutta method of fifth order."""

from __future__ import annotations

from math import exp, inf, log
from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec, as_it_goes
from studio.diffusion.step import Step, rms

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem

# Dormand & Prince 1980: the stages, the times at which they are, and the error of the result.
STAGES = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
TIMES = (1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0)
ERRORS = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)

SAFETY, SHRINK, GROW = 0.9, 0.2, 5.0
SHORTEST = 1e-10
"""The shortest step in ln sigma: below it the slope is no function of the state."""


def rk45(at: Problem, *, rtol: float, atol: float) -> Step:
    """Take the longest step whose local error is within the tolerance, in s = ln sigma.

    dX/ds = X - D (Song et al. 2021, ScoreSDE, section 4.3; Dormand & Prince 1980). The worst
    picture decides how long the step is, each measured by its own root mean square.
    """
    denoised = at.history[-1].carry["end"] if at.history else at.denoise(at.x, at.sigma)
    lowest = at.sigmas[-2] if at.sigmas[-1] == 0 else at.sigmas[-1]
    if at.sigma <= lowest:
        return at.step(denoised, denoised, sigma_next=0.0)
    left = log(at.sigma / lowest)
    h = at.history[-1].carry["length"] if at.history else _first_length(at, denoised, rtol, atol)
    while True:
        length = left if h >= left * (1 - 1e-9) else h
        sigma_next = lowest if length == left else at.sigma * exp(-length)
        x, error, end = _try(at, denoised, length, sigma_next)
        scale = at.x.abs().maximum(x.abs()) * rtol + atol
        excess = float(rms(error / scale).max())
        h = length * min(GROW, max(SHRINK, SAFETY * excess**-0.2 if excess > 0 else GROW))
        if excess <= 1:
            carry = {"end": end, "length": h}
            return at.step(x, denoised, error=rms(error), carry=carry, sigma_next=sigma_next)
        if not excess < inf or h < SHORTEST:
            raise ArithmeticError(
                f"The adaptive solver cannot get on at σ {at.sigma:.4g}: its steps became too "
                "short or the model returned no numbers. Raise rtol and atol."
            )


def _try(
    at: Problem, denoised: Tensor, length: float, sigma_next: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the state after a step of `length`, its error, and D at its end."""
    slopes = [denoised - at.x]  # towards lower noise: -dX/ds
    x, end = at.x, denoised
    for row, time in zip(STAGES, TIMES, strict=True):
        x = at.x
        for weight, slope in zip(row, slopes, strict=True):
            if weight:
                x = x + slope * (weight * length)
        sigma = sigma_next if time == 1 else at.sigma * exp(-time * length)
        end = at.denoise(x, sigma)
        slopes.append(end - x)
    error = slopes[0] * (ERRORS[0] * length)
    for weight, slope in zip(ERRORS[1:], slopes[1:], strict=True):
        if weight:
            error = error + slope * (weight * length)
    return x, error, end


def _first_length(at: Problem, denoised: Tensor, rtol: float, atol: float) -> float:
    """Return a first step over which the state changes by about a hundredth of its scale.

    From Hairer, Norsett & Wanner 1993, section II.4, without the second evaluation.
    """
    scale = at.x.abs() * rtol + atol
    state, slope = float(rms(at.x / scale).max()), float(rms((denoised - at.x) / scale).max())
    return min(0.5, 0.01 * state / slope) if slope > 0 else 0.5


def unknown(_steps: int, **_knobs: Value) -> None:
    """Return that the cost of an adaptive solver cannot be known."""


SPECS = (
    Spec(
        id="rk45",
        label="RK45",
        family="Adaptive",
        source="Song et al. 2021 (ScoreSDE), section 4.3; Dormand & Prince 1980",
        help="Solves the ODE to a tolerance with steps of its own, fifth order, about six "
        "evaluations each; the picture with the largest error sets the pace. It goes to the lowest "
        "level of the list and returns the estimate there.",
        formula=("dx/ds = x − D(x; eˢ),   s = ln σ"),
        run=rk45,
        knobs=(
            Knob(
                "rtol",
                "rtol",
                1e-5,
                low=1e-13,
                high=1.0,
                soft=(1e-8, 1e-1),
                log=True,
                help="The error that is allowed in a step, relative to the size of each value "
                "(Song et al. 2021 take 1e-5).",
                formula=("E = rms(error / (atol + rtol max(|x|, |x′|))) ≤ 1\nh ← 0.9 h E^(−1/5)"),
                source=("Dormand & Prince 1980; Hairer, Nørsett & Wanner 1993, section II.4"),
            ),
            Knob(
                "atol",
                "atol",
                1e-5,
                low=1e-13,
                high=1.0,
                soft=(1e-8, 1e-1),
                log=True,
                help="The error that is allowed in a step, absolute (Song et al. 2021 take 1e-5).",
                formula=("E = rms(error / (atol + rtol max(|x|, |x′|))) ≤ 1\nh ← 0.9 h E^(−1/5)"),
                source=("Dormand & Prince 1980; Hairer, Nørsett & Wanner 1993, section II.4"),
            ),
        ),
        order=5,
        cost=unknown,
        legs=as_it_goes,
        memory=1,
    ),
)
