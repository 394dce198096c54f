"""DEIS and LMS: Adams-Bashforth on the slope, with exact weights."""

from __future__ import annotations

from functools import partial
from math import log
from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.multistep import Clock, slope_weights
from studio.diffusion.paths import BETA_D, BETA_MIN, vp_path
from studio.diffusion.spec import Spec
from studio.diffusion.step import Step, rms

if TYPE_CHECKING:
    from studio.diffusion.problem import Problem

# The published VP path, whatever the range of the list: its time is what the authors fit in.
CLOCKS: dict[str, Clock] = {
    "tab": vp_path(BETA_D, BETA_MIN).time,
    "rhoab": float,
    "logrho": log,
    "karras": lambda sigma: float(sigma ** (1 / 7)),
}


def deis(at: Problem, *, kind: str, order: int) -> Step:
    """Fit e = (X - D) / sigma by a polynomial in the time of `kind` (Zhang & Chen 2022, Eq. 14)."""
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return at.step(denoised, denoised)
    slope = (at.x - denoised) / at.sigma
    past = at.history[::-1][: order - 1]
    levels = (at.sigma, *(step.sigma for step in past))
    weights = slope_weights(levels, at.sigma, at.sigma_next, CLOCKS[kind])
    x, error = at.x + slope * weights[0], None
    for weight, step in zip(weights[1:], past, strict=True):
        x = x + step.carry["slope"] * weight
    if past:
        fewer = (*slope_weights(levels[:-1], at.sigma, at.sigma_next, CLOCKS[kind]), 0.0)
        change = slope * (weights[0] - fewer[0])
        for weight, less, step in zip(weights[1:], fewer[1:], past, strict=True):
            change = change + step.carry["slope"] * (weight - less)
        error = rms(change)
    return at.step(x, denoised, error=error, carry={"slope": slope})


def _order(default: int) -> Knob:
    return Knob(
        "order",
        "Order",
        default,
        low=1,
        high=4,
        soft=(1, 4),
        help="The number of slopes the polynomial goes through; the first steps have fewer "
        "(Zhang & Chen 2022).",
        formula=("x′ = x + Σⱼ wⱼ eⱼ,   j = 0 … order − 1"),
        source=("Zhang & Chen 2022 (DEIS), Eq. 14"),
    )


SPECS = (
    Spec(
        id="deis",
        label="DEIS",
        family="Multistep",
        source="Zhang & Chen 2022 (DEIS), Eq. 14",
        help="Fits the slope by a polynomial through earlier steps: one evaluation a step, of the "
        "order of the knob. At 0 it returns the estimate.",
        formula=(
            "e = (x − D(x; σ)) / σ,   x′ = x + Σⱼ wⱼ eⱼ\nwⱼ = ∫ ℓⱼ(t(s)) ds over s from σ to σ′"
        ),
        run=deis,
        knobs=(
            Knob(
                "kind",
                "Polynomial in",
                "tab",
                choices=(
                    ("tab", "t of VP (tAB)"),
                    ("rhoab", "σ (ρAB)"),
                    ("logrho", "ln σ"),
                    ("karras", "σ^(1/7)"),
                ),
                help="The variable in which the slope is a polynomial (Zhang & Chen 2022). In "
                "σ^(1/7) the steps of Karras et al.'s schedule are even; try it there with order "
                "4.",
                formula=(
                    "x′ = x + Σⱼ wⱼ eⱼ,   e = (x − D(x; σ)) / σ\n"
                    "wⱼ = ∫ ℓⱼ(t(s)) ds over s from σ to σ′,   ℓⱼ: Lagrange polynomials in t"
                ),
                source=("Zhang & Chen 2022 (DEIS), Eq. 14"),
            ),
            _order(3),
        ),
        order=3,
        memory=3,
    ),
    Spec(
        id="lms",
        label="LMS",
        family="Multistep",
        source="k-diffusion, sample_lms; Zhang & Chen 2022 (DEIS), ρAB",
        help="The linear multistep method: DEIS with a polynomial in σ. One evaluation a step. At "
        "0 it returns the estimate.",
        formula=("e = (x − D(x; σ)) / σ,   x′ = x + Σⱼ wⱼ eⱼ\nwⱼ = ∫ ℓⱼ(s) ds over s from σ to σ′"),
        run=partial(deis, kind="rhoab"),
        knobs=(_order(4),),
        order=4,
        memory=3,
    ),
)
