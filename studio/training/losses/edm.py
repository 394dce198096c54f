"""The loss of EDM: levels from a log-normal, weights that make every level count the same."""

from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.training.losses.spec import LossSpec

if TYPE_CHECKING:
    from torch import Tensor

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


def lognormal(u: "Tensor", *, p_mean: float, p_std: float, **_others: float) -> "Tensor":
    """Return the level below which a share u: (B,) of exp(N(p_mean, p_std²)) lies."""
    import torch

    normal: Tensor = torch.special.ndtri(u)
    return (p_mean + p_std * normal).exp()


def weight(sigma: "Tensor", sigma_data: float, **_knobs: float) -> "Tensor":
    """Return (σ² + σ_data²) / (σ σ_data)² = 1 / c_out²."""
    return (sigma**2 + sigma_data**2) / (sigma * sigma_data) ** 2


SPECS = (
    LossSpec(
        id="edm",
        label="EDM",
        family="Karras et al.",
        source="Karras et al. 2022, Table 1",
        help="ln σ from a normal distribution, weights that make every level count the same.",
        formula="λ(σ) = (σ² + σ_data²) / (σ σ_data)²,   ln σ ~ N(P_mean, P_std²)",
        run=weight,
        level=lognormal,
        knobs=(P_MEAN, P_STD),
    ),
)
