"""The heading of the plot: which of its curves is edited."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.session.curves import Drawable
from studio.ui.ink import ink
from studio.ui.segments import Segment, SegmentRow
from studio.ui.theme import current, heading_font, scaled
from studio.ui.tip import Described, wrapped

SCHEDULE = ""
"""The id of the schedule among the fields of curves."""


class LayerTabs(SegmentRow):
    """Choose the schedule or one of the curves: the field of the recipe, “” for the schedule."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, segment=SCHEDULE)
        self.setObjectName("sigma_layers")
        self.setAccessibleName("what is edited in the plot")
        self._tabs: list[_Tab] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(scaled(14))
        self.set_curves(())

    def set_curves(self, curves: Sequence[Drawable]) -> None:
        """Offer the schedule and these curves; a dot marks those that were drawn."""
        wanted = [SCHEDULE, *(each.field for each in curves)]
        if wanted != [tab.id for tab in self._tabs]:
            self._fill(curves)
        for tab, each in zip(self._tabs[1:], curves, strict=True):
            tab.set_marked(each.own)
        self.show_segment(self.segment if self.segment in wanted else SCHEDULE)

    def _fill(self, curves: Sequence[Drawable]) -> None:
        for tab in self._tabs:
            self._row.removeWidget(tab)
            tab.hide()
            tab.deleteLater()
        self._tabs = [_Tab(SCHEDULE, "σ SCHEDULE", "schedule", _TIP, self)]
        self._tabs += [
            _Tab(each.field, short_name(each).upper(), short_name(each), each.knob.help, self)
            for each in curves
        ]
        for tab in self._tabs:
            self._row.addWidget(tab)
        self._hold(self._tabs)


_TIP = "The noise level σ before every step: shape the list itself."


def short_name(drawable: Drawable) -> str:
    """Return the first word of a knob's label: “Guidance” of “Guidance(σ)”."""
    return re.split(r"[ (]", drawable.knob.label)[0]


class _Tab(Described, Segment):
    """Paint the name of a layer, lit where it is chosen."""

    def __init__(self, layer: str, text: str, name: str, help: str, parent: QWidget) -> None:
        super().__init__(layer, text, f"edit {name}", parent)
        self._marked = False
        self.setObjectName(f"layer_{layer.rpartition('.')[2] or 'schedule'}")
        self.setToolTip(wrapped(help))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_marked(self, marked: bool) -> None:
        """Show whether the curve was drawn."""
        if marked != self._marked:
            self._marked = marked
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the name and its dot."""
        wide = QFontMetrics(heading_font()).horizontalAdvance(self.text())
        return QSize(wide + (scaled(8) if self._marked else 0), scaled(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the name, a line under the chosen one, and the dot."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(heading_font())
        lit = self.isChecked() or self.underMouse()
        painter.setPen(ink(tokens.text if lit else tokens.muted))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                         self.text())  # fmt: skip
        painter.setPen(Qt.PenStyle.NoPen)
        wide = QFontMetrics(heading_font()).horizontalAdvance(self.text())
        if self.isChecked():
            painter.setBrush(ink(tokens.accent if self.hasFocus() else tokens.muted))
            painter.drawRect(QRectF(0, self.height() - 2, wide, 1.5))
        if self._marked:
            painter.setBrush(ink(tokens.noise))
            painter.drawEllipse(QRectF(wide + scaled(3), scaled(5), scaled(4), scaled(4)))
