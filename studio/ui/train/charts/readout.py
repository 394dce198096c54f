"""A line of figures that leaves out the last ones where there is no room."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from studio.ui.theme import scaled
from studio.ui.wrapping import SEPARATOR

_TAGS = re.compile("<[^>]*>")


class Readout(QLabel):
    """Write parts of rich text side by side, the weightiest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: Sequence[str] = ()
        self.setProperty("role", "mono")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setFixedHeight(scaled(18))

    def say(self, parts: Sequence[str]) -> None:
        """Write as many of the first parts as there is room for."""
        self._parts = parts
        self._fit()

    @property
    def plain(self) -> str:
        """Return all parts without their colours."""
        return _TAGS.sub("", SEPARATOR.join(self._parts))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the text again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        texts = [SEPARATOR.join(self._parts[:count]) for count in range(len(self._parts), 0, -1)]
        metrics = self.fontMetrics()
        fits = (t for t in texts if metrics.horizontalAdvance(_TAGS.sub("", t)) <= self.width())
        self.setText(next(fits, ""))
