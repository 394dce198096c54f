"""Two pictures over each other, with a line between them that is dragged."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.ui.compare.lens import Lens, image
from studio.ui.ink import ink
from studio.ui.theme import current, mono_font, scaled

_MARGIN = 24
_COMMANDING = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


class ABView(QWidget):
    """Show A left of the line and B right of it."""

    left = Signal()
    """The person wants to go back (Esc)."""

    def __init__(self, parent: QWidget | None = None, *, on_canvas: bool = False) -> None:
        super().__init__(parent)
        self._on_canvas = on_canvas  # it lies where pictures lie, and has the ground of those
        self.setObjectName("ab_view")
        self.setAccessibleName("A against B")
        self.setToolTip("Drag the line, or use the arrow keys; wheel: zoom; Esc: back")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.share = 0.5
        self.lens = Lens()
        self._images: tuple[QImage, QImage] | None = None
        self._names = ("", "")
        self._problem = ""

    def show_pair(self, a: NDArray[np.uint8], b: NDArray[np.uint8], names: tuple[str, str]) -> None:
        """Show two pictures, (H, W, 3) uint8, of one size."""
        self._images, self._names = (image(a), image(b)), names
        self.update()

    def clear(self, problem: str = "") -> None:
        """Show no pictures, but why there are none."""
        self._images, self._problem = None, problem
        self.update()

    @property
    def frame(self) -> QRectF:
        """Return where the pictures are shown: the largest place of their shape, in the middle."""
        room = [max(side - 2 * scaled(_MARGIN), 16) for side in (self.width(), self.height())]
        wide, high = (1, 1) if self._images is None else self._images[0].size().toTuple()
        scale = min(room[0] / wide, room[1] / high)
        frame = QRectF(0, 0, wide * scale, high * scale)
        frame.moveCenter(QRectF(self.rect()).center())
        return frame

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint A, B right of the line, the line and the names above."""
        tokens, frame = current(), self.frame
        painter = QPainter(self)
        painter.fillRect(event.rect(), ink(tokens.canvas if self._on_canvas else tokens.background))
        if self._images is None:
            painter.setPen(ink(tokens.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._problem)
            return
        x = frame.left() + self.share * frame.width()
        halves = (QRectF(frame), QRectF(frame))
        halves[0].setRight(x)
        halves[1].setLeft(x)
        for half, picture in zip(halves, self._images, strict=True):
            painter.setClipRect(half)
            self.lens.paint(painter, frame, picture)
        painter.setClipping(False)
        for side, colour in ((2, ink("#000000", 0.6)), (1, ink("#ffffff"))):  # on any picture
            painter.fillRect(QRectF(x - side, frame.top(), 2 * side, frame.height()), colour)
        self._write_names(painter, frame)

    def _write_names(self, painter: QPainter, frame: QRectF) -> None:
        tokens = current()
        painter.setFont(mono_font(11))
        line = QRectF(0, frame.top() - scaled(20), self.width() / 2 - 8, scaled(18))
        painter.setPen(ink(tokens.accent))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, f"A  {self._names[0]}")
        line.moveLeft(self.width() / 2 + 8)
        painter.setPen(ink(tokens.noise))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, f"B  {self._names[1]}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the line to the mouse."""
        self._divide(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the line."""
        self._divide(event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom both about the mouse."""
        at, frame = event.position() - self.frame.topLeft(), self.frame
        factor = 1.25 ** (event.angleDelta().y() / 120)
        self.lens = self.lens.zoomed(factor, at.x() / frame.width(), at.y() / frame.height())
        self.update()

    def event(self, event: QEvent) -> bool:
        """Keep Esc and the arrows that move the line from the window's commands."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and not event.modifiers() & _COMMANDING
            and event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Left, Qt.Key.Key_Right)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the line with the arrow keys; Esc goes back. With Shift they are not meant."""
        steps = {Qt.Key.Key_Left: -0.02, Qt.Key.Key_Right: 0.02}
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif not event.modifiers() and (step := steps.get(Qt.Key(event.key()))) is not None:
            self._set_share(self.share + step)
        else:
            super().keyPressEvent(event)

    def _divide(self, point: QPointF) -> None:
        self._set_share((point.x() - self.frame.left()) / self.frame.width())

    def _set_share(self, share: float) -> None:
        self.share = min(max(share, 0.0), 1.0)
        self.update()
