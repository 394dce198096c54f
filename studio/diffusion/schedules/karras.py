"""The discretisation of EDM."""

from studio.diffusion.grid import Grid
from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec


def karras(grid: Grid, *, rho: float) -> tuple[float, ...]:
    """Return levels that are evenly spaced in sigma^(1/rho) (Karras et al. 2022, Eq. 5)."""
    top, bottom = grid.sigma_max ** (1 / rho), grid.sigma_min ** (1 / rho)
    return grid.levels(lambda ramp: (top + ramp * (bottom - top)) ** rho)


SPECS = (
    Spec(
        id="karras",
        label="Karras",
        family="Table 1",
        source="Karras et al. 2022, Eq. 5",
        help="Even steps in σ^(1/ρ): short steps at low noise, where the errors are made.",
        formula=("σᵢ = (σ_max^(1/ρ) + i/(N−1) (σ_min^(1/ρ) − σ_max^(1/ρ)))^ρ"),
        run=karras,
        knobs=(
            Knob(
                "rho",
                "ρ",
                7.0,
                low=0.1,
                high=100.0,
                soft=(1.0, 12.0),
                step=0.5,
                help="How much the steps crowd towards low noise: 1 spaces σ evenly, 3 evens out "
                "the error of each step, 7 gives the best pictures (Karras et al. 2022, App. D.1).",
                formula=("σᵢ = (σ_max^(1/ρ) + i/(N−1) (σ_min^(1/ρ) − σ_max^(1/ρ)))^ρ"),
                source=("Karras et al. 2022, Eq. 5"),
            ),
        ),
        sigma_range=(0.002, 80.0),
    ),
)
