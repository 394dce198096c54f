"""How noise levels are drawn: from a share u of all levels to σ."""

from math import sqrt
from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob

if TYPE_CHECKING:
    from torch import Tensor

SPECS = ()

LN_SIGMA = Knob(
    "ln_sigma",
    "ln σ",
    "normal",
    choices=(("normal", "Normal"), ("uniform", "Uniform")),
    help="How ln σ is drawn: from a normal distribution, as in EDM, or evenly from an interval of "
    "the same mean and standard deviation.",
    formula="ln σ ~ N(P_mean, P_std²)   or   ln σ ~ U(P_mean - √3 P_std, P_mean + √3 P_std)",
    source="Karras et al. 2022, Table 1",
)
P_MEAN = Knob(
    "p_mean",
    "P_mean",
    -1.2,
    low=-10,
    high=10,
    soft=(-3, 3),
    help="Mean of ln σ in training; higher spends more on composition, lower on details.",
    source="Karras et al. 2022, Table 1",
)
P_STD = Knob(
    "p_std",
    "P_std",
    1.2,
    low=0.01,
    high=10,
    soft=(0.5, 2.5),
    help="Standard deviation of ln σ in training.",
    source="Karras et al. 2022, Table 1",
)
SPREAD = (LN_SIGMA, P_MEAN, P_STD)
"""The knobs of `spread`."""


def spread(
    u: "Tensor", *, ln_sigma: str, p_mean: float, p_std: float, **_others: object
) -> "Tensor":
    """Return the level below which a share u: (B,) lies where ln σ is normal or uniform."""
    import torch

    if ln_sigma == "uniform":
        return (p_mean + p_std * sqrt(3) * (2 * u - 1)).exp()
    normal: Tensor = torch.special.ndtri(u)
    return (p_mean + p_std * normal).exp()


def geometric(u: "Tensor", *, sigma_min: float, sigma_max: float) -> "Tensor":
    """Return σ_min (σ_max / σ_min)^u."""
    return sigma_min * (sigma_max / sigma_min) ** u


def among(levels: tuple[float, ...], u: "Tensor") -> "Tensor":
    """Return a share's place among levels, each of which is as likely as another."""
    index = (u * len(levels)).long().clamp(max=len(levels) - 1)
    return u.new_tensor(levels)[index]
