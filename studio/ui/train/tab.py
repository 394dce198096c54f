"""The Train tab: it shows the session's runs and passes on what the person does to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.session.studio import Studio
from studio.ui.splitter import splitter
from studio.ui.theme import scaled
from studio.ui.train.charts.middle import Middle
from studio.ui.train.deeds import TrainDeeds
from studio.ui.train.foot import Foot
from studio.ui.train.left import Left
from studio.ui.train.right import Right
from studio.ui.train.welcome import Welcome


class TrainTab(QWidget):
    """Follow a run, steer it, and begin new ones."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio, self._desk = studio, studio.training
        self._followed: Path | None = None
        self.deeds = TrainDeeds(studio, self)
        self.left, self.right, self.foot = Left(), Right(), Foot()
        self.middle, self.welcome = Middle(), Welcome()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        self.stack.addWidget(self.middle)
        self.columns = splitter(
            "train_columns", Qt.Orientation.Horizontal, self.left, self.stack, self.right
        )
        self.columns.setStretchFactor(1, 1)
        self.columns.setSizes([scaled(236), scaled(904), scaled(300)])
        self.splitters = (self.columns, *self.middle.splitters)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.columns, 1)
        column.addWidget(self.foot)
        self.setAcceptDrops(True)
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        desk, left, right, deeds = self._desk, self.left, self.right, self.deeds
        desk.changed.connect(self.refresh)
        left.runs.run_chosen.connect(desk.select)
        left.runs.leaving.connect(deeds.leave_out)
        left.runs.menu_wanted.connect(deeds.show_menu)
        left.data.look_wanted.connect(lambda: self._with_run(desk.look_at_pictures))
        controls = left.controls
        controls.start_pressed.connect(lambda: self._with_run(desk.train))
        for command, signal in (
            ("pause", controls.pause_pressed),
            ("resume", controls.resume_pressed),
            ("stop", controls.stop_pressed),
            ("sample", right.sample_wanted),
            ("save", right.save_wanted),
        ):
            signal.connect(
                lambda command=command: self._with_run(lambda run: desk.tell(run, command))
            )
        controls.longer_pressed.connect(lambda: self._with_run(deeds.ask_longer))
        right.edit_wanted.connect(lambda: self._with_run(deeds.ask_copy))
        right.open_wanted.connect(deeds.open_as_model)
        right.compare_wanted.connect(deeds.compare_with_base)
        for part in (left, self.welcome):
            part.new_wanted.connect(deeds.ask_new)
            part.open_wanted.connect(deeds.ask_run)
        self.middle.failed.connect(self.studio.failed)
        self.foot.wanted.connect(deeds.follow_link)

    def refresh(self) -> None:
        """Show everything as the session has it."""
        desk = self._desk
        empty = desk.looked and not desk.standings and desk.selected is None
        self.stack.setCurrentWidget(self.welcome if empty else self.middle)
        self.left.show_desk(desk)
        self.right.show_desk(desk)
        self.foot.show_run(desk.standing)
        if desk.selected != self._followed:
            self._followed = desk.selected
            self.middle.show_run(desk.selected)

    def start(self) -> None:
        """Do what the first button stands for: start, pause or resume."""
        self.left.controls.press()

    # Drag and drop

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome folders and files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Follow a run that was dropped, or begin one with the pictures."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.deeds.take(Path(paths[0]))

    def _with_run(self, deed: Callable[[Path], object]) -> None:
        if self._desk.selected is not None:
            deed(self._desk.selected)
