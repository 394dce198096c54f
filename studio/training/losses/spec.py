"""What a loss says of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from torch import Tensor

SPECS = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LossSpec(Spec):
    """Describe a denoising loss E[λ(σ) |D(y + σ n; σ) - y|²] (Karras et al. 2022, Eq. 2 and 8).

    `run(sigma, sigma_data, **knobs)` returns the weight λ(σ), `level(u, **knobs)` the level σ that
    a share u of all levels lies below: tensors (B,) of which u is uniform in (0, 1).
    """

    level: "Callable[..., Tensor]"
