"""The sparse matrix by which parallel rays cross a picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from torch import Tensor

_NEAR = (-1, 0, 1)
"""A pixel's shadow, at most √2 wide, lies on the detector under it and its two neighbours."""


def diagonal(height: int, width: int) -> int:
    """Return how many detectors of one pixel see the whole picture from any side."""
    return math.ceil(math.hypot(height, width))


def radon_matrix(height: int, width: int, angles: NDArray[np.float64], detectors: int) -> Any:
    """Return a matrix of SciPy in CSR form, (angles · detectors, height · width).

    angles: of the rays' normal, in radians from the horizontal, counter-clockwise. Each row is the
    mean of the picture over a strip, times the length in it and over the longer side: the area that
    each pixel shares with the strip is exact.
    """
    from scipy.sparse import csr_array

    spread = diagonal(height, width) / detectors
    down, across = np.mgrid[:height, :width]
    x, y = across - (width - 1) / 2, (height - 1) / 2 - down
    pixels = np.arange(height * width)
    rows, columns, values = [], [], []
    for k, angle in enumerate(angles):
        sides = abs(math.cos(angle)) / spread, abs(math.sin(angle)) / spread
        place = (x * math.cos(angle) + y * math.sin(angle)).ravel() / spread + (detectors - 1) / 2
        under = np.rint(place).astype(np.int64)
        for offset in _NEAR:
            bins = under + offset
            edge = bins - place
            share = _shadow(edge + 0.5, *sides) - _shadow(edge - 0.5, *sides)
            kept = (share > 1e-12) & (bins >= 0) & (bins < detectors)
            rows.append(k * detectors + bins[kept])
            columns.append(pixels[kept])
            values.append(share[kept])
    scale = 1 / (spread * max(height, width))
    entries = np.concatenate(values) * scale
    where = (np.concatenate(rows), np.concatenate(columns))
    return csr_array((entries, where), shape=(len(angles) * detectors, height * width))


def _shadow(t: NDArray[np.float64], a: float, b: float) -> NDArray[np.float64]:
    """Return how much of a pixel's shadow lies below t: of two boxes, a and b wide, convolved."""
    narrow, wide = sorted((a, b))
    if narrow < 1e-6 * wide:
        return np.clip(t / wide + 0.5, 0, 1)
    total, gap = (wide + narrow) / 2, (wide - narrow) / 2
    parts = [_square(t + total), -_square(t + gap), -_square(t - gap), _square(t - total)]
    below: NDArray[np.float64] = np.sum(parts, axis=0) / (2 * a * b)
    return below


def _square(t: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(t, 0) ** 2


class Sparse:
    """Multiply a sparse matrix and its transpose with tensors, always in the same order."""

    def __init__(self, matrix: Any) -> None:
        self._forth = matrix
        self._back = matrix.T.tocsr()
        self._cast: dict[tuple[bool, torch.dtype, torch.device], Any] = {}

    def times(self, x: Tensor, *, transposed: bool = False) -> Tensor:
        """Return the product with rows x: (B, n), shape (B, m), or with (B, m), shape (B, n)."""
        import torch

        if x.device.type == "cuda":
            seen: Tensor = self._on_device(x, transposed) @ x.mT.contiguous()
            return seen.mT
        matrix = self._in_memory(x, transposed)
        product = matrix @ x.detach().cpu().numpy().T
        return torch.from_numpy(np.ascontiguousarray(product.T)).to(x)

    def filled(self) -> NDArray[np.bool_]:
        """Return which rows hold anything: (m,)."""
        filled: NDArray[np.bool_] = np.diff(self._forth.indptr) > 0
        return filled

    def dense(self) -> NDArray[np.float64]:
        """Return the matrix with all its zeros."""
        dense: NDArray[np.float64] = self._forth.toarray()
        return dense

    def _in_memory(self, x: Tensor, transposed: bool) -> Any:
        import torch

        key = (transposed, x.dtype, x.device)
        if key not in self._cast:
            matrix = self._back if transposed else self._forth
            kind = np.float32 if x.dtype == torch.float32 else np.float64
            self._cast[key] = matrix.astype(kind, copy=False)
        return self._cast[key]

    def _on_device(self, x: Tensor, transposed: bool) -> Any:
        import torch

        key = (transposed, x.dtype, x.device)
        if key not in self._cast:
            matrix = self._back if transposed else self._forth
            made: Any = torch.sparse_csr_tensor
            self._cast[key] = made(
                torch.from_numpy(matrix.indptr),
                torch.from_numpy(matrix.indices),
                torch.from_numpy(matrix.data),
                size=matrix.shape,
                dtype=x.dtype,
                device=x.device,
                check_invariants=False,
            )
        return self._cast[key]
