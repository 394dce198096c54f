"""One line of a panel: a label, its control, and a dot when the value is not the default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from studio.ui.explain import explain
from studio.ui.restyle import set_style_property
from studio.ui.slider import PAD, Slider
from studio.ui.switch import Switch
from studio.ui.theme import current, scaled

if TYPE_CHECKING:
    from studio.diffusion import Knob, Spec

ROW_HEIGHT = 28
CONTROL_HEIGHT = 24
MARGIN = 12
LABEL_WIDTH = 100


class RowLabel(QLabel):
    """Name a row; long names end in … and are whole in the tool tip."""

    double_clicked = Signal()

    def __init__(self, text: str) -> None:
        super().__init__()
        self._full = text
        self._tip = ""
        self.setProperty("role", "label")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def set_name(self, text: str) -> None:
        """Name the row in another way."""
        self._full = text
        self._elide()

    def set_tip(self, tip: str) -> None:
        """Set the tool tip; an elided name stands before it."""
        self._tip = tip
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the name to the width."""
        super().resizeEvent(event)
        self._elide()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the default."""
        self.double_clicked.emit()

    def _elide(self) -> None:
        room = self.width()
        shown = QFontMetrics(self.font()).elidedText(self._full, Qt.TextElideMode.ElideRight, room)
        self.setText(shown)
        self.setToolTip(self._tip if shown == self._full else f"<p>{self._full}</p>{self._tip}")


class Row(QWidget):
    """Lay out label and control of the values called `ids`, and offer the way back to default."""

    changed = Signal(str, object)  # id, value: by the person, also while dragging
    committed = Signal(str)  # id: the change is complete
    problem_changed = Signal(str, str)  # id, why what was typed cannot be taken, or nothing

    def __init__(self, ids: tuple[str, ...], label: str, tip: str = "") -> None:
        super().__init__()
        self.ids = ids
        self.label = RowLabel(label)
        self.label.set_tip(tip)
        self.label.double_clicked.connect(self.reset)
        self.modified = False
        self.controls = QHBoxLayout()
        self.controls.setSpacing(0)
        row = QHBoxLayout(self)
        row.setContentsMargins(scaled(MARGIN), 0, scaled(MARGIN), 0)
        row.setSpacing(0)
        self.label.setFixedWidth(scaled(LABEL_WIDTH - PAD))
        row.addWidget(self.label)
        row.addLayout(self.controls, 1)
        self.setFixedHeight(scaled(ROW_HEIGHT))
        self._add_actions()

    def add_control(self, control: QWidget, stretch: int = 1) -> None:
        """Put a control where the tracks of sliders begin."""
        if not isinstance(control, Slider | Switch) and self.controls.count() == 0:
            self.controls.addSpacing(scaled(PAD))
        self.controls.addWidget(control, stretch)
        if isinstance(control, Slider):
            self.controls.addSpacing(scaled(8 - PAD))

    def reset(self) -> None:
        """Go back to the default."""

    @property
    def topics(self) -> tuple[Knob | Spec, ...]:
        """Return what the row can explain: its knobs, or what is chosen in it."""
        return ()

    def set_modified(self, modified: bool) -> None:
        """Show whether the value differs from the default."""
        if modified != self.modified:
            self.modified = modified
            set_style_property(self.label, "modified", modified)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dot in the margin."""
        if not self.modified or not self.isEnabled():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current().accent))
        painter.drawEllipse(QPointF(scaled(MARGIN) / 2, self.height() / 2), 2, 2)

    def _explain(self) -> None:
        if not explain(self):
            explain(self.label)

    def _add_actions(self) -> None:
        action = QAction("Reset to default", self)
        action.triggered.connect(self.reset)
        help_action = QAction("What is this?", self)
        help_action.triggered.connect(self._explain)
        self.addActions([action, help_action])
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
