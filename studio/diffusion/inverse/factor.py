"""Decompositions of matrices, kept for as long as there is room."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOTHING = 1e-12
"""Below this share of the largest, a singular value is rounding and counts as 0."""

_ROOM = 512 * 2**20
"""Bytes of decompositions that are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """Decompose a matrix (m, n) along one axis: u (m, n), s (n,) and vt (n, n).

    Columns of `u` whose singular value is 0 are 0.
    """

    u: NDArray[np.float64]
    s: NDArray[np.float64]
    vt: NDArray[np.float64]

    @property
    def size(self) -> int:
        """Return the bytes that it takes."""
        return self.u.nbytes + self.s.nbytes + self.vt.nbytes


_kept: dict[bytes, Factor] = {}


def factor(matrix: NDArray[np.float64], cutoff: float = NOTHING) -> Factor:
    """Return the decomposition of a matrix (m, n), found once; the latest 512 MiB are kept.

    Singular values of at most `cutoff` of the largest become 0.
    """
    key = sha256(matrix.tobytes()).digest() + repr((matrix.shape, cutoff)).encode()
    found = _kept.get(key)
    if found is None:
        found = _decomposed(matrix, cutoff)
        _make_room(found.size)
        _kept[key] = found
    return found


def _make_room(wanted: int) -> None:
    while _kept and wanted + sum(one.size for one in list(_kept.values())) > _ROOM:
        _kept.pop(next(iter(_kept)), None)


def _decomposed(matrix: NDArray[np.float64], cutoff: float) -> Factor:
    rows, columns = matrix.shape
    left, values, vt = np.linalg.svd(matrix, full_matrices=rows < columns)
    rank = int((values > cutoff * values.max(initial=0)).sum())
    u, s = np.zeros((rows, columns)), np.zeros(columns)
    u[:, :rank], s[:rank] = left[:, :rank], values[:rank]
    return Factor(u, s, vt)
