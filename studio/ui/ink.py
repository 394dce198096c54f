"""Turn the theme's colours into Qt's, for widgets that paint themselves."""

from __future__ import annotations

from PySide6.QtGui import QColor


def ink(color: str, opacity: float = 1.0) -> QColor:
    """Return `color` ("#rrggbb") at `opacity`, from 0 (clear) to 1."""
    made = QColor(color)
    made.setAlphaF(opacity)
    return made
