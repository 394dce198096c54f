"""Large pictures in overlapping parts, and how the parts become one picture again."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, isqrt

import torch
from torch import Tensor

LEAST = 32
"""Latent pixels: parts smaller than this show more of their edges than of the picture."""

_OVERLAP = 4  # one part in so many of a side is shared with the neighbour


@dataclass(frozen=True, slots=True)
class Span:
    """A part of one axis in latent pixels, and where it takes over from its neighbours.

    `rise` is the stretch in which it takes over from the one before, `fall` that in which it gives
    way to the one after; None at the ends of the axis.
    """

    start: int
    stop: int
    rise: tuple[float, float] | None
    fall: tuple[float, float] | None

    def weights(self, factor: int, device: torch.device | None = None) -> Tensor:
        """Return the share that the part has in each of its pixels, from 0 to 1, in float32.

        The shares of all parts add up to 1 everywhere. `factor`: pixels per latent pixel.
        """
        # Made on the device: to bring them there would wait for it.
        count = (self.stop - self.start) * factor
        place = (torch.arange(count, device=device) + 0.5) / factor + self.start
        share = torch.ones_like(place)
        if self.rise is not None:
            low, high = self.rise
            share *= ((place - low) / (high - low)).clamp(0, 1)
        if self.fall is not None:
            low, high = self.fall
            share *= ((high - place) / (high - low)).clamp(0, 1)
        return share


def spans(length: int, side: int) -> tuple[Span, ...]:
    """Return the parts of an axis, each `side` long, that together cover `length`.

    Neighbours share a quarter of a side or more. They change over in the middle half of what they
    share: close to its ends a part knows too little of what is around it.
    """
    if length <= side:
        return (Span(0, length, None, None),)
    overlap = side // _OVERLAP
    count = ceil((length - overlap) / (side - overlap))
    starts = [round(i * (length - side) / (count - 1)) for i in range(count)]
    turns: list[tuple[float, float] | None] = [None]
    for before, after in pairwise(starts):
        shared = before + side - after
        turns.append((after + shared / 4, after + shared * 3 / 4))
    turns.append(None)
    return tuple(
        Span(start, start + side, rise, fall)
        for start, (rise, fall) in zip(starts, pairwise(turns), strict=True)
    )


def side_for(budget: int, bytes_per_pixel: int) -> int:
    """Return the side of the largest square of latent pixels that a budget in bytes allows.

    It is a multiple of 8 and never below the least.
    """
    return max(LEAST, isqrt(max(0, budget) // bytes_per_pixel) // 8 * 8)


def decoded(decode: Callable[[Tensor], Tensor], latents: Tensor, side: int, factor: int) -> Tensor:
    """Return decode(latents) for latents: (B, C, H, W), computed in parts of `side`."""
    return _joined(decode, latents, side, 1, factor)


def encoded(encode: Callable[[Tensor], Tensor], pixels: Tensor, side: int, factor: int) -> Tensor:
    """Return encode(pixels) for pixels: (B, C, factor H, factor W), in parts of `side` latents."""
    return _joined(encode, pixels, side, factor, 1)


def _joined(
    turn: Callable[[Tensor], Tensor], x: Tensor, side: int, before: int, after: int
) -> Tensor:
    """Turn x, which has `before` pixels per latent pixel, into what has `after` of them."""
    down, across = (spans(length // before, side) for length in x.shape[2:])
    if len(down) == len(across) == 1:
        return turn(x)
    whole: Tensor | None = None
    for row in down:
        for column in across:
            part = turn(
                x[
                    ...,
                    row.start * before : row.stop * before,
                    column.start * before : column.stop * before,
                ]
            )
            if whole is None:
                sides = [length // before * after for length in x.shape[2:]]
                whole = part.new_zeros((*part.shape[:2], *sides))
            device = part.device
            share = row.weights(after, device)[:, None] * column.weights(after, device)
            whole[
                ...,
                row.start * after : row.stop * after,
                column.start * after : column.stop * after,
            ] += part * share.to(part)
    assert whole is not None
    return whole
