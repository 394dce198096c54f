"""The panel of takes: their number and the search over the list of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.ui.take_item import TakeItem
from studio.ui.take_model import Fetch, Locate
from studio.ui.take_search import TakeSearch
from studio.ui.takes_view import TakesView
from studio.ui.theme import heading_font, scaled

_NO_TAKES = "Finished runs are kept here,\nwith all their steps"
_NOTHING_FOUND = (
    "No take is found.\nTry model:tiles, sampler:heun, class:3, seed:12, tag:cat, "
    "date:2026-11 or starred"
)


class TakesPanel(QWidget):
    """Show the takes that the search finds, newest first."""

    search_changed = Signal(str)

    take_chosen = Signal(str)
    """The person chose the take with this id."""
    take_activated = Signal(str)
    """The person double-clicked the take with this id, or pressed Enter on it."""
    menu_requested = Signal(str, QPoint)
    """A menu is wanted for the take with this id (empty: none) at a global position."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = TakesView(self)
        self.search = TakeSearch()
        self._total = 0
        self._count = QLabel("", self)
        self._count.setProperty("role", "mono")
        self._empty = QLabel(self)
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._empty.setContentsMargins(12, 24, 12, 0)
        self._lay_out()
        self._connect()
        self._update_count()

    def _lay_out(self) -> None:
        heading = QLabel("TAKES", self)
        heading.setProperty("role", "heading")
        heading.setFont(heading_font())
        heading.setFixedHeight(scaled(18))
        head = QHBoxLayout()
        head.setContentsMargins(12, 10, 12, 6)
        head.addWidget(heading)
        head.addStretch(1)
        head.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.search)
        column.addWidget(self._empty, 1)
        column.addWidget(self.view, 1)

    def _connect(self) -> None:
        self.view.take_chosen.connect(self.take_chosen)
        self.view.take_activated.connect(self.take_activated)
        self.view.menu_requested.connect(self.menu_requested)
        self.search.changed.connect(self.search_changed)
        self.search.left.connect(self._on_search_left)
        model = self.view.take_model
        for changed in (model.modelReset, model.rowsInserted, model.rowsRemoved):
            changed.connect(self._update_count)

    def set_source(
        self, fetch: Fetch, count: int, locate: Locate = lambda _id: None, total: int | None = None
    ) -> None:
        """Show `count` stored takes of `total`, read with fetch(limit, offset) as they are seen."""
        self._total = count if total is None else total
        with self.view.quietly():
            self.view.take_model.set_source(fetch, count, locate)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the list be read again without moving what is in sight."""
        bar = self.view.verticalScrollBar()
        place = bar.value()
        yield
        self.view.doItemsLayout()
        bar.setValue(place)

    def insert(self, item: TakeItem) -> None:
        """Put a take at the top: a live one, or one that the store holds from now on."""
        with self.view.quietly():
            self.view.take_model.insert(item)

    def replace(self, take_id: str, item: TakeItem) -> None:
        """Show `item` in the row of `take_id`, or at the top where there is none."""
        with self.view.quietly():
            self.view.take_model.replace(take_id, item)

    def remove(self, take_id: str) -> None:
        """Drop the row of a take, if it is there."""
        with self.view.quietly():
            self.view.take_model.remove(take_id)

    def set_picture(self, take_id: str, picture: NDArray[np.uint8]) -> None:
        """Show picture: (H, W, 3) uint8 for a take that has no file yet."""
        self.view.thumbnails.put(take_id, picture)

    def select(self, take_id: str | None) -> None:
        """Select a take without a signal; None selects none."""
        self.view.select(take_id)

    def step(self, rows: int) -> None:
        """Choose the take `rows` further down (or up, if negative), as the person's wish."""
        self.view.step(rows)

    def _on_search_left(self) -> None:
        self.view.setFocus()
        self.view.step(0)

    def _update_count(self) -> None:
        count = self.view.take_model.rowCount()
        total = max(count, self._total)
        of_all = f" of {total:,}" if self.search.text() else ""
        self._count.setText(f"{count:,}{of_all}" if total else "")
        self.search.setVisible(bool(total))
        self._empty.setText(_NOTHING_FOUND if total else _NO_TAKES)
        self._empty.setVisible(not count)
        self.view.setVisible(bool(count))
