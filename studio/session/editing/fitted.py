"""A picture in the size in which the open model takes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.engine.restoring import fitted
from studio.library.inputs import keep_picture, read_picture
from studio.library.task import InputRef, RestorationTask
from studio.preferences import inputs_folder

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Keep a picture in the size in which a model takes it, for as long as both stay.

    `whole` is the picture as it was brought; `pixels` is None where no size is known.
    """

    whole: Pixels | None = None
    pixels: Pixels | None = None

    @classmethod
    def of(cls, whole: Pixels, size: tuple[int, int] | None) -> Fitted:
        """Return a picture at a size (height, width); of large ones that takes its time."""
        return cls(whole, None if size is None else fitted(whole, size))

    def fits(self, whole: Pixels, size: tuple[int, int]) -> bool:
        """Tell whether it is this picture at this size."""
        return self.whole is whole and self.pixels is not None and self.pixels.shape[:2] == size


def kept(pixels: Pixels, name: str, size: tuple[int, int] | None) -> tuple[InputRef, Fitted]:
    """Keep a picture among the inputs, and bring it to a size (height, width).

    Raises:
        LibraryError: the folder cannot be written or the disk is full.
    """
    return keep_picture(inputs_folder(), pixels, name), Fitted.of(pixels, size)


def read_again(
    task: RestorationTask, size: tuple[int, int] | None
) -> tuple[Pixels, Pixels | None, Fitted]:
    """Return the picture of a task, its mask if it has one, and the picture at a size.

    Raises:
        LibraryError: one of them is gone, or no longer what it was.
    """
    root = inputs_folder()
    mask = read_picture(root, task.mask) if task.mask else None
    pixels = read_picture(root, task.picture)
    return pixels, mask, Fitted.of(pixels, size)
