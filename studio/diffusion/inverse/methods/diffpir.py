"""DiffPIR: a denoiser and a data term take turns, with noise in between."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from studio.diffusion.inverse.replacement import not_linear
from studio.diffusion.inverse.residual import residual
from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.inverse.measurement import Measurement
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def diffpir(at: Problem, *, lam: float, zeta: float, sigma_data: float) -> Step:
    """Take one step of DiffPIR (Zhu et al. 2023, Algorithm 1); at 0, return the fitted estimate.

    Without noise the data term leaves no freedom in what is measured; the authors' code takes
    sigma_0 for 0.001 there, and leaves the term out of the last step.
    """
    assert at.given is not None
    denoised = at.denoise(at.x, at.sigma)
    variance = 1 / (1 / at.sigma**2 + 1 / sigma_data**2)
    fitted = _fitted(at.given, denoised, lam * at.given.sigma0**2 / variance)
    x = fitted.lerp(at.x, math.sqrt(1 - zeta) * at.sigma_next / at.sigma)
    if zeta > 0 and at.sigma_next > 0:
        x = x + at.noise(at.sigma, at.sigma_next) * (math.sqrt(zeta) * at.sigma_next)
    return at.step(x, denoised)


def _fitted(given: Measurement, denoised: Tensor, rho: float) -> Tensor:
    """Return argmin ||y - H x||² + rho ||x - D||², by H D + Hᵀ (H Hᵀ + rho I)⁻¹ (y - H D)."""
    operator = given.operator
    away = residual(given, denoised, slice(None))
    return denoised + operator.adjoint(operator.solve(away, 1.0, rho))


SPECS = (
    Spec(
        id="diffpir",
        label="DiffPIR",
        family="Proximal",
        source="Zhu et al. 2023 (DiffPIR), Algorithm 1",
        help="Fits each estimate to the measurement by least squares, as far as the noise of both "
        "says, then goes to the next level from there. One evaluation a step, no gradient.",
        formula=(
            "x̂ = argmin ‖y − H x‖² + ρ ‖x − D‖²,   ρ = λ σ₀² / σ²\n"
            "x′ = x̂ + √(1 − ζ) σ′ (x − x̂) / σ + √ζ σ′ z"
        ),
        run=diffpir,
        knobs=(
            Knob(
                "lam",
                "λ",
                1.0,
                low=1e-6,
                high=1e6,
                soft=(0.1, 100.0),
                log=True,
                help="How much the estimate weighs against the measurement: 1 in the paper. The "
                "authors’ code measures σ₀ over [0, 1] and σ over [−1, 1], which makes it 1/4 of "
                "this λ. Nothing without noise.",
                formula="ρ = λ σ₀² / σ²",
                source="Zhu et al. 2023 (DiffPIR), Eq. 12 and section 4",
            ),
            Knob(
                "zeta",
                "ζ",
                0.25,
                low=0.0,
                high=1.0,
                step=0.05,
                help="How much of the noise of each step is fresh: the authors use 0.25 for "
                "super-resolution, 0.1 for blur and 1 for holes.",
                formula="x′ = x̂ + √(1 − ζ) σ′ (x − x̂) / σ + √ζ σ′ z",
                source="Zhu et al. 2023 (DiffPIR), Algorithm 1, line 6",
                group="Stochasticity",
            ),
            Knob(
                "sigma_data",
                "σ_data",
                math.inf,
                low=1e-3,
                soft=(0.1, 2.0),
                log=True,
                help="The standard deviation of the data, if it should bound how uncertain an "
                "estimate is taken to be: about 0.5 for pictures in [−1, 1]. Infinite, which is "
                "the paper’s, trusts the measurement alone at high noise.",
                formula="ρ = λ σ₀² / r²,   r² = σ² σ_data² / (σ² + σ_data²)",
                source="Song et al. 2023 (ΠGDM), section 3.1, put into Zhu et al. 2023, Eq. 12",
            ),
        ),
        stochastic=True,
        serves=not_linear,
        latent=True,
        usual_steps=50,
        guide=(
            "Restores from any linear measurement without a gradient through the network. Denoiser "
            "and measurement take turns: the estimate is moved to where it fits the measurement "
            "best, as far as the two are to be trusted, then noise is added again.\n\n"
            "In practice: 20 to 100 steps. ζ = 1 for holes, where the filling should be drawn anew "
            "at each level, 0.1 to 0.3 for super-resolution and blur. Raise λ where noise of the "
            "measurement shows in the result, lower it where the result is too smooth.\n\n"
            "Without noise the result agrees with the measurement exactly.\n\n"
            "It is a method of optimisation with some noise in it, and no exact sampler of the "
            "posterior: on Gaussian pictures (elucidate bench posterior) seeds differ by 1 to 12 % "
            "too little, at ζ = 1 by a third. It fails where σ₀ is said wrongly by much, since it "
            "decides how the two sides are weighed."
        ),
    ),
)
