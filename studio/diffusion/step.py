"""A step that a sampler has taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """Record one step, from `sigma` to `sigma_next`; the state is in EDM coordinates.

    `index` counts from 0; `total` is None while an adaptive solver cannot know it. `x`: (B, ...),
    the state after the step; `denoised`: (B, ...), the estimate of the clean pictures that the step
    used, where it began. `nfe` counts denoiser evaluations since the start of the run. `error`:
    (B,), the local error of each picture as a root mean square, on the device, or None where the
    solver has none. `carry` holds whatever else the solver needs to go on from here: tensors
    and floats.
    """

    index: int
    total: int | None
    sigma: float
    sigma_next: float
    x: Tensor
    denoised: Tensor
    nfe: int
    error: Tensor | None = None
    carry: Mapping[str, Any] = field(default_factory=dict)


def rms(difference: Tensor) -> Tensor:
    """Return the root mean square of each picture of a difference: (B, ...), shape (B,)."""
    return difference.square().reshape(len(difference), -1).mean(1).sqrt()
