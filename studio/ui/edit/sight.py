"""What the canvas of the Restore page shows: the measurement, the mask, x̂₀, before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from studio.ui.edit.header import ESTIMATE, MASK, MEASUREMENT, VIEWS, WIPE
from studio.ui.edit.mask.model import Mask

if TYPE_CHECKING:
    from studio.session.editing.desk import EditDesk
    from studio.ui.edit.restore_middle import RestoreMiddle

Pixels = NDArray[np.uint8]
_WAITING = ("Press Restore to watch x̂₀ form", "Ctrl + Enter")
_MEASURING = ("Measuring…", "")


class Sight(QObject):
    """Keep the canvas true to the desk, as the view asks."""

    def __init__(self, desk: EditDesk, middle: RestoreMiddle, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._middle, self._canvas = desk, middle, middle.canvas
        self.view = MASK
        self.place = 0
        """Which restoration is looked at."""
        self.mask = Mask(1, 1)
        self.status = ""
        """What the line above says where no mask is painted."""
        middle.header.switch.chosen.connect(self.choose)

    @property
    def restored(self) -> Pixels | None:
        """Return the restoration that is looked at, (H, W, 3) uint8, or None."""
        found = self._desk.estimates
        return None if found is None else found[min(self.place, len(found) - 1)]

    def choose(self, view: str) -> None:
        """Show another view."""
        self.view = view
        self._middle.header.switch.show_segment(view)
        self.show()

    def offer(self, *, masked: bool) -> None:
        """Offer the mask only where an operator takes one."""
        views = [view for view, *_ in VIEWS if masked or view != MASK]
        self._middle.header.switch.offer(views)
        if self.view not in views:
            self.choose(MEASUREMENT)
        elif masked and self.view == MEASUREMENT and self.mask.empty:
            self.choose(MASK)

    def hold_mask(self) -> None:
        """Take the mask that the desk has, or an empty one for its picture."""
        subject = self._desk.subject
        if subject is None:
            return
        height, width, _ = subject.pixels.shape
        feather = self.mask.feather
        if self.mask.shape != (height, width):
            self.mask = Mask(height, width)
            self.mask.feather = feather
        given = self._desk.mask
        if given is not None and given.shape == (height, width):
            if not np.array_equal(given, self.mask.soft()):
                self.mask.set_feather(0)
                self.mask.replace(given)
        elif not self.mask.empty:
            self.mask.clear()
        self.show()

    def say(self, status: str) -> None:
        """Say how far the run is, or what the restoration is worth."""
        self.status = status
        if self.view != MASK:
            self._middle.header.pill.set_text(status)

    def show(self) -> None:
        """Show what the view asks for."""
        subject = self._desk.subject
        self._middle.show_some(some=subject is not None)
        if subject is None:
            self._canvas.show_mask(None)
            self._canvas.show_picture(None)
            return
        masked = self.view == MASK and self.mask.shape == subject.pixels.shape[:2]
        if not masked:
            self._canvas.show_mask(None)
            self._middle.header.pill.set_text(self.status)
        if self.view == MASK:
            self._canvas.show_picture(subject.pixels)
        elif self.view == MEASUREMENT:
            self._show_measurement()
        elif self.view == ESTIMATE:
            self._show(self.restored)
        else:
            self._show_pair(subject.pixels)
        if masked:
            self._canvas.show_mask(self.mask)

    def _show_measurement(self) -> None:
        found = self._desk.measured
        if found is None:
            self._canvas.set_invitation(*_MEASURING)
            self._canvas.show_picture(None)
        else:
            self._canvas.show_picture(found.pixels, found.holes)

    def _show(self, pixels: Pixels | None) -> None:
        self._canvas.set_invitation(*_WAITING)
        self._canvas.show_picture(pixels)

    def _show_pair(self, picture: Pixels) -> None:
        after, found = self.restored, self._desk.measured
        if after is None:
            self._show(None)
            return
        whole = found is None or found.holes is not None
        before = picture if whole or found is None else found.pixels
        name = "before" if whole else "measurement"
        self._canvas.show_pair(enlarged_to(before, after.shape[:2]), after, (name, "after"))


def enlarged_to(pixels: Pixels, size: tuple[int, ...]) -> Pixels:
    """Return pixels: (h, w, 3) at a size (height, width), each as a rectangle of its own."""
    height, width = size[:2]
    if pixels.shape[:2] == (height, width):
        return pixels
    rows = np.arange(height) * pixels.shape[0] // height
    columns = np.arange(width) * pixels.shape[1] // width
    return np.ascontiguousarray(pixels[rows[:, None], columns[None, :]])


__all__ = ["ESTIMATE", "MASK", "MEASUREMENT", "WIPE", "Sight", "enlarged_to"]
