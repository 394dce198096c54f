"""The weights λ(σ) of the squared error of the denoiser."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

SPECS = ()


def of_edm(sigma: "Tensor", sigma_data: float, **_knobs: object) -> "Tensor":
    """Return (σ² + σ_data²) / (σ σ_data)² = 1 / c_out²."""
    return (sigma**2 + sigma_data**2) / (sigma * sigma_data) ** 2


def inverse_variance(sigma: "Tensor", _sigma_data: float, **_knobs: object) -> "Tensor":
    """Return 1/σ², that of predicting the noise: with ε = (x - D) / σ, |D - y|²/σ² = |ε - n|².

    It is also σ² |s - ∇ ln p(x | y)|² with the score s = (D - x) / σ².
    """
    return sigma**-2
