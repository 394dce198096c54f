"""The losses of models that know only some levels: NCSN, DDPM and iDDPM."""

from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.schedules.iddpm import trained_levels
from studio.diffusion.tables import ddpm_table
from studio.training.losses.levels import among
from studio.training.losses.paths import SIGMA_MAX, SIGMA_MIN
from studio.training.losses.spec import LossSpec
from studio.training.losses.weights import inverse_variance

if TYPE_CHECKING:
    from torch import Tensor

COSINE = (
    Knob("m", "M", 1000, low=2, high=100_000, help="The number of trained levels."),
    Knob("c_1", "C₁", 0.001, low=1e-6, high=0.9, help="Bounds the highest levels."),
    Knob("c_2", "C₂", 0.008, low=0.0, high=1.0, help="Shifts the cosine schedule."),
)
"""The knobs of the cosine schedule."""


def of_ncsn(u: "Tensor", *, count: int, sigma_min: float, sigma_max: float) -> "Tensor":
    """Return the level σ_i of a geometric sequence, i evenly among all of them."""
    ratio = sigma_max / sigma_min
    steps = (sigma_min * ratio ** (i / (count - 1)) for i in range(count))
    return among(tuple(steps), u)


def of_iddpm(u: "Tensor", *, m: int, c_1: float, c_2: float, **_others: object) -> "Tensor":
    """Return the level u_j with j evenly among the M trained ones."""
    return among(trained_levels(c_1, c_2, m)[::-1], u)


def of_ddpm(u: "Tensor", *, steps: int) -> "Tensor":
    """Return the level of DDPM's linear betas at a step that is even among all of them."""
    return among(ddpm_table(steps), u)


SPECS = (
    LossSpec(
        id="ncsn",
        label="NCSN",
        family="Discrete levels",
        source="Song & Ermon 2019, Eq. 6; Song & Ermon 2020 for the number of levels",
        help="Even among levels that fall by one factor. The score is matched with weight σ², "
        "which is the error of D over σ². The levels of the paper are for pixels from 0 to 1; "
        "here, where they go from -1 to 1, they are twice as high.",
        formula="λ(σ) = 1/σ²,   σ_i = σ_min (σ_max / σ_min)^(i / (L - 1)),   i ~ U{0 … L-1}",
        run=inverse_variance,
        level=of_ncsn,
        knobs=(
            Knob("count", "L", 232, low=2, high=100_000, help="The number of levels."),
            SIGMA_MIN,
            SIGMA_MAX,
        ),
    ),
    LossSpec(
        id="ddpm",
        label="DDPM simple",
        family="Discrete levels",
        source="Ho et al. 2020, Eq. 14",
        help="|ε - ε_θ|² over steps with linear betas: denoising with weight 1/σ².",
        formula="λ(σ) = 1/σ²,   σ_t² = (1 - ᾱ_t) / ᾱ_t, t ~ U{1 … T}",
        run=inverse_variance,
        level=of_ddpm,
        knobs=(Knob("steps", "T", 1000, low=2, high=100_000, help="The number of steps."),),
    ),
    LossSpec(
        id="iddpm",
        label="iDDPM",
        family="Discrete levels",
        source="Nichol & Dhariwal 2021; Karras et al. 2022, Table 1",
        help="Even among the levels of the cosine schedule; the network predicts the noise.",
        formula="λ(σ) = 1/σ²,   σ = u_j, j ~ U{0 … M-1}",
        run=inverse_variance,
        level=of_iddpm,
        knobs=COSINE,
    ),
)
