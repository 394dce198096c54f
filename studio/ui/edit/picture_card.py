"""The card of the picture that a page works on, which is also the button to choose another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QFont,
    QFontMetrics,
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy

from studio.ui.icons import paint_icon
from studio.ui.theme import current, mono_font, sans_font, scaled
from studio.ui.thumbnail import thumbnail, to_image
from studio.ui.tip import wrapped

_HEIGHT = 64
_SIDE = 44
_MOST = 512  # pixels of the longer side of which a small picture is made
_INSET = 10
_HINT = "click, or drop one"

Offer = tuple[str, str, str]
"""Where a picture can come from: id, words, and why it cannot now, or nothing."""


class PictureCard(QPushButton):
    """Show the picture with its name; a click offers to choose another, a file can be dropped."""

    wanted = Signal(str)
    """A picture is wanted from here: the id of an offer."""
    dropped = Signal(object)
    """A picture was dropped: a Path."""

    def __init__(self, name: str, what: str, tip: str, empty: str = "No picture yet") -> None:
        super().__init__()
        self._image: QImage | None = None
        self._what, self._tip, self._empty = what, tip, empty
        self._title, self._facts = empty, _HINT
        self._offers: tuple[Offer, ...] = ()
        self.setObjectName(name)
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(scaled(_HEIGHT))
        self.clicked.connect(self._show_menu)
        self._describe()

    def show_picture(
        self, pixels: NDArray[np.uint8] | None, title: str = "", facts: str = ""
    ) -> None:
        """Show pixels: (H, W, 3) uint8 with its name and facts; None shows that there is none."""
        self._image = None if pixels is None else to_image(_thinned(pixels))
        self._title = title or self._empty
        self._facts = facts or _HINT
        self._describe()
        self.update()

    def set_offers(self, offers: Sequence[Offer]) -> None:
        """Set where a picture can come from."""
        self._offers = tuple(offers)

    def menu(self) -> QMenu:
        """Return the menu of what can be chosen."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for id, words, why_not in self._offers:
            action = menu.addAction(words, partial(self.wanted.emit, id))
            action.setEnabled(not why_not)
            action.setToolTip(why_not)
        return menu

    def sizeHint(self) -> QSize:
        """Ask for the height of three lines."""
        return QSize(scaled(200), scaled(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        near = self.isEnabled() and (self.underMouse() or self.isDown())
        painter.setPen(QPen(QColor(tokens.accent), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.hover if near else tokens.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        self._paint_picture(painter)
        self._paint_words(painter)
        side = scaled(16)
        place = QRectF(self.width() - side - scaled(8), (self.height() - side) / 2, side, side)
        paint_icon(painter, "chevron", place, tokens.label if near else tokens.muted)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the first file that was dropped."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(Path(paths[0]))

    def _paint_picture(self, painter: QPainter) -> None:
        side, ratio = scaled(_SIDE), self.devicePixelRatioF()
        place = QRectF(scaled(_INSET), (self.height() - side) / 2, side, side)
        if self._image is None:
            painter.setPen(QPen(QColor(current().line), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            return
        small = thumbnail(self._image, round(side * ratio))
        small.setDevicePixelRatio(ratio)
        size = small.deviceIndependentSize()
        place = QRectF(place.center().x() - size.width() / 2, 0, size.width(), size.height())
        place.moveTop((self.height() - size.height()) / 2)
        painter.drawImage(place.topLeft(), small)

    def _paint_words(self, painter: QPainter) -> None:
        tokens, left = current(), scaled(_INSET + _SIDE + 10)
        room = self.width() - left - scaled(28)
        high = scaled(18)
        top = self.height() / 2 - high - 1
        some = self._image is not None
        lines = (
            (
                self._title,
                sans_font(13, QFont.Weight.DemiBold),
                tokens.text if some else tokens.label,
            ),
            (self._facts, mono_font(11), tokens.muted),
        )
        for place, (text, font, color) in enumerate(lines):
            painter.setFont(font)
            painter.setPen(QColor(color))
            elided = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideMiddle, room)
            line = QRectF(left, top + place * (high + 2), room, high)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, elided)

    def _show_menu(self) -> None:
        self.menu().popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _describe(self) -> None:
        self.setAccessibleName(f"{self._what}: {self._title}")
        self.setAccessibleDescription(self._facts)
        said = self._title if self._image is not None else ""
        self.setToolTip(wrapped(said, self._facts if said else "", self._tip))


def _thinned(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return pixels with rows and columns left out where they are many times more than shown."""
    step = max(1, max(pixels.shape[:2]) // _MOST)
    return pixels[::step, ::step]
