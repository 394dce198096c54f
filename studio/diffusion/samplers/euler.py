"""Euler's method, which is DDIM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.diffusion.churn import CHURN_KNOBS, churn
from studio.diffusion.spec import Spec
from studio.diffusion.stride import DESIGN_KNOBS, stride

if TYPE_CHECKING:
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def euler(at: Problem, *, path: str, scaling: str, **stochasticity: Any) -> Step:
    """Take one Euler step (Karras et al. 2022, Algorithm 1 or 2 without the correction)."""
    x, sigma = churn(at, **stochasticity)
    step = stride(path, scaling, at.sigma_range, sigma, at.sigma_next)
    denoised = at.denoise(x, sigma)
    return at.step(step.euler(x, denoised), denoised)


SPECS = (
    Spec(
        id="euler",
        label="Euler",
        family="One-step",
        source="Karras et al. 2022, Algorithm 1; Song et al. 2021 (DDIM)",
        help="Goes straight towards the estimate: one evaluation a step, first order.",
        formula=("d = (x − D(x; σ)) / σ\nx′ = x + (σ′ − σ) d"),
        run=euler,
        knobs=(*CHURN_KNOBS, *DESIGN_KNOBS),
        order=1,
    ),
)
