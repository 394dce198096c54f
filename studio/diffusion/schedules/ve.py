"""The discretisation of variance-exploding diffusion."""

from studio.diffusion.grid import Grid
from studio.diffusion.paths import VE
from studio.diffusion.spec import Spec


def ve(grid: Grid) -> tuple[float, ...]:
    """Return sqrt(t) at times in geometric progression (Karras et al. 2022, Table 1)."""
    start, end = VE.time(grid.sigma_max), VE.time(grid.sigma_min)
    return grid.levels(lambda ramp: VE.sigma(start * (end / start) ** ramp))


SPECS = (
    Spec(
        id="ve",
        label="VE",
        family="Table 1",
        source="Song et al. 2021; Karras et al. 2022, Table 1",
        help="Geometric steps of the variance, as in variance-exploding diffusion (NCSN++).",
        formula=("σᵢ² = σ_max² (σ_min² / σ_max²)^(i/(N−1))"),
        run=ve,
        sigma_range=(0.02, 100.0),
    ),
)
