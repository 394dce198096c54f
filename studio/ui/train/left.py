"""The left side of the tab: the runs, the pictures of the chosen one, and its buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from studio.session.training.desk import TrainingDesk
from studio.ui.compare.parts import heading
from studio.ui.icon_button import IconButton
from studio.ui.theme import scaled
from studio.ui.train.controls import Controls
from studio.ui.train.data_card import DataCard
from studio.ui.train.run_list import RunList

_NARROWEST = 208
_MOST_LIST = 280


class Left(QWidget):
    """Choose a run and steer it."""

    new_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(scaled(_NARROWEST))
        self.runs = RunList()
        self.data = DataCard()
        self.controls = Controls()
        self.new = QPushButton("+ New")
        self.new.setObjectName("new_run")
        self.new.setAccessibleName("new run")
        self.new.setProperty("kind", "link")
        self.new.setToolTip("Choose pictures and begin a run (Ctrl+N)")
        self.new.clicked.connect(self.new_wanted)
        self.open = IconButton("folder", "open a run", "Follow a run in any folder")
        self.open.setObjectName("open_run")
        self.open.clicked.connect(self.open_wanted)
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(scaled(12), scaled(8), scaled(8), scaled(2))
        head.addWidget(heading("RUNS"), 1)
        head.addWidget(self.open)
        head.addWidget(self.new)
        inside = QWidget()
        cards = QVBoxLayout(inside)
        cards.setContentsMargins(scaled(12), 0, scaled(12), 0)
        cards.addWidget(self.data)
        cards.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        self._data_heading = heading("DATA")
        self._data_heading.setContentsMargins(scaled(12), scaled(12), 0, scaled(6))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.runs)
        column.addWidget(self._data_heading)
        column.addWidget(area, 1)
        column.addWidget(self.controls)

    def show_desk(self, desk: TrainingDesk) -> None:
        """Show the runs as they stand."""
        self.runs.show_runs(desk.standings, desk.selected)
        self.runs.setFixedHeight(min(self.runs.sizeHint().height(), scaled(_MOST_LIST)))
        self.data.show_details(desk.details)
        self.controls.show_run(desk.standing)
