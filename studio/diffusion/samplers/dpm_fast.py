"""DPM-Solver-fast: third-order steps for a budget of evaluations."""

from __future__ import annotations

from itertools import pairwise
from math import exp, expm1, log
from typing import TYPE_CHECKING

from studio.diffusion.ancestral import ETA_KNOBS, ancestral
from studio.diffusion.samplers.dpm_3 import third_order
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def dpm_fast(at: Problem, *, eta: float, s_noise: float) -> Step:
    """Take a step of the order that is its turn (Lu et al. 2022a, appendix D; k-diffusion)."""
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    lowest = at.sigmas[-2] if at.sigmas[-1] == 0 else at.sigmas[-1]
    down, up = ancestral(at.sigma, at.sigma_next, eta, lowest)
    order = orders(at.sigmas)[at.index]
    x = denoised if down == 0 else _go(at, denoised, down, order)
    if up > 0:
        x = x + at.noise(at.sigma, at.sigma_next) * (up * s_noise)
    return at.step(x, denoised)


def _go(at: Problem, denoised: Tensor, down: float, order: int) -> Tensor:
    if order == 3:
        return third_order(at, at.x, denoised, at.sigma, down)[0]
    straight = denoised.lerp(at.x, down / at.sigma)
    if order == 1:
        return straight
    h = log(at.sigma / down)
    sigma_mid = at.sigma * exp(-h / 2)
    middle = denoised.lerp(at.x, sigma_mid / at.sigma)
    turn = (middle - at.denoise(middle, sigma_mid)) / sigma_mid - (at.x - denoised) / at.sigma
    return straight - turn * (down * expm1(h))


def orders(sigmas: tuple[float, ...]) -> tuple[int, ...]:
    """Return the order of each step between the ends of the list, one evaluation an interval.

    They are 3, 3, ..., and in the end 2 and 1, or what is left of the budget.
    """
    budget = len(sigmas) - (2 if sigmas[-1] == 0 else 1)
    rest = budget % 3
    if rest:
        return (3,) * (budget // 3) + (rest,)
    return (3,) * (budget // 3 - 1) + (2, 1) if budget else ()


def even_legs(sigmas: tuple[float, ...], **_knobs: Value) -> tuple[tuple[float, float], ...]:
    """Return steps that are even in ln sigma between the ends of the list, and the one to 0."""
    count = len(orders(sigmas))
    ends_at_0 = sigmas[-1] == 0
    high, low = sigmas[0], sigmas[-2] if ends_at_0 else sigmas[-1]
    ratio = low / high
    levels = [high, *(high * ratio ** (i / count) for i in range(1, count)), *([low] * (count > 0))]
    if ends_at_0:
        levels.append(0.0)
    return tuple(pairwise(levels))


SPECS = (
    Spec(
        id="dpm_fast",
        label="DPM fast",
        family="One-step",
        source="Lu et al. 2022a (DPM-Solver), appendix D; k-diffusion, sample_dpm_fast",
        help="Spends one evaluation for each step of the list in third-order steps of its own, "
        "even in ln σ between the ends of the list. At 0 it returns the estimate.",
        formula=(
            "σ₁ = σ e^(−h/3),   σ₂ = σ e^(−2h/3),   h = ln(σ / σ′),   e = (x − D(x; σ)) / σ\n"
            "x′ = x + (σ′ − σ) e − (3/2) σ′ ((eʰ − 1) / h − 1) (e₂ − e) + σ_up z"
        ),
        run=dpm_fast,
        knobs=(ETA_KNOBS[0].with_default(0.0), ETA_KNOBS[1]),
        order=3,
        legs=even_legs,
    ),
)
