"""PNDM, PLMS and iPNDM: Adams-Bashforth with the coefficients of even steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec
from studio.diffusion.step import Step, rms

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem

ADAMS = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)
"""Adams-Bashforth coefficients for even steps, the newest slope first."""


def ipndm(at: Problem, *, order: int) -> Step:
    """Start with the lower orders (Zhang & Chen 2022, iPNDM)."""
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    slope = (at.x - denoised) / at.sigma
    used = [slope, *(step.carry["slope"] for step in at.history[::-1][: order - 1])]
    mean, error = _adams(used), None
    if len(used) > 1:
        error = rms((mean - _adams(used[:-1])) * (at.sigma_next - at.sigma))
    x = at.x + mean * (at.sigma_next - at.sigma)
    return at.step(x, denoised, error=error, carry={"slope": slope})


def pndm(at: Problem, *, kind: str) -> Step:
    """Start with pseudo Runge-Kutta steps, or one improved Euler step (Liu et al. 2022)."""
    starting = 3 if kind == "f_pndm" else 1
    if at.index >= starting or at.sigma_next == 0:
        return ipndm(at, order=4)
    denoised = at.denoise(at.x, at.sigma)
    slope = (at.x - denoised) / at.sigma
    start = _runge_kutta if kind == "f_pndm" else _improved_euler
    mean = start(at, slope)
    x = at.x + mean * (at.sigma_next - at.sigma)
    error = rms((mean - slope) * (at.sigma_next - at.sigma))
    return at.step(x, denoised, error=error, carry={"slope": slope})


def _runge_kutta(at: Problem, slope: Tensor) -> Tensor:
    """Return the mean of the classic four stages (Liu et al. 2022, Eq. 13)."""
    h = at.sigma_next - at.sigma
    middle = at.sigma + h / 2
    second = _slope(at, at.x + slope * (h / 2), middle)
    third = _slope(at, at.x + second * (h / 2), middle)
    fourth = _slope(at, at.x + third * h, at.sigma_next)
    return (slope + second * 2 + third * 2 + fourth) / 6


def _improved_euler(at: Problem, slope: Tensor) -> Tensor:
    """Return the mean of the slopes at both ends of an Euler step (Liu et al. 2022, Eq. 22)."""
    h = at.sigma_next - at.sigma
    return (slope + _slope(at, at.x + slope * h, at.sigma_next)) / 2


def _slope(at: Problem, x: Tensor, sigma: float) -> Tensor:
    return (x - at.denoise(x, sigma)) / sigma


def _adams(slopes: list[Tensor]) -> Tensor:
    coefficients = ADAMS[len(slopes) - 1]
    mean = slopes[0] * coefficients[0]
    for coefficient, slope in zip(coefficients[1:], slopes[1:], strict=True):
        mean = mean + slope * coefficient
    return mean


def _cost(steps: int, kind: Value, **_knobs: Value) -> int:
    """Return N and 3 for each Runge-Kutta step, or 1 for the Euler one, save a step to 0."""
    return steps + (3 * min(3, steps - 1) if kind == "f_pndm" else min(1, steps - 1))


_HELP = (
    "weighs the last four slopes as Adams-Bashforth does where steps are even in σ; on other "
    "schedules it is of second order. At 0 it returns the estimate."
)

SPECS = (
    Spec(
        id="pndm",
        label="PNDM",
        family="Multistep",
        source="Liu et al. 2022 (PNDM), Algorithms 1 and 2",
        help=f"One evaluation a step after the first ones: {_HELP}",
        formula=("x′ = x + (σ′ − σ) (55 e₀ − 59 e₁ + 37 e₂ − 9 e₃) / 24,   e = (x − D(x; σ)) / σ"),
        run=pndm,
        knobs=(
            Knob(
                "kind",
                "Start",
                "f_pndm",
                choices=(("f_pndm", "Runge-Kutta (F-PNDM)"), ("plms", "Euler (PLMS)")),
                help="How the first slopes are found: three steps of four evaluations, or one of "
                "two (Liu et al. 2022; PLMS is that of Latent Diffusion).",
                formula=(
                    "Runge–Kutta: e = (e₁ + 2 e₂ + 2 e₃ + e₄) / 6,   three steps\n"
                    "Heun: e = (e₁ + e₂) / 2,   one step"
                ),
                source=("Liu et al. 2022 (PNDM), Algorithm 2; Latent Diffusion, PLMSSampler"),
            ),
        ),
        order=4,
        cost=_cost,
        memory=3,
    ),
    Spec(
        id="ipndm",
        label="iPNDM",
        family="Multistep",
        source="Zhang & Chen 2022 (DEIS), section 3.2",
        help=f"One evaluation in every step: {_HELP}",
        formula=("x′ = x + (σ′ − σ) (55 e₀ − 59 e₁ + 37 e₂ − 9 e₃) / 24,   e = (x − D(x; σ)) / σ"),
        run=ipndm,
        knobs=(
            Knob(
                "order",
                "Order",
                4,
                low=1,
                high=4,
                soft=(1, 4),
                help="The number of slopes that are weighed; the first steps have fewer "
                "(Zhang & Chen 2022).",
                formula=(
                    "2: (3 e₀ − e₁) / 2\n"
                    "3: (23 e₀ − 16 e₁ + 5 e₂) / 12\n"
                    "4: (55 e₀ − 59 e₁ + 37 e₂ − 9 e₃) / 24"
                ),
                source=("Zhang & Chen 2022 (DEIS), section 3.2 (iPNDM)"),
            ),
        ),
        order=4,
        memory=3,
    ),
)
