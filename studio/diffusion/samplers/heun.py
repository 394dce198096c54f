"""Heun's method and the other two-stage solvers of second order: the sampler of EDM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.diffusion.churn import CHURN_KNOBS, churn
from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec, two_but_last
from studio.diffusion.step import Step, rms
from studio.diffusion.stride import DESIGN_KNOBS, stride

if TYPE_CHECKING:
    from studio.diffusion.problem import Problem


def heun(at: Problem, *, alpha: float, path: str, scaling: str, **stochasticity: Any) -> Step:
    """Take one Euler step and correct it, save where it ends at 0.

    Karras et al. 2022, Algorithm 2 (stochasticity) with Algorithm 3 (alpha) on any path of
    Algorithm 1. The correction is the local error of the Euler step, so it is reported as such.
    """
    x, sigma = churn(at, **stochasticity)
    step = stride(path, scaling, at.sigma_range, sigma, at.sigma_next)
    denoised = at.denoise(x, sigma)
    euler = step.euler(x, denoised)
    if at.sigma_next == 0:
        return at.step(euler, denoised)
    prime = euler if alpha == 1 else step.euler(x, denoised, alpha)
    denoised_prime = at.denoise(prime, step.level(alpha))
    correction = step.correction(x, denoised, prime, denoised_prime, alpha)
    return at.step(euler + correction, denoised, error=rms(correction))


SPECS = (
    Spec(
        id="heun",
        label="Heun",
        family="One-step",
        source="Karras et al. 2022, Algorithms 1 to 3",
        help="An Euler step, then a look at the slope where it ends to correct it: two evaluations "
        "a step, second order. The sampler of EDM.",
        formula=(
            "d = (x − D(x; σ)) / σ,   x′ = x + (σ′ − σ) d\n"
            "d′ = (x′ − D(x′; σ′)) / σ′\n"
            "x′ ← x + (σ′ − σ) (d + d′) / 2"
        ),
        run=heun,
        knobs=(
            *CHURN_KNOBS,
            Knob(
                "alpha",
                "α",
                1.0,
                low=0.01,
                high=1.0,
                soft=(0.5, 1.0),
                step=0.01,
                help="Where in the step the slope is looked at again: 1 is Heun, 2/3 Ralston, 1/2 "
                "the midpoint method (Karras et al. 2022, Algorithm 3).",
                formula=(
                    "x_α = x + α h d,   h = σ′ − σ\n"
                    "d_α = (x_α − D(x_α; σ + α h)) / (σ + α h)\n"
                    "x′ = x + h [ (1 − 1/(2α)) d + 1/(2α) d_α ]"
                ),
                source=("Karras et al. 2022, Algorithm 3"),
                group="Design space",
            ),
            *DESIGN_KNOBS,
        ),
        order=2,
        cost=two_but_last,
    ),
)
