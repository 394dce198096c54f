"""A small button with an icon of the theme."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QToolButton

from studio.ui.icons import icon
from studio.ui.theme import current, scaled
from studio.ui.tip import Described


class IconButton(Described, QToolButton):
    """Do what its icon shows; `label` is its accessible name, `tip` says it at length.

    A checkable one shows `checked_icon` in the accent colour while it is on.
    """

    def __init__(
        self, icon_name: str, label: str, tip: str, *, checked_icon: str = "", side: int = 24
    ) -> None:
        super().__init__()
        self._icon_name = icon_name
        self._checked_icon = checked_icon
        self.setAccessibleName(label)
        self.setToolTip(tip)
        self.setFixedSize(scaled(side), scaled(side))
        self.setIconSize(QSize(scaled(16), scaled(16)))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCheckable(bool(checked_icon))
        self.toggled.connect(self.renew)
        self.renew()

    def set_icon(self, icon_name: str) -> None:
        """Show another icon."""
        self._icon_name = icon_name
        self.renew()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.renew()

    def renew(self) -> None:
        """Draw the icon again, as state and theme ask."""
        tokens = current()
        on = self.isChecked() and bool(self._checked_icon)
        name = self._checked_icon if on else self._icon_name
        color = tokens.accent if on else tokens.label
        self.setIcon(icon(name, color, scaled(16)))
