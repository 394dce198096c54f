"""Schedules that were published for themselves: KL optimal, Laplace, Align Your Steps."""

from math import atan, exp, log, tan

from studio.diffusion.grid import Grid
from studio.diffusion.knob import Knob
from studio.diffusion.levels import stretched
from studio.diffusion.spec import Spec

ALIGNED = {
    "sd1": (14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029),
    "sdxl": (14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029),
}
"""The ten steps of Align Your Steps; the last value stands for 0 (Sabour et al. 2024)."""


def kl_optimal(grid: Grid) -> tuple[float, ...]:
    """Return levels that are even in arctan sigma (Sabour et al. 2024, Theorem 3.1)."""
    start, end = atan(grid.sigma_max), atan(grid.sigma_min)
    return grid.levels(lambda ramp: tan(start + ramp * (end - start)))


def laplace(grid: Grid, *, mu: float, b: float) -> tuple[float, ...]:
    """Return quantiles of a Laplace distribution of ln sigma, within the range of the grid.

    sigma = exp(mu - b sgn(1/2 - x) ln(1 - 2 abs(1/2 - x))) (Hang et al. 2024, Table 1).
    """

    def level(x: float) -> float:
        sign = 1 if x < 0.5 else -1
        log_sigma = mu - b * sign * log(1 - 2 * abs(0.5 - x))
        return exp(min(max(log_sigma, log(grid.sigma_min)), log(grid.sigma_max)))

    inner = (
        x for x in dict.fromkeys(level(i / (grid.steps - 1)) for i in range(1, grid.steps - 1))
    )
    within = (x for x in inner if grid.sigma_min < x < grid.sigma_max)
    return (grid.sigma_max, *within, grid.sigma_min)


def align_your_steps(grid: Grid, *, which: str) -> tuple[float, ...]:
    """Return the published levels, or others that are spaced like them in ln sigma."""
    levels = ALIGNED[which]
    bottom = grid.sigma_min * levels[-1] / levels[-2]
    return stretched(levels, grid.steps + 1, bottom, grid.sigma_max)[:-1]


SPECS = (
    Spec(
        id="ays",
        label="Align Your Steps",
        family="Published",
        source="Sabour et al. 2024 (Align Your Steps)",
        help="Levels that were fitted to Stable Diffusion with ten steps; other counts and ranges "
        "are spaced like them.",
        run=align_your_steps,
        knobs=(
            Knob(
                "which",
                "Fitted to",
                "sd1",
                choices=(("sd1", "Stable Diffusion 1.5"), ("sdxl", "Stable Diffusion XL")),
                help="The model that the levels were fitted to (Sabour et al. 2024).",
                source=("Sabour et al. 2024 (Align Your Steps), appendix"),
            ),
        ),
        sigma_range=(0.152, 14.615),
        range_of=lambda which: (ALIGNED[which][-2], ALIGNED[which][0]),
    ),
    Spec(
        id="kl_optimal",
        label="KL optimal",
        family="Published",
        source="Sabour et al. 2024 (Align Your Steps), Theorem 3.1",
        help="Even steps in arctan σ, the best for data of one Gaussian of std 1.",
        formula=("arctan σᵢ = arctan σ_max + i/(N−1) (arctan σ_min − arctan σ_max)"),
        run=kl_optimal,
        sigma_range=(0.002, 80.0),
    ),
    Spec(
        id="laplace",
        label="Laplace",
        family="Published",
        source="Hang et al. 2024 (Improved noise schedule), Table 1",
        help="Most steps around one noise level, ever fewer away from it.",
        formula=("σ(x) = exp(μ − b sgn(½ − x) ln(1 − 2 |½ − x|)),   x = i/(N−1)"),
        run=laplace,
        knobs=(
            Knob(
                "mu",
                "μ",
                0.0,
                low=-20.0,
                high=20.0,
                soft=(-4.0, 4.0),
                step=0.1,
                unit="ln σ",
                help="Where most of the steps are (Hang et al. 2024).",
                formula=("σ(x) = exp(μ − b sgn(½ − x) ln(1 − 2 |½ − x|))"),
                source=("Hang et al. 2024 (Improved noise schedule), Table 1"),
            ),
            Knob(
                "b",
                "b",
                0.5,
                low=0.01,
                high=20.0,
                soft=(0.1, 2.0),
                step=0.05,
                help="How wide the steps are spread around it (Hang et al. 2024).",
                formula=("σ(x) = exp(μ − b sgn(½ − x) ln(1 − 2 |½ − x|))"),
                source=("Hang et al. 2024 (Improved noise schedule), Table 1"),
            ),
        ),
        sigma_range=(0.002, 80.0),
    ),
)
