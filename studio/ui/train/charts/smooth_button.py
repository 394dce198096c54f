"""The small button that chooses how much a curve is smoothed."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from studio.ui.quiet_button import QuietButton
from studio.ui.train.charts.smoothing import STRENGTHS

_SHARES = dict(STRENGTHS)


class SmoothButton(QuietButton):
    """Name the strength; a click or Space opens the list."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("train_smoothing", parent)
        self.setAccessibleName("smoothing")
        self.setToolTip(
            "How much the bright curve is smoothed: local straight lines with a normal kernel\n"
            "of 0.5 (light), 2 (medium) or 6 percent (strong) of the run so far, after the\n"
            "median of five, so that single outliers do not pull it"
        )
        self.menu = QMenu(self)
        group = QActionGroup(self)
        self._actions = {}
        for name in _SHARES:
            action = self.menu.addAction(name.capitalize())
            action.setCheckable(True)
            action.triggered.connect(lambda _on, name=name: self.choose(name))
            group.addAction(action)
            self._actions[name] = action
        self.clicked.connect(lambda: self.menu.popup(self.mapToGlobal(QPoint(0, self.height()))))
        self.strength = ""
        self.choose("medium")

    @property
    def share(self) -> float:
        """Return the width of the kernel as a share of the curve."""
        return _SHARES[self.strength]

    def choose(self, strength: str) -> None:
        """Take a strength by its name."""
        if strength != self.strength:
            self.strength = strength
            self._actions[strength].setChecked(True)
            self.set_text(f"{strength} ▾")
            self.changed.emit()
