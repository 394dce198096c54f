"""The switch between the views of a trajectory: x, x̂₀, ε, Δ, differences and maps."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
    QWidget,
)

from studio.ui.ink import ink
from studio.ui.theme import current, mono_font, sans_font, scaled

VIEWS: tuple[tuple[str, str, str, str], ...] = (
    ("x", "x", "state x", "x: the noisy state after the step, as the solver holds it"),
    (
        "x0",
        "x̂₀",
        "estimate x0",
        "x̂₀ = D(x; σ): the picture that the model expects under the noise\n"
        "(Karras et al. 2022, section 2)",
    ),
    (
        "eps",
        "ε",
        "noise epsilon",
        "ε = (x − x̂₀) / σ: the noise that the model sees in the state",
    ),
    (
        "delta",
        "Δ",
        "change delta",
        "Δ: what the step changed in x̂₀; grey where it changed nothing",
    ),
    (
        "diff",
        "A−B",
        "difference of two takes",
        "A−B: x̂₀ minus that of another take at the same σ, as a map of colours",
    ),
    (
        "settle",
        "σ*",
        "map of what settles when",
        "σ*: the noise level from which each pixel of x̂₀ stays as it is in the end",
    ),
    (
        "ab",
        "A|B",
        "A beside B",
        "A|B: two steps, two takes, or x and x̂₀ of the followed picture,\n"
        "with a line between them that is dragged",
    ),
)
"""The views of a trajectory: id, sign, accessible name, tool tip."""

_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
}


class ViewSwitch(QWidget):
    """Choose one of several views with the mouse, or with Tab and the arrow keys.

    views: id, sign, accessible name and tool tip of each; `wide` ones share the room evenly.
    """

    chosen = Signal(str)
    """The person chose a view: its id."""

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        views: Sequence[tuple[str, str, str, str]] = VIEWS,
        view: str = "x0",
        wide: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("what the canvas shows")
        self._view = view
        self._group = QButtonGroup(self)
        self._segments = [Segment(*each, wide=wide, parent=self) for each in views]
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 0, 1, 0)
        row.setSpacing(0)
        for segment in self._segments:
            self._group.addButton(segment)
            row.addWidget(segment, 1 if wide else 0)
        self.set_view(self._view)
        self._group.buttonClicked.connect(self._on_clicked)

    @property
    def view(self) -> str:
        """Return the id of the checked segment."""
        return self._view

    @property
    def view_name(self) -> str:
        """Return what the checked segment is called."""
        names = {view: name for view, _sign, name, _tip in VIEWS}
        return names.get(self._view, "")

    def set_view(self, view: str) -> None:
        """Check the segment of `view`, without a signal; the Tab key will find only this one."""
        self._view = view
        for segment in self._segments:
            shown = segment.view == view
            segment.setChecked(shown)
            segment.setFocusPolicy(Qt.FocusPolicy.TabFocus if shown else Qt.FocusPolicy.NoFocus)

    def offer(self, views: Collection[str]) -> None:
        """Let only these views be chosen."""
        for segment in self._segments:
            segment.setVisible(segment.view in views)

    def take_focus(self) -> None:
        """Give the keyboard to the checked segment."""
        for segment in self._segments:
            if segment.view == self._view:
                segment.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the neighbour with an arrow key."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        offered = [segment for segment in self._segments if not segment.isHidden()]
        place = [segment.view for segment in offered].index(self._view) + step
        if 0 <= place < len(offered):
            offered[place].setFocus(Qt.FocusReason.TabFocusReason)
            offered[place].click()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the trough that holds the segments."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(ink(current().line))
        painter.setBrush(ink(current().panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _on_clicked(self, segment: Segment) -> None:
        self.set_view(segment.view)
        self.chosen.emit(segment.view)


class Segment(QAbstractButton):
    """Paint one view of the switch, raised where it is chosen."""

    def __init__(
        self,
        view: str,
        sign: str,
        name: str,
        tip: str,
        *,
        wide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._font = sans_font(12) if wide else mono_font(13)
        if wide:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setText(sign)
        self.setObjectName(f"view_{view}")
        self.view = view
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Return the size of a segment."""
        return QSize(scaled(32 if len(self.text()) < 3 else 38), scaled(26))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the arrow keys to the switch, whose order is the one on the screen."""
        if Qt.Key(event.key()) in _STEPS:
            event.ignore()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the sign."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        face = QRectF(self.rect()).adjusted(2, 3, -2, -3)
        painter.setPen(ink(tokens.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(ink(tokens.line) if self.isChecked() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(face.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setFont(self._font)
        lit = self.isChecked() or self.underMouse()
        painter.setPen(ink(tokens.text if lit else tokens.muted))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
