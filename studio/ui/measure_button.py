"""The heading of a plot, which opens the choice of what it measures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from studio.ui.icons import paint_icon
from studio.ui.ink import ink
from studio.ui.theme import current, heading_font, scaled

_CHEVRON = 12


class Measure(Protocol):
    """What can be measured; `short` is its heading and `sign` its formula or its sense."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def short(self) -> str: ...  # noqa: D102
    @property
    def sign(self) -> str: ...  # noqa: D102
    @property
    def tip(self) -> str: ...  # noqa: D102


class MeasureButton(QAbstractButton):
    """Name the measure; a click, Space or an arrow key down opens the list of all."""

    chosen = Signal(str)
    """The person chose a measure: its id."""

    def __init__(
        self,
        measures: Iterable[Measure],
        parent: QWidget | None = None,
        *,
        name: str = "step_measure",
        spoken: str = "measure of the plot per step",
        keys: str = " (M)",
    ) -> None:
        super().__init__(parent)
        self._hint = f"Press for others{keys}"
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedHeight(scaled(18))
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self._group = QActionGroup(self)
        self._actions = {measure.id: self._action(measure) for measure in measures}
        self.clicked.connect(self._open)

    def _action(self, measure: Measure) -> QAction:
        action = self.menu.addAction(measure.label, lambda: self.chosen.emit(measure.id))
        action.setCheckable(True)
        action.setToolTip(measure.tip)
        self._group.addAction(action)
        return action

    def show_measure(self, measure: Measure) -> None:
        """Show which measure the plot has."""
        self._actions[measure.id].setChecked(True)
        self.setText(measure.short.upper().replace("Ε", "ε"))  # a capital one looks like an E
        self.setToolTip(f"{measure.label}: {measure.sign}\n{measure.tip}\n\n{self._hint}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for the heading and the chevron."""
        advance = QFontMetrics(heading_font()).horizontalAdvance(self.text())
        return QSize(advance + scaled(_CHEVRON) + 6, scaled(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the heading, brighter under the mouse, and the chevron."""
        tokens = current()
        lit = self.underMouse() or self.menu.isVisible()
        color = tokens.accent if self.hasFocus() else tokens.text if lit else tokens.muted
        painter = QPainter(self)
        painter.setFont(heading_font())
        painter.setPen(ink(color))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self.text())
        side = scaled(_CHEVRON)
        left = QFontMetrics(heading_font()).horizontalAdvance(self.text()) + 4
        rect = QRectF(left, (self.height() - side) / 2, side, side)
        paint_icon(painter, "chevron", rect, color)

    def _open(self) -> None:
        self.menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))
