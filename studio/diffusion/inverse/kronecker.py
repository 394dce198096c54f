"""Operators that work along channels, rows and columns by a matrix each."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from studio.diffusion.inverse.factor import NOTHING, Factor, factor
from studio.diffusion.inverse.operator import SpectralOperator
from studio.diffusion.inverse.svd import Svd

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from numpy.typing import NDArray
    from torch import Tensor


class _KroneckerSvd(Svd):
    """Stand for a Kronecker product: singular values are products, in the order of the axes.

    The coordinates are those of a tensor (C, H, W), flattened; so are the products of the factors'
    values, and the two can never be out of step.
    """

    def __init__(
        self, factors: tuple[Factor | None, ...], shape: Sequence[int], cutoff: float
    ) -> None:
        super().__init__()
        self._factors, self._cutoff = factors, cutoff
        self._shape = tuple(shape)
        self._matrices: dict[tuple[str, int, torch.dtype, torch.device], Tensor] = {}

    @cached_property
    def singulars(self) -> Tensor:
        import torch

        values = np.ones(())
        for part, size in zip(self._factors, self._shape, strict=True):
            values = np.multiply.outer(values, np.ones(size) if part is None else part.s)
        values[values <= max(self._cutoff, NOTHING) * values.max()] = 0
        return torch.from_numpy(values.ravel())

    def vt(self, x: Tensor) -> Tensor:
        return self._along("vt", x, transposed=False).flatten(1)

    def v(self, spectral: Tensor) -> Tensor:
        return self._along("vt", spectral.reshape(-1, *self._shape), transposed=True)

    def ut(self, y: Tensor) -> Tensor:
        return self._kept(self._along("u", y, transposed=True).flatten(1))

    def u(self, spectral: Tensor) -> Tensor:
        spectral = self._kept(spectral)
        return self._along("u", spectral.reshape(-1, *self._shape), transposed=False)

    def _kept(self, spectral: Tensor) -> Tensor:
        """Return the coordinates without those of products that are too small to count."""
        return spectral * (self.like(spectral) > 0)

    def _along(self, name: str, x: Tensor, *, transposed: bool) -> Tensor:
        for axis, part in enumerate(self._factors, 1):
            if part is not None:
                matrix = self._matrix(name, axis, x)
                x = _multiplied(matrix.mT if transposed else matrix, x, axis)
        return x

    def _matrix(self, name: str, axis: int, x: Tensor) -> Tensor:
        import torch

        key = (name, axis, x.dtype, x.device)
        if key not in self._matrices:
            matrix = torch.from_numpy(getattr(self._factors[axis - 1], name))
            self._matrices[key] = matrix.to(dtype=x.dtype, device=x.device)
        return self._matrices[key]


def _multiplied(matrix: Tensor, x: Tensor, axis: int) -> Tensor:
    """Return x: (B, C, H, W) with a matrix applied along one of its axes, 1 to 3."""
    if axis == 3:
        return x @ matrix.mT
    if axis == 2:
        return matrix @ x
    return (matrix @ x.flatten(2)).reshape(len(x), -1, *x.shape[2:])


class Kronecker(SpectralOperator):
    """Apply a matrix along the channels, one along the rows and one along the columns.

    channels: (c, C), rows: (h, H) acts on the height and columns: (w, W) on the width; None leaves
    an axis as it is. y: (B, c, h, w). It costs a product of small matrices, and its decomposition
    three small ones. Singular values below
    `cutoff` of the largest count as 0.
    """

    def __init__(
        self,
        shape: Sequence[int],
        channels: NDArray[np.float64] | None = None,
        rows: NDArray[np.float64] | None = None,
        columns: NDArray[np.float64] | None = None,
        cutoff: float = 0.0,
    ) -> None:
        self.cutoff = cutoff
        self.matrices = (channels, rows, columns)
        sizes = [
            size if matrix is None else len(matrix)
            for matrix, size in zip(self.matrices, shape, strict=True)
        ]
        super().__init__(shape, sizes)

    @property
    def plain(self) -> bool:
        """Tell whether pictures are measured as they are."""
        return all(matrix is None for matrix in self.matrices)

    @cached_property
    def svd(self) -> Svd:
        """Return the decomposition, made of one for each axis."""
        parts = (None if matrix is None else factor(matrix) for matrix in self.matrices)
        return _KroneckerSvd(tuple(parts), self.shape, self.cutoff)
