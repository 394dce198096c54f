"""The discretisation of improved DDPM: some of the levels that the model was trained on."""

from functools import lru_cache
from math import pi, sin, sqrt

from studio.diffusion.grid import Grid
from studio.diffusion.knob import Knob, KnobError
from studio.diffusion.spec import Spec


@lru_cache(maxsize=8)
def trained_levels(c_1: float, c_2: float, m: int) -> tuple[float, ...]:
    """Return u_0 > u_1 > ... > u_{M-1}, the levels of a cosine-schedule model of `m` steps.

    u_{j-1} = sqrt((u_j^2 + 1) / max(abar_{j-1} / abar_j, C_1) - 1) from u_M = 0, with
    abar_j = sin^2(pi j / (2 M (C_2 + 1))) (Nichol & Dhariwal 2021; Karras et al. 2022, Table 1).
    """
    unit = pi / (2 * m * (c_2 + 1))
    u, levels = 0.0, []
    for j in range(m, 0, -1):
        # 1 - abar_{j-1}/abar_j by the product of sines: the difference would lose five digits.
        fall = sin(unit) * sin((2 * j - 1) * unit) / sin(j * unit) ** 2
        fall = min(fall, 1 - c_1)
        u = sqrt((u * u + fall) / (1 - fall))
        levels.append(u)
    return tuple(reversed(levels))


def iddpm(grid: Grid, *, c_1: float, c_2: float, m: int) -> tuple[float, ...]:
    """Return evenly chosen trained levels within the range; all of them where there are too few.

    Raises:
        KnobError: no trained level lies in the range.
    """
    u = trained_levels(c_1, c_2, m)
    inside = [level for level in u if grid.sigma_min <= level <= grid.sigma_max]
    if not inside:
        raise KnobError(
            f"No trained level lies between sigma_min {grid.sigma_min:g} and sigma_max "
            f"{grid.sigma_max:g}; they reach from {u[-1]:g} to {u[0]:g}."
        )
    stride = (len(inside) - 1) / (grid.steps - 1)
    return tuple(dict.fromkeys(inside[round(i * stride)] for i in range(grid.steps)))


SPECS = (
    Spec(
        id="iddpm",
        label="iDDPM",
        family="Table 1",
        source="Nichol & Dhariwal 2021; Karras et al. 2022, Table 1",
        help="Levels of the cosine schedule on which improved DDPM models were trained.",
        formula=(
            "u_j₋₁ = √((u_j² + 1) / max(ᾱ_j₋₁ / ᾱ_j, C₁) − 1),   ᾱ_j = sin²(½ π j / (M (C₂ + 1)))"
        ),
        run=iddpm,
        knobs=(
            Knob(
                "c_1",
                "C₁",
                0.001,
                low=1e-6,
                high=0.9,
                soft=(1e-4, 0.1),
                log=True,
                help="Limits how fast the noise may grow in one trained step, which bounds the "
                "highest levels (Karras et al. 2022, Table 1).",
                formula=("u_M = 0,   u_j₋₁ = √((u_j² + 1) / max(ᾱ_j₋₁ / ᾱ_j, C₁) − 1)"),
                source=("Karras et al. 2022, Table 1"),
            ),
            Knob(
                "c_2",
                "C₂",
                0.008,
                low=0.0,
                high=1.0,
                soft=(0.0, 0.05),
                step=0.001,
                help="Shifts the cosine schedule, which keeps the lowest levels from being too "
                "close to 0 (Nichol & Dhariwal 2021).",
                formula=("ᾱ_j = sin²(½ π j / (M (C₂ + 1)))"),
                source=("Nichol & Dhariwal 2021, Eq. 17; Karras et al. 2022, Table 1"),
            ),
            Knob(
                "m",
                "M",
                1000,
                low=2,
                high=100_000,
                soft=(100, 4000),
                step=100,
                help="The number of steps the model was trained with (Nichol & Dhariwal 2021).",
                formula=("ᾱ_j = sin²(½ π j / (M (C₂ + 1))),   j = 0 … M"),
                source=("Nichol & Dhariwal 2021, Eq. 17; Karras et al. 2022, Table 1"),
            ),
        ),
        sigma_range=(0.002, 81.0),
    ),
)
