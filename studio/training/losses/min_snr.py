"""The min-SNR weights: EDM's levels, of which the low ones count no more than γ."""

from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.training.losses.levels import SPREAD, spread
from studio.training.losses.spec import LossSpec

if TYPE_CHECKING:
    from torch import Tensor


def weight(sigma: "Tensor", _sigma_data: float, *, gamma: float, **_knobs: object) -> "Tensor":
    """Return min(SNR, γ) for an estimate of the picture, SNR = 1/σ²."""
    return (sigma**-2).clamp(max=gamma)


SPECS = (
    LossSpec(
        id="min_snr",
        label="Min-SNR",
        family="EDM",
        source="Hang et al. 2023 (Min-SNR-γ)",
        help="The signal-to-noise ratio as weight, at most γ, so that low noise does not rule. It "
        "is the same for networks that predict x₀, ε or v, since it weighs the error of D.",
        formula="λ(σ) = min(1/σ², γ),   ln σ ~ N(P_mean, P_std²)",
        run=weight,
        level=spread,
        knobs=(
            Knob("gamma", "γ", 5.0, low=0.01, high=1e6, soft=(1, 20), help="The largest weight."),
            *SPREAD,
        ),
    ),
)
