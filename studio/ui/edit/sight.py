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
    from studio.session.editing.results import Results
    from studio.session.editing.subjects import Subject
    from studio.ui.edit.restore_middle import RestoreMiddle

Pixels = NDArray[np.uint8]
_WAITING = ("Press Restore to watch x̂₀ form", "Ctrl + Enter")
_HIDING = ("inpaint",)  # operators that leave pixels out and keep the others as they are
_HALF = 128  # from this value of a mask on a pixel counts as unknown


class Sight(QObject):
    """Keep the canvas true to the desk, as the view asks."""

    def __init__(
        self, desk: EditDesk, results: Results, middle: RestoreMiddle, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._results = results
        self._picture: Pixels | None = None
        self._subject: Subject | None = None
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
        shown = self._results.shown
        if shown is None or shown.pictures is None:
            return None
        pixels: Pixels = shown.pictures[min(self.place, len(shown.pictures) - 1)]
        return pixels

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

    def hold_picture(self) -> None:
        """Take the picture that the desk has, in the size of the model if one is open."""
        subject = self._desk.picture
        fitted = self._desk.fitted_picture()
        self._picture = fitted if fitted is not None or subject is None else subject.pixels
        if subject is not self._subject:
            self._subject = subject
            self.mask = self._fresh_mask(self.mask.shape)
        self.hold_mask()

    def hold_mask(self) -> None:
        """Take the mask that the desk has, or an empty one for its picture."""
        if self._picture is None:
            self.show()
            return
        height, width, _ = self._picture.shape
        fresh = not (self.mask.can_undo or self.mask.can_redo)
        if self.mask.shape != (height, width):
            self.mask = self._fresh_mask((height, width))
        given = self._desk.mask
        if given is None:
            self.mask.clear()
        elif not np.array_equal(given, self.mask.soft()):
            self.mask.set_feather(0)
            self.mask.replace(enlarged_to(given, (height, width)))
            if fresh:
                self.mask.forget()
        self.show()

    def _fresh_mask(self, shape: tuple[int, int]) -> Mask:
        """Return an empty mask, with nothing to undo, that fades as the one before."""
        mask = Mask(*shape)
        mask.feather = self.mask.feather
        return mask

    def say(self, status: str) -> None:
        """Say how far the run is, or what the restoration is worth."""
        self.status = status
        if self.view != MASK:
            self._middle.header.pill.set_text(status)

    def show(self) -> None:
        """Show what the view asks for."""
        picture = self._picture
        self._middle.show_some(some=picture is not None)
        masked = picture is not None and self.view == MASK
        if not masked:
            self._canvas.show_mask(None)
            self._middle.header.pill.set_text(self.status)
        if picture is None:
            self._canvas.show_picture(None)
        elif self.view == MASK:
            self._canvas.show_picture(picture)
            self._canvas.show_mask(self.mask)
        elif self.view == MEASUREMENT:
            self._show_measurement()
        elif self.view == ESTIMATE:
            self._show(self.restored)
        else:
            self._show_pair(picture)

    @property
    def _holes(self) -> Pixels | None:
        """Return where nothing is known, 255, of a measurement that leaves pixels out."""
        seen, mask = self._desk.seen, self._desk.mask
        plain = all(ref.id in _HIDING for ref in self._desk.task.operators)
        if mask is None or seen is None or not plain or mask.shape != seen.measurement.shape[:2]:
            return None
        return np.where(mask >= _HALF, np.uint8(255), np.uint8(0))

    def _show_measurement(self) -> None:
        seen = self._desk.seen
        if seen is None:
            self._canvas.set_invitation("Nothing is measured yet", self._desk.problem)
            self._canvas.show_picture(None)
        else:
            self._canvas.show_picture(seen.measurement, self._holes)

    def _show(self, pixels: Pixels | None) -> None:
        self._canvas.set_invitation(*_WAITING)
        self._canvas.show_picture(pixels)

    def _show_pair(self, picture: Pixels) -> None:
        after, seen = self.restored, self._desk.seen
        if after is None:
            self._show(None)
            return
        before, name = picture, "before"
        if seen is not None and self._holes is None:
            shown, plain = (seen.measurement, "measurement"), (seen.baseline, seen.plain)
            before, name = shown if seen.pictured else plain
        self._canvas.show_pair(enlarged_to(before, after.shape[:2]), after, (name, "after"))


def enlarged_to(pixels: Pixels, size: tuple[int, ...]) -> Pixels:
    """Return pixels: (h, w, ...) at a size (height, width), each as a rectangle of its own."""
    height, width = size[:2]
    if pixels.shape[:2] == (height, width):
        return pixels
    rows = np.arange(height) * pixels.shape[0] // height
    columns = np.arange(width) * pixels.shape[1] // width
    return np.ascontiguousarray(pixels[rows[:, None], columns[None, :]])


__all__ = ["ESTIMATE", "MASK", "MEASUREMENT", "WIPE", "Sight", "enlarged_to"]
