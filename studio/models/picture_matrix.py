"""Pictures as the rows of a matrix that may be too large to be kept as floats."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

KEPT_BYTES = 256 << 20
"""Floats that are kept; a larger set is converted piece by piece whenever it is used."""

PIECE_BYTES = 32 << 20


class Piece(NamedTuple):
    """Some pictures: values: (n, D) from 0 to 255, and half their squared norms: (n,) in [-1, 1].

    Where autograd is off it is valid only until the next piece is asked for.
    """

    values: Tensor
    half_norms: Tensor


class PictureMatrix:
    """Hold pixels: (N, D) uint8 and hand out rows of them in a float type.

    Whatever fits into `kept_bytes` as floats is converted once: the whole set, or else a range of
    rows that is asked for twice running, as in a run of one class.
    """

    def __init__(
        self,
        pixels: Tensor,
        dtype: torch.dtype,
        *,
        kept_bytes: int = KEPT_BYTES,
        piece_bytes: int = PIECE_BYTES,
    ) -> None:
        self._pixels = pixels
        self._dtype = dtype
        row_bytes = pixels.shape[1] * dtype.itemsize
        self._kept_rows = kept_bytes // row_bytes
        self._piece_rows = max(1, piece_bytes // row_bytes)
        with torch.no_grad():
            self._half_norms = torch.cat([_half_norms(part) for part in self._streamed(pixels)])
        self._asked = (0, 0)
        self._kept = ((0, 0), pixels[:0].to(dtype))

    def __len__(self) -> int:
        return len(self._pixels)

    def pieces(self, start: int, stop: int) -> Iterator[Piece]:
        """Yield the rows from `start` up to `stop`: in one piece if they can be kept."""
        norms = self._half_norms[start:stop]
        again, self._asked = self._asked == (start, stop), (start, stop)
        if len(self) <= self._kept_rows:
            yield Piece(self._converted(0, len(self))[start:stop], norms)
        elif again and stop - start <= self._kept_rows:
            yield Piece(self._converted(start, stop), norms)
        else:
            parts = self._streamed(self._pixels[start:stop])
            yield from map(Piece, parts, self._split(norms))

    def _split(self, rows: Tensor) -> tuple[Tensor, ...]:
        return torch.split(rows, self._piece_rows)

    def _converted(self, start: int, stop: int) -> Tensor:
        rows, values = self._kept
        if rows != (start, stop):
            # What is kept must also serve a later call that needs gradients.
            with torch.inference_mode(False):
                values = self._pixels[start:stop].to(self._dtype)
            self._kept = ((start, stop), values)
        return values

    def _streamed(self, pixels: Tensor) -> Iterator[Tensor]:
        parts = self._split(pixels)
        if torch.is_grad_enabled():  # the backward pass will want every piece
            yield from (part.to(self._dtype) for part in parts)
            return
        # One buffer for all: new memory for every piece takes longer than the arithmetic, and the
        # allocator may keep all of it.
        buffer = torch.empty_like(parts[0], dtype=self._dtype)
        yield from (buffer[: len(part)].copy_(part) for part in parts)


def _half_norms(values: Tensor) -> Tensor:
    norms: Tensor = torch.linalg.vector_norm(values.div_(127.5).sub_(1), dim=1)
    return norms.square() / 2
