"""Pictures that were brought: kept by content, and in the size of the open model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.restoring import fitted
from studio.library.inputs import keep_picture, read_picture
from studio.library.task import InputRef, RestorationTask
from studio.preferences import inputs_folder

if TYPE_CHECKING:
    from studio.engine.background import Background
    from studio.engine.fault import Fault

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


class Keeping:
    """Keep masks and kernels in the background; `busy` tells that one is not kept yet."""

    def __init__(self, disk: Background, failed: Callable[[Fault], None]) -> None:
        self._disk, self._failed = disk, failed
        self._pending = 0
        self._wish: Callable[[], None] | None = None

    @property
    def busy(self) -> bool:
        """Tell whether something is not kept yet."""
        return self._pending > 0

    def keep(self, pixels: Pixels, name: str, take: Callable[[InputRef], None]) -> None:
        """Keep (H, W) or (H, W, 3) uint8 and hand over what names it."""

        def done(ref: InputRef) -> None:
            take(ref)
            self._settle()

        def refuse(fault: Fault) -> None:
            self._wish = None
            self._failed(fault)
            self._settle()

        self._pending += 1
        root = inputs_folder()
        work = partial(keep_picture, root, pixels, name)
        self._disk.run(work, done, refuse, f"Keeping the {name}")

    def then(self, wish: Callable[[], None]) -> None:
        """Call `wish` once everything is kept; only the newest wish counts."""
        self._wish = wish

    def _settle(self) -> None:
        self._pending -= 1
        wish = self._wish
        if not self._pending and wish is not None:
            self._wish = None
            wish()
