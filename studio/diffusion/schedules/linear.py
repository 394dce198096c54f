"""The plainest schedule: even in sigma."""

from studio.diffusion.grid import Grid
from studio.diffusion.spec import Spec


def linear(grid: Grid) -> tuple[float, ...]:
    """Return levels that are evenly spaced in sigma."""
    return grid.levels(lambda ramp: (1 - ramp) * grid.sigma_max + ramp * grid.sigma_min)


SPECS = (
    Spec(
        id="linear",
        label="Linear",
        family="Geometric",
        source="Karras et al. 2022, Eq. 5 with ρ = 1",
        help="Even steps in σ: most of the work is done at high noise.",
        formula=("σᵢ = σ_max + i/(N−1) (σ_min − σ_max)"),
        run=linear,
        sigma_range=(0.002, 80.0),
    ),
)
