"""The targets of networks that know only the levels of a VP chain: ε, v and x₀.

A network of any of these gives the same D, and its error is that of D times a weight. With
α² = 1 / (1 + σ²), x_t = α (y + σ n) and v = α n - α σ y (Salimans & Ho 2022, appendix D):

    x₀ = D,   ε = (x - D) / σ,   v = α ε - α σ D
    |ε - n|² = |D - y|² / σ²,   |v - v*|² = |D - y|² (1 + σ²) / σ²
"""

from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.schedules.iddpm import trained_levels
from studio.diffusion.tables import ddpm_table, scaled_linear_table
from studio.training.losses.levels import among
from studio.training.losses.spec import LossSpec
from studio.training.losses.weights import inverse_variance

if TYPE_CHECKING:
    from torch import Tensor

_KNOBS = (
    Knob(
        "betas",
        "β",
        "linear",
        choices=(
            ("linear", "Linear (DDPM)"),
            ("scaled_linear", "Scaled linear (Stable Diffusion)"),
            ("cosine", "Cosine (iDDPM)"),
        ),
        help="The chain that the model knows the levels of.",
        source="Ho et al. 2020; Rombach et al. 2022; Nichol & Dhariwal 2021",
    ),
    Knob("steps", "T", 1000, low=2, high=100_000, help="The number of steps of the chain."),
)
_LEVELS = "σ_t² = (1 - ᾱ_t) / ᾱ_t, t ~ U{1 … T}"


def of_chain(u: "Tensor", *, betas: str, steps: int) -> "Tensor":
    """Return the level of a chain at a step that is even among all of them."""
    if betas == "cosine":
        return among(trained_levels(0.001, 0.008, steps)[::-1], u)
    table = {"linear": ddpm_table, "scaled_linear": scaled_linear_table}[betas]
    return among(table(steps), u)


def plain(sigma: "Tensor", _sigma_data: float, **_knobs: object) -> "Tensor":
    """Return 1: the error of D itself."""
    return sigma * 0 + 1


def of_v(sigma: "Tensor", _sigma_data: float, **_knobs: object) -> "Tensor":
    """Return 1 + 1/σ², the signal-to-noise ratio and 1."""
    return 1 + sigma**-2


SPECS = (
    LossSpec(
        id="eps",
        label="ε target",
        family="Targets",
        source="Ho et al. 2020, Eq. 14",
        help="The error of the noise, |ε - n|²; low levels count most.",
        formula=f"λ(σ) = 1/σ²,   {_LEVELS}",
        run=inverse_variance,
        level=of_chain,
        knobs=_KNOBS,
    ),
    LossSpec(
        id="v",
        label="v target",
        family="Targets",
        source="Salimans & Ho 2022, section 4 and appendix D",
        help="The error of v = α ε - α σ x₀ with α² = 1 / (1 + σ²), which is that of ε where there "
        "is little noise and of x₀ where there is much.",
        formula=f"λ(σ) = 1 + 1/σ²,   {_LEVELS}",
        run=of_v,
        level=of_chain,
        knobs=_KNOBS,
    ),
    LossSpec(
        id="x0",
        label="x₀ target",
        family="Targets",
        source="Salimans & Ho 2022, section 4",
        help="The error of the picture, |D - y|²; high levels count most.",
        formula=f"λ(σ) = 1,   {_LEVELS}",
        run=plain,
        level=of_chain,
        knobs=_KNOBS,
    ),
)
