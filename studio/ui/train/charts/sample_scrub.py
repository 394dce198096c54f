"""The samples of a run at fixed seeds, with a slider over the time of training."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from studio.engine.fault import describe
from studio.training.run_folder.facts import Facts
from studio.training.run_folder.sheet_plan import SheetPlan
from studio.ui.ink import ink
from studio.ui.theme import current
from studio.ui.train.charts.captions import (
    NEVER,
    NONE_YET,
    caption,
    column_names,
    file_name,
    named,
    time_text,
)
from studio.ui.train.charts.digest import Digest
from studio.ui.train.charts.sheet_choice import SheetChoice
from studio.ui.train.charts.sheet_head import SheetHead
from studio.ui.train.charts.sheet_slider import nearest
from studio.ui.train.charts.sheet_view import SheetView
from studio.ui.train.charts.sheets import Developed, Sheets
from studio.ui.train.charts.time_row import TimeRow

_VIEW_TIP = (
    "The same seeds and classes every time. Click a picture, or turn the wheel, to see it close;\n"
    "Left and Right go through the time of training, Space plays it, hold A to compare"
)


class SampleScrub(QWidget):
    """Show the sheet of samples of the chosen time; the newest, until one goes back."""

    shown = Signal(object)
    """The sheet of this kimg is looked at; None without one."""
    failed = Signal(object)
    """A picture could not be saved: a Fault."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sample_scrub")
        self.setAccessibleName("samples over the time of training")
        self.choice, self.sheets = SheetChoice(self), Sheets(self)
        self.head, self.view, self.time = SheetHead(), SheetView(), TimeRow()
        self.view.setToolTip(_VIEW_TIP)
        self._digest: Digest | None = None
        self._folder = Path()
        self._developed: Developed | None = None
        self._pointed: int | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(4)
        column.addWidget(self.head)
        column.addWidget(self.view, 1)
        column.addWidget(self.time)
        self._connect()
        self._on_changed()

    def _connect(self) -> None:
        choice, view = self.choice, self.view
        choice.changed.connect(self._on_changed)
        choice.player.toggled.connect(self.time.play.set_playing)
        self.sheets.developed.connect(self._on_developed)
        self.time.chosen.connect(choice.go)
        self.time.play_wanted.connect(choice.play)
        view.play_wanted.connect(choice.play)
        view.stepped.connect(lambda step: choice.go(choice.index + step))
        view.ended.connect(lambda last: choice.go(len(choice.sheets) - 1 if last else 0))
        view.pointed.connect(self._on_pointed)
        view.describe = lambda number: named(self._facts, number)
        self.head.mark.clicked.connect(choice.mark)
        self.head.held.connect(choice.hold)
        self.head.copy.clicked.connect(self.copy)
        self.head.save.clicked.connect(self.save)
        for widget in (view, self.time.slider):
            widget.installEventFilter(self)

    # What is shown

    def show_run(self, folder: Path | None) -> None:
        """Begin with another run, whose sheets come with `show_digest`."""
        self._folder = folder or Path()
        self._digest = self._developed = None
        self.choice.forget()

    def show_digest(self, digest: Digest | None) -> None:
        """Offer the sheets of a run as far as it goes."""
        self._digest = digest
        self.choice.set_sheets(digest.course.sheets if digest is not None else ())
        self._show_choice()

    def go_near(self, kimg: float) -> None:
        """Choose the sheet nearest to a time of training."""
        self.choice.go(nearest([sheet.kimg for sheet in self.choice.sheets], kimg))

    def stop(self) -> None:
        """Play no more and join the thread."""
        self.choice.forget()
        self.sheets.close()

    # What is carried out

    def copy(self) -> None:
        """Put what is shown on the clipboard."""
        picture = self.view.picture()
        if not picture.isNull():
            QGuiApplication.clipboard().setImage(picture)

    def save(self) -> None:
        """Ask where to save what is shown."""
        sheet, picture = self.choice.shown, self.view.picture()
        if sheet is None or picture.isNull():
            return
        name = file_name(self._folder, sheet, self.view.close_up)
        path, _ = QFileDialog.getSaveFileName(self, "Save the samples", name, "PNG (*.png)")
        target = path if path.lower().endswith(".png") else f"{path}.png"
        if path and not picture.save(target):
            error = OSError(f"The picture could not be written to “{target}”.")
            self.failed.emit(describe(error, "Saving the samples"))

    # Keeping up

    @property
    def _facts(self) -> Facts | None:
        return self._digest.facts if self._digest is not None else None

    def _on_pointed(self, number: int | None) -> None:
        self._pointed = number
        self._show_words()

    def _on_changed(self) -> None:
        sheet, chosen = self.choice.shown, self.choice.chosen
        self._show_choice()
        if sheet is not None:
            self.sheets.ask(sheet)
        self.shown.emit(chosen.kimg if chosen is not None else None)

    def _on_developed(self, found: Developed) -> None:
        if found.sheet == self.choice.shown:
            self._developed = found
            self._show_sheet()

    def _show_choice(self) -> None:
        """Show slider, labels and caption as things are, and why there is no sheet."""
        choice, places = self.choice, [sheet.kimg for sheet in self.choice.sheets]
        end = self._digest.course.reached if self._digest is not None else 0.0
        marked, several = choice.marked, len(places) > 1
        self.time.show_sheets(places, end, choice.index, marked)
        time = time_text(places[marked]) if several and marked is not None else ""
        self.head.show_marked(time, can_mark=several and marked != choice.index)
        if not places:
            self._developed = None
        self._show_words()
        self._show_sheet()

    def _show_sheet(self) -> None:
        """Show the picture that was read last, or why there is none."""
        found, facts = self._developed, self._facts
        self.head.set_there(found is not None and not found.problem)
        if found is None:
            never = facts is not None and not facts.samples
            reading = "" if self.choice.sheets else NONE_YET
            self.view.show_problem(NEVER if never else reading)
        elif found.problem:
            self.view.show_problem(found.problem)
        else:
            count = facts.samples if facts is not None and not facts.planar else 0
            plan = SheetPlan.of_sheet(found.image.width(), found.image.height(), count)
            said = f"samples after {time_text(found.sheet.kimg)}"
            names = column_names(facts, plan.columns) if plan is not None else ()
            self.view.show_image(found.image, plan, said, names)

    def _show_words(self) -> None:
        sheet, choice = self.choice.shown, self.choice
        if sheet is None:
            self.time.middle.setText("")
            self.head.caption.setText("")
            return
        note = " · A" if choice.held else " · newest" if choice.follows else ""
        self.time.middle.setText(f"{time_text(sheet.kimg)} shown{note}")
        pointed = self._pointed
        said = caption(self._facts, sheet.kimg) if pointed is None else named(self._facts, pointed)
        self.head.caption.setText(said)

    # What the person does

    def event(self, event: QEvent) -> bool:
        """Keep Ctrl+C, and Esc from a picture close by, from the window's commands."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            leaves = event.key() == Qt.Key.Key_Escape and self.view.close_up is not None
            own = leaves or event.matches(QKeySequence.StandardKey.Copy)
            event.setAccepted(own)
            return own
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Compare while A is held, mark with Shift+A, copy with Ctrl+C."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_A and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self.choice.mark()
        elif event.key() == Qt.Key.Key_A and not event.modifiers():
            self.choice.hold(True)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let go of the comparison."""
        if event.key() == Qt.Key.Key_A and not event.isAutoRepeat():
            self.choice.hold(False)
        else:
            super().keyReleaseEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let go of the comparison where the focus goes: the release of the key goes with it."""
        if event.type() == QEvent.Type.FocusOut:
            self.choice.hold(False)
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground of pictures."""
        QPainter(self).fillRect(event.rect(), ink(current().canvas))
