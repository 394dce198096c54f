"""Keep the small pictures of takes: read when they are painted, a few at a time."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPixmap

from studio.ui.thumbnail import thumbnail, to_image

_TURN_S = 0.006  # how long reading may hold up the event loop
_GIVEN = 16  # pictures of takes that are being made
_QUEUED = 64  # files waiting to be read; older wishes have scrolled out of sight


class Thumbnails(QObject):
    """Hand out pixmaps of picture files, the least recently used of `capacity` forgotten first."""

    ready = Signal()
    """Pictures that were asked for have been read."""

    def __init__(self, side: int, capacity: int = 256, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self._capacity = capacity
        self._read: OrderedDict[tuple[str, float], QPixmap] = OrderedDict()
        self._wanted: OrderedDict[tuple[str, float], None] = OrderedDict()
        self._given: OrderedDict[str, QImage] = OrderedDict()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_turn)

    def get(self, path: Path, ratio: float) -> QPixmap | None:
        """Return the picture in `path` for a screen of `ratio`, or None until it has been read.

        A file that is no picture gives a null pixmap.
        """
        key = (str(path), ratio)
        if key in self._read:
            self._read.move_to_end(key)
            return self._read[key]
        self._wanted[key] = None
        self._wanted.move_to_end(key)
        _limit(self._wanted, _QUEUED)
        if not self._timer.isActive():
            self._timer.start(0)
        return None

    def put(self, take_id: str, picture: NDArray[np.uint8]) -> None:
        """Keep picture: (H, W, 3) uint8 of a take that has no file yet."""
        self._given[take_id] = to_image(picture)
        self._given.move_to_end(take_id)
        _limit(self._given, _GIVEN)
        self.ready.emit()

    def given(self, take_id: str, ratio: float) -> QPixmap | None:
        """Return the picture that `put` kept for a take, for a screen of `ratio`."""
        image = self._given.get(take_id)
        return None if image is None else self._pixmap(image, ratio)

    def __len__(self) -> int:
        return len(self._read)

    def _on_turn(self) -> None:
        """Read the latest wishes first, for as long as the turn lasts."""
        until = perf_counter() + _TURN_S
        while self._wanted and perf_counter() < until:
            (path, ratio), _ = self._wanted.popitem()
            self._read[path, ratio] = self._pixmap(QImage(path), ratio)
        _limit(self._read, self._capacity)
        if not self._wanted:
            self._timer.stop()
        self.ready.emit()

    def _pixmap(self, image: QImage, ratio: float) -> QPixmap:
        if image.isNull():
            return QPixmap()
        pixmap = _bare(thumbnail(image, round(self._side * ratio)))
        pixmap.setDevicePixelRatio(ratio)
        return pixmap


def _bare(image: QImage) -> QPixmap:
    """Paint an image anew: one made from it would keep the text of its file, a whole recipe."""
    pixmap = QPixmap(image.size())
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.drawImage(0, 0, image)
    painter.end()
    return pixmap


def _limit(kept: OrderedDict[Any, Any], most: int) -> None:
    """Forget the oldest entries beyond `most`."""
    while len(kept) > most:
        kept.popitem(last=False)
