"""Let the Tab key go through a panel as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QWidget


def order_tabs(panel: QWidget | None) -> None:
    """Put the controls of `panel` into the order of its layouts.

    Qt's own order is that of making, which puts rows that came later at the end.
    """
    for before, after in pairwise(_controls(panel.layout() if panel else None)):
        QWidget.setTabOrder(before, after)


def _controls(layout: QLayout | None) -> Iterator[QWidget]:
    """Yield the widgets in a layout and below that the Tab key can reach."""
    for index in range(layout.count() if layout else 0):
        item = layout.itemAt(index) if layout else None
        widget = item.widget() if item else None
        if widget is not None:
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                yield widget
            yield from _controls(widget.layout())
        elif item is not None:
            yield from _controls(item.layout())
