"""Schedules that the person draws: a list of levels, or two numbers."""

from math import exp, log

from studio.diffusion.grid import Grid
from studio.diffusion.knob import Knob
from studio.diffusion.levels import parse_levels, stretched
from studio.diffusion.spec import Spec


def custom(grid: Grid, *, levels: str) -> tuple[float, ...]:
    """Return the given levels, or as many others as there are steps, spaced like them."""
    return stretched(parse_levels(levels), grid.steps, grid.sigma_min, grid.sigma_max)


def custom_range(*, levels: str) -> tuple[float, float]:
    """Return the ends of the list."""
    parsed = parse_levels(levels)
    return parsed[-1], parsed[0]


def shape(grid: Grid, *, density_top: float, density_end: float) -> tuple[float, ...]:
    """Return ln sigma along a rational quadratic of the two densities.

    Its slopes at the top and at the end are the inverse densities, and it rises from 0 to 1
    whatever they are (Gregory & Delbourgo 1982, Eq. 4).
    """
    first, last = 1 / density_top, 1 / density_end
    top, span = log(grid.sigma_max), log(grid.sigma_min) - log(grid.sigma_max)

    def fall(ramp: float) -> float:
        bend = ramp * (1 - ramp)
        return (ramp * ramp + first * bend) / (1 + (first + last - 2) * bend)

    return grid.levels(lambda ramp: exp(top + span * fall(ramp)))


def _density(id: str, label: str, where: str) -> Knob:
    return Knob(
        id,
        label,
        1.0,
        low=0.05,
        high=20.0,
        soft=(0.2, 5.0),
        log=True,
        help=f"How dense the steps are at {where} noise; 1 and 1 are the exponential schedule.",
        formula=(
            "y(r) = (r² + s₀ r(1−r)) / (1 + (s₀ + s₁ − 2) r(1−r)),   r = i/(N−1)\n"
            "ln σᵢ = ln σ_max + y (ln σ_min − ln σ_max),   s = 1 / density"
        ),
        source=("Gregory & Delbourgo 1982, Eq. 4"),
    )


SPECS = (
    Spec(
        id="custom",
        label="Custom",
        family="Your own",
        source="Your own list",
        help="The noise levels that you write; for another number of steps they are spaced alike.",
        run=custom,
        knobs=(
            Knob(
                "levels",
                "Levels",
                "80 40 20 10 5 2 1 0.5 0.2 0.1 0.05 0.02 0.01 0.002",
                parse=parse_levels,
                unit="σ",
                help="Falling noise levels with spaces or commas between them; the last 0 may be "
                "left out.",
                source=("Your own list"),
            ),
        ),
        sigma_range=(0.002, 80.0),
        range_of=custom_range,
    ),
    Spec(
        id="shape",
        label="Shape",
        family="Your own",
        source="Gregory & Delbourgo 1982, Eq. 4, in ln σ",
        help="Two numbers to drag: how dense the steps are at high noise and at low noise.",
        formula=(
            "y(r) = (r² + s₀ r(1−r)) / (1 + (s₀ + s₁ − 2) r(1−r)),   s = 1 / density\n"
            "ln σᵢ = ln σ_max + y(i/(N−1)) (ln σ_min − ln σ_max)"
        ),
        run=shape,
        knobs=(
            _density("density_top", "At high σ", "high"),
            _density("density_end", "At low σ", "low"),
        ),
        sigma_range=(0.002, 80.0),
    ),
)
