"""Conjugate gradients for each picture of a batch by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

_TOLERANCE = 1e-10
_MOST = 2000


def conjugate_gradients(
    product: Callable[[Tensor], Tensor], y: Tensor, most: int = _MOST
) -> Tensor:
    """Return x: (B, ...) with product(x) = y, for a symmetric and semi-definite product.

    Every row has its own step lengths and stands still once its residual is below 1e-10 of y (or
    what the dtype holds), so that no row depends on another. Where the product is singular and y
    within its range, it is the shortest solution. (Hestenes & Stiefel 1952.)
    """
    import torch

    x, residual = torch.zeros_like(y), y
    direction = residual
    size = _dot(residual, residual)
    enough = size * max(_TOLERANCE, torch.finfo(y.dtype).eps) ** 2
    for _ in range(most):
        going = size > enough
        if not going.any():
            break
        image = product(direction)
        curvature = _dot(direction, image)
        going = going & (curvature > 0)
        step = torch.where(going, size / torch.where(going, curvature, 1), 0)
        x = x + step * direction
        residual = residual - step * image
        left = _dot(residual, residual)
        turn = torch.where(going, left / torch.where(going, size, 1), 0)
        direction = torch.where(going, residual + turn * direction, 0)
        size = torch.where(going, left, 0)
    return x


def _dot(a: Tensor, b: Tensor) -> Tensor:
    """Return the inner product of each row, in a shape that spreads over the rows: (B, 1, ...)."""
    rows = (a * b).reshape(len(a), -1).sum(1)
    return rows.reshape(-1, *(1,) * (a.ndim - 1))
