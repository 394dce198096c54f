"""A box to choose from a list, with headings between groups of choices."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QStandardItem, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyledItemDelegate

from studio.ui.icons import paint_icon
from studio.ui.theme import current, heading_font, scaled
from studio.ui.tip import Described

_CHEVRON = 16
_MOST_SHOWN = 18


class Choice(Described, QComboBox):
    """Show one of several choices; the wheel turns it only while it has the focus."""

    def __init__(self, name: str = "", label: str = "", tip: str = "") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(scaled(24))
        self.setItemDelegate(QStyledItemDelegate(self))  # the only one that the style sheet reaches
        self.setMaxVisibleItems(_MOST_SHOWN)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def add_heading(self, text: str) -> None:
        """Add a line that names the choices below it and cannot be chosen."""
        self.addItem(text.upper())
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        item: QStandardItem = model.item(self.count() - 1)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(heading_font())
        item.setData(text, Qt.ItemDataRole.AccessibleTextRole)

    def add_choice(self, value: object, label: str, tip: str = "") -> None:
        """Add a choice that stands for `value`."""
        self.addItem(label, value)
        self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)

    def choose(self, value: object) -> None:
        """Show the choice that stands for `value`; nothing if there is none."""
        self.setCurrentIndex(self.findData(value))

    def showPopup(self) -> None:
        """Open the list wide enough for its longest line."""
        view = self.view()
        widest = view.sizeHintForColumn(0) + scaled(32)
        view.setMinimumWidth(max(self.width(), min(widest, scaled(360))))
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel unless the box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box, then a chevron in the colour of the theme."""
        super().paintEvent(event)
        tokens = current()
        side = scaled(_CHEVRON)
        top = (self.height() - side) / 2
        rect = QRectF(self.width() - side - scaled(5), top, side, side)
        color = tokens.muted if self.isEnabled() else tokens.disabled
        paint_icon(QPainter(self), "chevron", rect, color)
