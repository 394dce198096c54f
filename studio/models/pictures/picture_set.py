"""A set of pictures in memory, and what is known of one before it is read."""

from dataclasses import dataclass, field
from typing import Annotated, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from studio.models.card import Card
from studio.models.errors import ModelError

Bytes: TypeAlias = NDArray[np.uint8]
Size: TypeAlias = tuple[int, int]
Colour: TypeAlias = tuple[int, int, int]

PIXELS_LIMIT = 4 << 30
"""Bytes that a set of pictures may take in memory: 1.4 million of 32x32, 22,000 of 256x256."""

NO_CLASS = -1

_Shade = Annotated[int, Field(ge=0, le=255)]


class PictureCard(Card):
    """Hold what a set says about itself, read from `card.json` beside or among its pictures.

    `background` is the colour behind transparent pixels; `sigma_data` is the standard deviation of
    the pixels in [-1, 1].
    """

    background: tuple[_Shade, _Shade, _Shade] = (24, 24, 32)
    sigma_data: Annotated[float, Field(gt=0, le=1)] = 0.5


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a set without reading it; `shape` is (C, H, W), `size` is bytes on disk."""

    count: int
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    size: int
    card: PictureCard
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PictureSet:
    """Hold pixels: (N, C, H, W) and labels: (N,) int64, where -1 is no class.

    `size` is bytes on disk; `remarks` are sentences about what had to be changed or left out.
    """

    pixels: Bytes
    labels: NDArray[np.int64]
    classes: tuple[str, ...] = ()
    size: int = 0
    card: PictureCard = field(default_factory=PictureCard)
    remarks: tuple[str, ...] = ()

    def survey(self) -> Survey:
        """Return what is known of the set now that it has been read."""
        count, channels, height, width = self.pixels.shape
        shape = channels, height, width
        return Survey(count, shape, self.classes, self.size, self.card, self.remarks)


def check_room(name: str, count: int, shape: tuple[int, int, int]) -> None:
    """Refuse a set that would not fit in memory.

    Raises:
        ModelError: it would take more than 4 GiB.
    """
    channels, height, width = shape
    need = count * channels * height * width
    if need > PIXELS_LIMIT:
        raise ModelError(
            f"“{name}” would take {need / 2**30:,.1f} GiB of memory as {count:,} pictures of "
            f"{width}x{height}, and at most {PIXELS_LIMIT >> 30} are read. "
            "Take fewer or smaller pictures."
        )


def flatten(pixels: Bytes, background: tuple[int, int, int]) -> Bytes:
    """Composite RGBA pixels: (..., 4) over a colour; others are returned as they are."""
    if pixels.shape[-1] != 4:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint16)
    mixed = pixels[..., :3] * alpha + np.array(background, np.uint16) * (255 - alpha) + 128
    # Division by 255, rounded: exact for every number of 16 bits, and faster than dividing.
    mixed += mixed >> 8
    return (mixed >> 8).astype(np.uint8)


def parse_card(raw: bytes | None) -> tuple[PictureCard, tuple[str, ...]]:
    """Return the card of a set and remarks about it; without a sound card, an empty one."""
    if raw is None:
        return PictureCard(), ()
    try:
        return PictureCard.model_validate_json(raw), ()
    except ValidationError:
        return PictureCard(), ("Its card.json is not of the known form and was left aside.",)
