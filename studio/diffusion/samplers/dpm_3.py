"""DPM-Solver-3: three evaluations in every step."""

from __future__ import annotations

from math import exp, expm1, log
from typing import TYPE_CHECKING

from studio.diffusion.spec import Spec
from studio.diffusion.step import Step, rms

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem


def dpm_3(at: Problem) -> Step:
    """Look at a third and at two thirds of the step (Lu et al. 2022a, Algorithm 2)."""
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    x, correction = third_order(at, at.x, denoised, at.sigma, at.sigma_next)
    return at.step(x, denoised, error=rms(correction))


def third_order(
    at: Problem, x: Tensor, denoised: Tensor, sigma: float, sigma_next: float
) -> tuple[Tensor, Tensor]:
    """Return the state at `sigma_next`, and its difference from a step of second order.

    The step of second order is that of DPM-Solver-2 with r_1 = 1/3 (Lu et al. 2022a, appendix C).
    """
    h = log(sigma / sigma_next)
    sigma_1, sigma_2 = sigma * exp(-h / 3), sigma * exp(-2 * h / 3)
    slope = (x - denoised) / sigma
    u_1 = x - slope * (sigma_1 * expm1(h / 3))
    turn_1 = (u_1 - at.denoise(u_1, sigma_1)) / sigma_1 - slope
    bend_2 = expm1(2 * h / 3) / (2 * h / 3) - 1
    u_2 = x - slope * (sigma_2 * expm1(2 * h / 3)) - turn_1 * (2 * sigma_2 * bend_2)
    turn_2 = (u_2 - at.denoise(u_2, sigma_2)) / sigma_2 - slope
    bend = sigma_next * (expm1(h) / h - 1)
    result = x - slope * (sigma_next * expm1(h)) - turn_2 * (1.5 * bend)
    return result, turn_1 * (1.5 * sigma_next * expm1(h)) - turn_2 * (1.5 * bend)


def three_but_last(steps: int, **_knobs: Value) -> int:
    """Return the cost of a solver that evaluates three times in every step save the one to 0."""
    return 3 * steps - 2


SPECS = (
    Spec(
        id="dpm_3",
        label="DPM3",
        family="One-step",
        source="Lu et al. 2022a (DPM-Solver), Algorithm 2",
        help="Looks at a third and at two thirds of each step, in ln σ: three evaluations a step, "
        "third order. At 0 it returns the estimate.",
        formula=(
            "σ₁ = σ e^(−h/3),   σ₂ = σ e^(−2h/3),   h = ln(σ / σ′),   e = (x − D(x; σ)) / σ\n"
            "x′ = x + (σ′ − σ) e − (3/2) σ′ ((eʰ − 1) / h − 1) (e₂ − e)"
        ),
        run=dpm_3,
        order=3,
        cost=three_but_last,
    ),
)
