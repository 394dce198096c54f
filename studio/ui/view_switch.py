"""The switch between the views of a trajectory: x, x̂₀, ε, Δ, differences and maps."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.ui.ink import ink
from studio.ui.segments import Segment, SegmentRow
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


class ViewSwitch(SegmentRow):
    """Choose one of several views.

    views: id, sign, accessible name and tool tip of each; `wide` ones share the room evenly.
    """

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        views: Sequence[tuple[str, str, str, str]] = VIEWS,
        view: str = "x0",
        wide: bool = False,
    ) -> None:
        super().__init__(parent, segment=view)
        self.setAccessibleName("what the canvas shows")
        row = QHBoxLayout(self)
        row.setContentsMargins(1, 0, 1, 0)
        row.setSpacing(0)
        segments = [_View(*each, wide=wide, parent=self) for each in views]
        for segment in segments:
            row.addWidget(segment, 1 if wide else 0)
        self._hold(segments)

    @property
    def view(self) -> str:
        """Return the id of the checked segment."""
        return self.segment

    @property
    def view_name(self) -> str:
        """Return what the checked segment is called."""
        names = {view: name for view, _sign, name, _tip in VIEWS}
        return names.get(self.segment, "")

    def offer(self, views: Collection[str]) -> None:
        """Let only these views be chosen."""
        for segment in self._segments:
            segment.setVisible(segment.id in views)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the trough that holds the segments."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(ink(current().line))
        painter.setBrush(ink(current().panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


class _View(Segment):
    """Paint one view of the switch, raised where it is chosen."""

    def __init__(
        self, view: str, sign: str, name: str, tip: str, *, wide: bool, parent: QWidget
    ) -> None:
        super().__init__(view, sign, name, parent)
        self._font = sans_font(12) if wide else mono_font(13 if len(sign) < 4 else 11)
        if wide:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setObjectName(f"view_{view}")
        self.setToolTip(tip)

    def sizeHint(self) -> QSize:
        """Return the size of a segment."""
        words = QFontMetrics(self._font).horizontalAdvance(self.text()) + scaled(16)
        wide = scaled(32 if len(self.text()) < 3 else 38) if len(self.text()) < 4 else words
        return QSize(wide, scaled(26))

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
