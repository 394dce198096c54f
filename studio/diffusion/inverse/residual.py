"""What a measurement and an estimate disagree about, for methods that follow the gradient."""

from __future__ import annotations

from math import prod, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from studio.diffusion.inverse.measurement import Measurement


def residual(given: Measurement, denoised: Tensor, rows: slice) -> Tensor:
    """Return y - H(D) for some rows of a batch: (rows, *measured); denoised: (rows, C, H, W)."""
    y = given.y if len(given.y) == 1 else given.y[rows]
    return y.to(denoised) - given.operator.apply(denoised)


def norm(x: Tensor) -> Tensor:
    """Return the norm of each picture by itself: (B,)."""
    return x.square().reshape(len(x), -1).sum(1).sqrt()


def joined(parts: Sequence[Tensor]) -> Tensor:
    """Return the rows of all parts of a batch as one tensor."""
    import torch

    return torch.cat(list(parts))


def expected(given: Measurement) -> float:
    """Return the norm that the noise of a measurement has: sigma_0 sqrt(m) for m values."""
    counted = given.operator.counted()
    count = prod(given.operator.measured) if counted is None else float(counted.sum())
    return float(given.sigma0 * sqrt(count))


def served(_given: Measurement) -> str:
    """Say nothing: a method that serves every measurement."""
    return ""
