"""What a loss says of itself, and what it sees."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from torch import Tensor

SPECS = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Hold what a loss sees of a batch.

    clean: y, noisy: x = y + σ n, both (B, C, H, W); sigma: (B,). `denoise(x)` is D(x; σ) at these
    levels and labels; `with_variance(x)` returns D and the v of a network that has one.
    """

    clean: "Tensor"
    noisy: "Tensor"
    sigma: "Tensor"
    denoise: "Callable[[Tensor], Tensor]"
    with_variance: "Callable[[Tensor], tuple[Tensor, Tensor]]"


def mean_square(values: "Tensor") -> "Tensor":
    """Return the mean of squares over channels and pixels: (B,) of values: (B, ...)."""
    return values.square().flatten(1).mean(dim=1)


def denoising(seen: Seen, weight: "Tensor", **_knobs: Any) -> "Tensor":
    """Return λ(σ) |D(x; σ) - y|², (B,) (Karras et al. 2022, Eq. 2 and 8)."""
    return weight * mean_square(seen.denoise(seen.noisy) - seen.clean)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossSpec(Spec):
    """Describe a loss of a denoiser.

    `run(sigma, sigma_data, **knobs)` returns the weight λ(σ), `level(u, **knobs)` the level σ that
    a share u of all levels lies below: tensors (B,) of which u is uniform in (0, 1).
    `loss(seen, weight, **knobs)` returns the loss of every sample, (B,): the weighted denoising
    loss, or another of the same minimiser.

    `outputs` is how many channels the network has for one of the picture. `planar` tells
    that the loss is for points in the plane, `pictorial` that it is for pictures.
    """

    level: "Callable[..., Tensor]"
    loss: "Callable[..., Tensor]" = denoising
    outputs: int = 1
    planar: bool = True
    pictorial: bool = True
