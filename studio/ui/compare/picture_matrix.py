"""Pictures in rows and columns that are zoomed and moved together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from studio.library.comparison import Caption
from studio.ui.compare.lens import Lens, image
from studio.ui.ink import ink
from studio.ui.theme import current, mono_font, sans_font, scaled

Pixels = NDArray[np.uint8]
Place = tuple[int, int]

_SIDE, _GAP = 148, 8
_NAMES, _HEAD, _CAPTION = 132, 24, 20


@dataclass(frozen=True, slots=True)
class RowName:
    """What is written before a row: a name and, below it, a smaller one."""

    name: str
    note: str = ""


class PictureMatrix(QAbstractScrollArea):
    """Show a picture for each place of a table; the wheel zooms all of them about one point.

    A click marks a picture as A, a click with Shift or the right button as B.
    """

    marked = Signal(object, object)  # the places of A and B, or None
    opened = Signal(object)  # a place that was double-clicked, where `opens` is set

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("picture_matrix")
        self.setAccessibleName("pictures side by side")
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Wheel: zoom all · drag: move all · click: mark A · Shift+click: mark B")
        self.rows: tuple[RowName, ...] = ()
        self.columns: tuple[str, ...] = ()
        self.pictures: dict[Place, Pixels] = {}
        self.remarks: dict[Place, str] = {}
        self.captions: dict[Place, Caption] | None = None  # None: there is no room for any
        self.opens = False
        self.places: frozenset[Place] | None = None  # None: every place will have a picture
        self.a: Place | None = None
        self.b: Place | None = None
        self.lens = Lens()
        self._pressed: QPointF | None = None
        self._dragged = False

    def set_table(self, rows: Sequence[RowName], columns: Sequence[str]) -> None:
        """Begin a new table without pictures."""
        self.rows, self.columns = tuple(rows), tuple(columns)
        self.pictures.clear()
        self.remarks.clear()
        self.lens = Lens()
        self._mark(None, None)
        self._measure()

    def set_pictures(self, pictures: Mapping[Place, Pixels], remarks: Mapping[Place, str]) -> None:
        """Show pictures, (H, W, 3) uint8, and in other places the reason why there is none."""
        self.pictures, self.remarks = dict(pictures), dict(remarks)
        self.viewport().update()

    def set_captions(self, captions: Mapping[Place, Caption] | None) -> None:
        """Show what stands below each picture; None gives the room back."""
        self.captions = None if captions is None else dict(captions)
        self._measure()

    @property
    def _pitch(self) -> int:
        """Return how far rows are apart."""
        return scaled(_SIDE + _GAP + (_CAPTION if self.captions is not None else 0))

    def cell_rect(self, place: Place) -> QRect:
        """Return where a place is, in coordinates of the viewport."""
        row, column = place
        pitch = scaled(_SIDE + _GAP)
        x = scaled(_NAMES) + column * pitch - self.horizontalScrollBar().value()
        y = scaled(_HEAD) + row * self._pitch - self.verticalScrollBar().value()
        return QRect(x, y, scaled(_SIDE), scaled(_SIDE))

    def place_at(self, point: QPoint) -> Place | None:
        """Return the place under a point of the viewport, or None."""
        places = ((r, c) for r in range(len(self.rows)) for c in range(len(self.columns)))
        if point.y() < scaled(_HEAD) or point.x() < scaled(_NAMES):
            return None
        return next((place for place in places if self.cell_rect(place).contains(point)), None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is visible: pictures, then the names over what scrolled below them."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), ink(current().background))
        view = self.viewport().rect()
        for row in range(len(self.rows)):
            for column in range(len(self.columns)):
                rect = self.cell_rect((row, column))
                expected = self.places is None or (row, column) in self.places
                if expected and rect.intersects(view):
                    self._paint_cell(painter, (row, column), rect)
        self._paint_names(painter)
        self._paint_head(painter)

    def _paint_cell(self, painter: QPainter, place: Place, rect: QRect) -> None:
        tokens = current()
        painter.fillRect(rect, ink(tokens.canvas))
        pixels = self.pictures.get(place)
        if pixels is not None:
            self.lens.paint(painter, QRectF(rect), image(pixels))
        elif remark := self.remarks.get(place, ""):
            painter.setPen(ink(tokens.muted))
            painter.setFont(sans_font(11))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(rect.adjusted(8, 8, -8, -8), flags, remark)
        if caption := (self.captions or {}).get(place):
            self._paint_caption(painter, caption, rect)
        for letter, chosen, color in (("A", self.a, tokens.accent), ("B", self.b, tokens.noise)):
            if chosen == place:
                painter.setPen(ink(color))
                painter.drawRect(rect.adjusted(0, 0, -1, -1))
                painter.setFont(mono_font(12))
                painter.drawText(rect.adjusted(6, 4, 0, 0), Qt.AlignmentFlag.AlignLeft, letter)

    def _paint_caption(self, painter: QPainter, caption: Caption, cell: QRect) -> None:
        box = QRect(cell.left(), cell.bottom() + 1, cell.width(), scaled(_CAPTION))
        painter.fillRect(box, ink(caption.color))
        painter.setFont(mono_font(11))
        painter.setPen(ink(caption.ink))
        text = f"★ {caption.text}" if caption.best else caption.text
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        if caption.best:
            painter.setPen(ink(current().text))
            painter.drawRect(cell.united(box).adjusted(0, 0, -1, -1))

    def _paint_names(self, painter: QPainter) -> None:
        tokens = current()
        wide = scaled(_NAMES)
        painter.fillRect(QRect(0, 0, wide - scaled(_GAP), self.height()), ink(tokens.background))
        for row, name in enumerate(self.rows):
            cell = self.cell_rect((row, 0))
            box = QRect(scaled(12), cell.top(), wide - scaled(20), cell.height() // 2)
            painter.setFont(sans_font(12))
            painter.setPen(ink(tokens.text))
            flags = Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
            painter.drawText(box, flags, name.name)
            painter.setFont(mono_font(11))
            painter.setPen(ink(tokens.muted))
            box.moveTop(cell.center().y() + 3)
            painter.drawText(box, Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, name.note)

    def _paint_head(self, painter: QPainter) -> None:
        tokens = current()
        painter.fillRect(QRect(0, 0, self.width(), scaled(_HEAD - 4)), ink(tokens.background))
        painter.setFont(mono_font(11))
        painter.setPen(ink(tokens.muted))
        for column, text in enumerate(self.columns):
            cell = self.cell_rect((0, column))
            if cell.right() > scaled(_NAMES):
                box = QRect(cell.left(), 0, cell.width(), scaled(_HEAD - 4))
                metrics = painter.fontMetrics()
                fitting = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, box.width())
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, fitting)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a click or a drag begins."""
        self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move all pictures by a drag."""
        if self._pressed is None:
            return
        moved = event.position() - self._pressed
        if self._dragged or moved.manhattanLength() > 4:
            self._dragged, self._pressed = True, event.position()
            self.lens = self.lens.moved(moved.x() / scaled(_SIDE), moved.y() / scaled(_SIDE))
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Mark the picture that was clicked."""
        place = self.place_at(event.position().toPoint())
        clicked, self._pressed = not self._dragged and self._pressed is not None, None
        if clicked and place in self.pictures:
            second = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            if second or event.button() == Qt.MouseButton.RightButton:
                self._mark(self.a, place)
            else:
                self._mark(place, self.b)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the picture where that means something; else show whole pictures again."""
        place = self.place_at(event.position().toPoint())
        if self.opens and place in self.pictures:
            self.opened.emit(place)
        else:
            self.lens = Lens()
            self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom all pictures about the point under the mouse; beside them, scroll."""
        place = self.place_at(event.position().toPoint())
        if place is None or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().wheelEvent(event)
            return
        rect = QRectF(self.cell_rect(place))
        at = (event.position() - rect.topLeft()) / rect.width()
        self.lens = self.lens.zoomed(1.25 ** (event.angleDelta().y() / 120), at.x(), at.y())
        self.viewport().update()

    def event(self, event: QEvent) -> bool:
        """Keep Esc from the window's commands while a picture is marked."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and (self.a or self.b)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move A with the arrow keys, B with Shift; Return opens A, Esc takes the marks away."""
        shifts = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        if event.key() == Qt.Key.Key_Escape:
            self._mark(None, None)
        elif self.opens and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.a:
            self.opened.emit(self.a)
        elif (shift := shifts.get(Qt.Key(event.key()))) is not None:
            self._step(shift, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def _step(self, shift: Place, second: bool) -> None:
        here = (self.b if second else self.a) or (0, -1 if shift == (0, 1) else 0)
        there = (here[0] + shift[0], here[1] + shift[1])
        if there in self.pictures:
            self._mark(self.a, there) if second else self._mark(there, self.b)
            rect = self.cell_rect(there)
            for bar, low, high, size in (
                (
                    self.verticalScrollBar(),
                    rect.top() - scaled(_HEAD),
                    rect.bottom(),
                    self.height(),
                ),
                (
                    self.horizontalScrollBar(),
                    rect.left() - scaled(_NAMES),
                    rect.right(),
                    self.width(),
                ),
            ):
                bar.setValue(bar.value() + min(low, 0) + max(high - size + scaled(_GAP), 0))

    def _mark(self, a: Place | None, b: Place | None) -> None:
        if (a, b) != (self.a, self.b):
            self.a, self.b = a, b
            self.marked.emit(a, b)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the scroll bars."""
        super().resizeEvent(event)
        self._measure()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Paint again: the names stay where they are."""
        self.viewport().update()

    def _measure(self) -> None:
        pitch = scaled(_SIDE + _GAP)
        whole = QSize(
            scaled(_NAMES) + len(self.columns) * pitch, scaled(_HEAD) + len(self.rows) * self._pitch
        )
        view = self.viewport().size()
        for bar, need, room in (
            (self.verticalScrollBar(), whole.height(), view.height()),
            (self.horizontalScrollBar(), whole.width(), view.width()),
        ):
            bar.setRange(0, max(0, need - room))
            bar.setPageStep(room)
            bar.setSingleStep(pitch // 4)
        self.viewport().update()
