"""A row of which one is chosen, with the mouse, or with Tab and the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}


class SegmentRow(QWidget):
    """Keep one of the segments chosen; the Tab key finds only this one."""

    chosen = Signal(str)
    """The person chose a segment: its id."""

    def __init__(self, parent: QWidget | None = None, *, segment: str = "") -> None:
        super().__init__(parent)
        self.segment = segment
        self._segments: Sequence[Segment] = ()

    def _hold(self, segments: Sequence[Segment]) -> None:
        """Let the person choose among these segments, which are laid out by whoever made them."""
        self._segments = segments
        for each in segments:
            each.clicked.connect(lambda _on, id=each.id: self._choose(id))
        self.show_segment(self.segment)

    def show_segment(self, id: str) -> None:
        """Mark a segment as the chosen one, without a signal."""
        self.segment = id
        for segment in self._segments:
            shown = segment.id == id
            segment.setChecked(shown)
            segment.setFocusPolicy(Qt.FocusPolicy.TabFocus if shown else Qt.FocusPolicy.NoFocus)

    def take_focus(self) -> None:
        """Give the keyboard to the chosen segment."""
        for segment in self._segments:
            if segment.id == self.segment:
                segment.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the neighbour with an arrow key."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        offered = [segment for segment in self._segments if not segment.isHidden()]
        place = [segment.id for segment in offered].index(self.segment) + step
        if 0 <= place < len(offered):
            self._choose(offered[place].id)
            self.take_focus()

    def _choose(self, id: str) -> None:
        self.show_segment(id)
        self.chosen.emit(id)


class Segment(QAbstractButton):
    """One of the row, with its id; what it looks like is painted by its subclasses."""

    def __init__(self, id: str, text: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.id = id
        self.setText(text)
        self.setAccessibleName(name)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the arrow keys to the row, whose order is the one on the screen."""
        if Qt.Key(event.key()) in _STEPS:
            event.ignore()
            return
        super().keyPressEvent(event)
