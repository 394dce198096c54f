"""Masks over a picture: 1 where it is to be restored, 0 where it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

HALF = 0.5
"""A pixel whose mask is at least this is unknown, however softly it was painted."""


def known_of(mask: Tensor | None, shape: Sequence[int]) -> Tensor:
    """Return 1 where a picture of `shape` (C, H, W) is known and 0 where not: (1, H, W) float64.

    Raises:
        ValueError: there is no mask, it has another size, holds something else than 0 to 1, covers
            the whole picture or none of it.
    """
    import torch

    _, height, width = shape
    if mask is None:
        raise ValueError("There is no mask; paint over what is to be restored.")
    if tuple(mask.shape) != (1, height, width):
        size = " x ".join(str(side) for side in reversed(mask.shape[-2:]))
        raise ValueError(
            f"The mask has {size} pixels, but the picture {width} x {height}; "
            "give one of the same size."
        )
    if not bool(((mask >= 0) & (mask <= 1)).all()):
        raise ValueError("The mask holds NaN or values outside 0 to 1; give values between.")
    known = (mask.detach().cpu() < HALF).to(torch.float64)
    if known.all():
        raise ValueError("The mask is empty: paint over what is to be restored.")
    if not known.any():
        raise ValueError(
            "The mask covers the whole picture, so nothing of it is known; erase some."
        )
    return known
