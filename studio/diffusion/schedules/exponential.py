"""Geometric schedules: even in ln sigma, or in a power of it."""

import math

from studio.diffusion.grid import Grid
from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec


def exponential(grid: Grid) -> tuple[float, ...]:
    """Return levels that are evenly spaced in ln sigma (k-diffusion, get_sigmas_exponential)."""
    return polyexponential(grid, rho=1.0)


def polyexponential(grid: Grid, *, rho: float) -> tuple[float, ...]:
    """Return levels with ln(sigma/sigma_min) = (1 - ramp)^rho ln(sigma_max/sigma_min).

    From k-diffusion, get_sigmas_polyexponential.
    """
    low, span = math.log(grid.sigma_min), math.log(grid.sigma_max / grid.sigma_min)
    return grid.levels(lambda ramp: math.exp(low + (1 - ramp) ** rho * span))


SPECS = (
    Spec(
        id="exponential",
        label="Exponential",
        family="Geometric",
        source="k-diffusion, get_sigmas_exponential",
        help="Even steps in ln σ: every step divides the noise by the same factor.",
        formula=("ln σᵢ = ln σ_max + i/(N−1) (ln σ_min − ln σ_max)"),
        run=exponential,
        sigma_range=(0.002, 80.0),
    ),
    Spec(
        id="polyexponential",
        label="Polyexponential",
        family="Geometric",
        source="k-diffusion, get_sigmas_polyexponential",
        help="Even steps in a power of ln σ; 1 is the exponential schedule.",
        formula=("ln(σᵢ / σ_min) = (1 − i/(N−1))^ρ ln(σ_max / σ_min)"),
        run=polyexponential,
        knobs=(
            Knob(
                "rho",
                "ρ",
                1.0,
                low=0.1,
                high=5.0,
                soft=(0.5, 2.0),
                step=0.1,
                help="The power: above 1 the steps crowd towards low noise, below 1 towards high "
                "noise (k-diffusion).",
                formula=("ln(σᵢ / σ_min) = (1 − i/(N−1))^ρ ln(σ_max / σ_min)"),
                source=("k-diffusion, get_sigmas_polyexponential"),
            ),
        ),
        sigma_range=(0.002, 80.0),
    ),
)
