"""SNIPS: Langevin dynamics of the posterior, in the singular values of the operator."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from studio.diffusion.inverse.spectrum import spectral_start, spectrum, without_svd
from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.inverse.spectrum import Spectrum
    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def snips(at: Problem, *, epsilon: float, updates: int, corrected: bool) -> Step:
    """Take Langevin steps at the level that the step leads to; at 0, return the estimate.

    Kawar et al. 2021, Algorithm 1. At 0 what is measured without noise is returned as measured.
    """
    assert at.given is not None
    known = spectrum(at.given, at.x)
    if at.sigma_next == 0:
        denoised = at.denoise(at.x, at.sigma)
        exact = known.within(0.0)
        xbar = known.target.expand(len(at.x), -1).where(exact, known.svd.vt(denoised))
        return at.step(known.svd.v(xbar), denoised)
    x, first = at.x, None
    drawn = math.sqrt(2 * epsilon - epsilon**2 if corrected else 2 * epsilon)
    for _ in range(updates):
        denoised = at.denoise(x, at.sigma_next)
        first = denoised if first is None else first
        noise = at.noise(at.sigma_next, at.sigma_next)
        x = _moved(known, x, denoised, at.sigma_next, epsilon)
        x = x + _spread(known, noise, at.sigma_next) * drawn
    return at.step(x, x if first is None else first)


def _moved(known: Spectrum, x: Tensor, denoised: Tensor, sigma: float, epsilon: float) -> Tensor:
    """Return the state after the drift of one Langevin step, alpha d of each coordinate.

    Where the measurement is better than the level, it alone draws; elsewhere the score does too.
    What is not measured has s = 0. (Kawar et al. 2021, Eq. 8 to 10.)
    """
    xbar = known.svd.vt(x)
    away, score = known.target - xbar, known.svd.vt(denoised) - xbar
    share = _share(known, sigma)
    drift = away.where(known.within(sigma), away * share + score * (1 - share))
    return known.svd.v(xbar + drift * epsilon)


def _spread(known: Spectrum, noise: Tensor, sigma: float) -> Tensor:
    """Return noise of variance alpha / epsilon in each coordinate."""
    std = known.excess(sigma).where(known.within(sigma), sigma * (1 - _share(known, sigma)).sqrt())
    return known.svd.v(known.svd.vt(noise) * std)


def _share(known: Spectrum, sigma: float) -> Tensor:
    """Return s² sigma² / sigma_0², at most 1: (n,)."""
    return sigma**2 / known.error.square().clamp_min(sigma**2)


def _cost(steps: int, *, updates: int, **_knobs: Value) -> int:
    return (steps - 1) * updates + 1


SPECS = (
    Spec(
        id="snips",
        label="SNIPS",
        family="Spectral",
        source="Kawar et al. 2021 (SNIPS), Algorithm 1",
        help="Waits at every level until the pictures are samples of the posterior there. Exact in "
        "the limit of many small steps. N levels cost (N − 1) T + 1 evaluations.",
        formula=(
            "in the coordinates of H = U S Vᵀ, with g = (D̄ − x̄) / σ²:\n"
            "s σ ≥ σ₀:  α = ε (σ² − σ₀²/s²),        d = s (ȳ − s x̄) / (s² σ² − σ₀²)\n"
            "s σ < σ₀:  α = ε σ² (1 − s² σ²/σ₀²),  d = s (ȳ − s x̄) / (σ₀² − s² σ²) + g\n"
            "x̄ ← x̄ + α d + √(2α) z"
        ),
        run=snips,
        knobs=(
            Knob(
                "updates",
                "Updates T",
                10,
                low=1,
                high=10000,
                soft=(1, 100),
                help="Langevin steps at each level: 5 in the paper, which has 500 levels. Fewer "
                "levels want more.",
                formula="x̄ ← x̄ + α d + √(2α) z,   T times at each level",
                source="Kawar et al. 2021 (SNIPS), Algorithm 1 and section 5",
            ),
            Knob(
                "epsilon",
                "Step size ε",
                0.2,
                low=1e-6,
                high=1.0,
                soft=(0.01, 1.0),
                log=True,
                help="The size of a Langevin step in units of the variance of the noise. The paper "
                "has 3.3e-6 / 0.01² = 0.033 for CelebA, with 500 levels; the fewer levels and "
                "updates, the larger.",
                formula="α = ε (σ² − σ₀²/s²)   or   ε σ² (1 − s² σ²/σ₀²)",
                source="Kawar et al. 2021 (SNIPS), Algorithm 1 (c / σ_L²)",
            ),
            Knob(
                "corrected",
                "Right noise",
                True,
                help="Draw a little less noise in each update, so that a finite ε leaves noise of "
                "just the level and not ε/4 more. The paper does not, and with its small ε need "
                "not.",
                formula="√(2ε − ε²) in the place of √(2ε)",
                source="the variance at which x ← (1 − ε) x + c z stays: c² / (2ε − ε²)",
            ),
        ),
        stochastic=True,
        cost=_cost,
        begin=spectral_start,
        serves=without_svd,
        latent=True,
        usual_steps=50,
        guide=(
            "Draws samples of the posterior: pictures that the model believes in and that measure "
            "as the measurement does, noise included. For the same class of problems as DDRM, "
            "its successor, with far more evaluations and less approximation.\n\n"
            "In practice: the number of levels times T is what counts. 500 levels with T = 5 and "
            "ε = 0.033 in the paper; 50 levels with T = 10 and ε = 0.2 are a good start here, and "
            "within 10 % of the posterior of Gaussian pictures (elucidate bench posterior). 200 "
            "levels with T = 20 and ε = 0.1 are within 3 %.\n\n"
            "Use it to see how sure a restoration is: several seeds, and where they differ "
            "nothing is known. Without noise the result agrees with the measurement.\n\n"
            "It fails with few updates: what is not measured then lags behind, and comes out too "
            "smooth or too noisy. Operators without singular values cannot be served."
        ),
    ),
)
