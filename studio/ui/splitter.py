"""Widgets with a thin line between them that can be dragged."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget


def splitter(name: str, orientation: Qt.Orientation, *widgets: QWidget) -> QSplitter:
    """Return the widgets in a row or a column; none of them can be dragged to nothing."""
    splitter = QSplitter(orientation)
    splitter.setObjectName(name)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(1)
    for widget in widgets:
        splitter.addWidget(widget)
    return splitter
