"""The decomposition of any small operator, by writing its matrix down."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

from studio.diffusion.inverse.factor import factor
from studio.diffusion.inverse.svd import Svd

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import torch
    from numpy.typing import NDArray
    from torch import Tensor

    from studio.diffusion.inverse.factor import Factor
    from studio.diffusion.inverse.operator import Operator

_MOST = 1600
"""Columns of the largest matrix that is written down by trying every column."""
_CUTOFF = 1e-9


class DenseSvd(Svd):
    """Decompose a matrix (m, n / groups) that acts on each of `groups` parts of x by itself.

    The parts are the channels, or there is one of all of them. `matrix()` is asked when the first
    product is wanted: a decomposition of 1,000 columns takes half a second, one of 4,000 half a
    minute.
    """

    def __init__(
        self,
        matrix: Callable[[], NDArray[np.float64]],
        groups: int,
        shape: Sequence[int],
        measured: Sequence[int],
    ) -> None:
        super().__init__()
        self._matrix = matrix
        self._groups = groups
        self._shape, self._measured = tuple(shape), tuple(measured)
        self._sides: dict[tuple[str, torch.dtype, torch.device], Tensor] = {}

    @cached_property
    def _factor(self) -> Factor:
        return factor(self._matrix(), _CUTOFF)

    @cached_property
    def singulars(self) -> Tensor:
        """Return the singular values: (n,), those of one part repeated."""
        import torch

        return torch.from_numpy(self._factor.s).repeat(self._groups)

    def vt(self, x: Tensor) -> Tensor:
        """Return Vᵀx: (B, n)."""
        return (self._parts(x) @ self._side("vt", x).mT).flatten(1)

    def v(self, spectral: Tensor) -> Tensor:
        """Return V·spectral: (B, C, H, W)."""
        x = self._parts(spectral) @ self._side("vt", spectral)
        return x.reshape(-1, *self._shape)

    def ut(self, y: Tensor) -> Tensor:
        """Return Uᵀy: (B, n)."""
        return (self._parts(y) @ self._side("u", y)).flatten(1)

    def u(self, spectral: Tensor) -> Tensor:
        """Return U·spectral: (B, *measured)."""
        y = self._parts(spectral) @ self._side("u", spectral).mT
        return y.reshape(-1, *self._measured)

    def _parts(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), self._groups, -1)

    def _side(self, name: str, x: Tensor) -> Tensor:
        import torch

        key = (name, x.dtype, x.device)
        if key not in self._sides:
            side = torch.from_numpy(getattr(self._factor, name))
            self._sides[key] = side.to(dtype=x.dtype, device=x.device)
        return self._sides[key]


def tried(operator: Operator) -> DenseSvd | None:
    """Return the decomposition of a linear operator from what it makes of every unit picture.

    One channel is enough where it does the same to each and mixes none. None where there are more
    than 1,600 columns.
    """
    channels, height, width = operator.shape
    groups = channels if _same_for_channels(operator) else 1
    columns = channels * height * width // groups
    if columns > _MOST:
        return None

    def matrix() -> NDArray[np.float64]:
        import torch

        units = torch.zeros(columns, channels * height * width, dtype=torch.float64)
        units[:, :columns] = torch.eye(columns, dtype=torch.float64)
        images = operator.apply(units.reshape(-1, *operator.shape))
        rows: NDArray[np.float64] = images.reshape(columns, groups, -1)[:, 0].T.contiguous().numpy()
        return rows

    return DenseSvd(matrix, groups, operator.shape, operator.measured)


def _same_for_channels(operator: Operator) -> bool:
    """Tell by one picture whether channels are measured apart and all in the same way."""
    import torch

    channels, height, width = operator.shape
    if math.prod(operator.measured) % channels:
        return False
    source = torch.Generator().manual_seed(0)
    one = torch.randn((height, width), generator=source, dtype=torch.float64)
    alone = torch.eye(channels, dtype=torch.float64)[..., None, None] * one
    found = operator.apply(alone).reshape(channels, channels, -1)
    same = torch.eye(channels, dtype=torch.float64)[..., None] * found[0, 0]
    return bool(torch.allclose(found, same, rtol=0, atol=1e-12))
