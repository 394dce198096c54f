"""Operators that work along channels, rows and columns by a matrix each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from studio.diffusion.inverse.operator import SpectralOperator
from studio.diffusion.inverse.svd import Svd

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from numpy.typing import NDArray
    from torch import Tensor

_KEPT = 64
_NOTHING = 1e-12
"""Below this share of the largest, a singular value is rounding and counts as 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """Decompose a matrix (m, n) along one axis: u (m, n), s (n,) and vt (n, n).

    Columns of `u` whose singular value is 0 are 0.
    """

    u: NDArray[np.float64]
    s: NDArray[np.float64]
    vt: NDArray[np.float64]


_factors: dict[bytes, Factor] = {}


def factor(matrix: NDArray[np.float64]) -> Factor:
    """Return the decomposition of a matrix (m, n); the latest 64 are kept."""
    key = sha256(matrix.tobytes()).digest() + repr(matrix.shape).encode()
    if key not in _factors:
        while len(_factors) >= _KEPT:
            _factors.pop(next(iter(_factors)), None)
        _factors[key] = _decomposed(matrix)
    return _factors[key]


def _decomposed(matrix: NDArray[np.float64]) -> Factor:
    rows, columns = matrix.shape
    left, values, vt = np.linalg.svd(matrix, full_matrices=rows < columns)
    rank = int((values > _NOTHING * values.max(initial=0)).sum())
    u, s = np.zeros((rows, columns)), np.zeros(columns)
    u[:, :rank], s[:rank] = left[:, :rank], values[:rank]
    return Factor(u, s, vt)


class _KroneckerSvd(Svd):
    """Stand for a Kronecker product: singular values are products, in the order of the axes.

    The coordinates are those of a tensor (C, H, W), flattened; so are the products of the factors'
    values, and the two can never be out of step.
    """

    def __init__(self, factors: tuple[Factor | None, ...], shape: Sequence[int]) -> None:
        super().__init__()
        self._factors = factors
        self._shape = tuple(shape)
        self._matrices: dict[tuple[str, int, torch.dtype, torch.device], Tensor] = {}

    @cached_property
    def singulars(self) -> Tensor:
        import torch

        values = np.ones(())
        for part, size in zip(self._factors, self._shape, strict=True):
            values = np.multiply.outer(values, np.ones(size) if part is None else part.s)
        return torch.from_numpy(values.ravel())

    def vt(self, x: Tensor) -> Tensor:
        return self._along("vt", x, transposed=False).flatten(1)

    def v(self, spectral: Tensor) -> Tensor:
        return self._along("vt", spectral.reshape(-1, *self._shape), transposed=True)

    def ut(self, y: Tensor) -> Tensor:
        return self._along("u", y, transposed=True).flatten(1)

    def u(self, spectral: Tensor) -> Tensor:
        return self._along("u", spectral.reshape(-1, *self._shape), transposed=False)

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
    three small ones.
    """

    def __init__(
        self,
        shape: Sequence[int],
        channels: NDArray[np.float64] | None = None,
        rows: NDArray[np.float64] | None = None,
        columns: NDArray[np.float64] | None = None,
    ) -> None:
        self.matrices = (channels, rows, columns)
        sizes = [
            size if matrix is None else len(matrix)
            for matrix, size in zip(self.matrices, shape, strict=True)
        ]
        super().__init__(shape, sizes)

    @cached_property
    def svd(self) -> Svd:
        """Return the decomposition, made of one for each axis."""
        parts = (None if matrix is None else factor(matrix) for matrix in self.matrices)
        return _KroneckerSvd(tuple(parts), self.shape)
