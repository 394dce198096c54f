"""The samples of a run at fixed seeds, with a slider over the time of training."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.engine.fault import describe
from studio.training.run_folder.facts import Facts
from studio.training.run_folder.sheet_plan import SheetPlan
from studio.ui.elided_label import ElidedLabel
from studio.ui.icon_button import IconButton
from studio.ui.play_button import PlayButton
from studio.ui.quiet_button import QuietButton
from studio.ui.theme import heading_font, scaled
from studio.ui.train.charts.captions import (
    NEVER,
    NONE_YET,
    caption,
    file_name,
    named,
    time_text,
)
from studio.ui.train.charts.digest import Digest
from studio.ui.train.charts.sheet_choice import SheetChoice
from studio.ui.train.charts.sheet_slider import SheetSlider, nearest
from studio.ui.train.charts.sheet_view import SheetView
from studio.ui.train.charts.sheets import Developed, Sheets

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
        self.view, self.slider = SheetView(), SheetSlider()
        self.view.setToolTip(_VIEW_TIP)
        self.play = PlayButton(name="sheet_play", what="the samples over training", whose="")
        self.caption = ElidedLabel()
        self.first, self.middle, self.last = QLabel(), QLabel(), QLabel()
        self._digest: Digest | None = None
        self._folder = Path()
        self._developed: Developed | None = None
        self._pointed: int | None = None
        self._make_tools()
        self._lay_out()
        self._connect()
        self._on_changed()

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
        if self.choice.sheets:
            self.choice.go(nearest([sheet.kimg for sheet in self.choice.sheets], kimg))

    def stop(self) -> None:
        """Play no more and join the thread."""
        self.choice.forget()
        self.sheets.close()

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
        if path:
            target = path if path.lower().endswith(".png") else f"{path}.png"
            if not picture.save(target):
                error = OSError(f"The picture could not be written to “{target}”.")
                self.failed.emit(describe(error, "Saving the samples"))

    # Building

    def _make_tools(self) -> None:
        self.mark = QuietButton("sheet_mark", self)
        self.mark.setAccessibleName("mark for comparison")
        self.mark.setToolTip("Compare other times with the one that is shown (Shift+A)")
        self.hold = QuietButton("sheet_compare", self)
        self.hold.setAccessibleName("compare with the marked time")
        self.hold.setToolTip("Keep it pressed to see the marked time instead (A)")
        self.copy_button = IconButton("copy", "copy samples", "Copy what is shown (Ctrl+C)")
        self.copy_button.setObjectName("sheet_copy")
        self.save_button = IconButton("save", "save samples", "Save what is shown as PNG")
        self.save_button.setObjectName("sheet_save")

    def _lay_out(self) -> None:
        title = QLabel("SAMPLES")
        title.setProperty("role", "heading")
        title.setFont(heading_font())
        self.caption.setProperty("role", "mono")
        self.caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = QHBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.setSpacing(8)
        head.addWidget(title)
        head.addWidget(self.caption, 1)
        for tool in (self.hold, self.mark, self.copy_button, self.save_button):
            head.addWidget(tool)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addLayout(self._time_rows())

    def _time_rows(self) -> QHBoxLayout:
        labels = QHBoxLayout()
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter,
                 Qt.AlignmentFlag.AlignRight)  # fmt: skip
        for label, side in zip((self.first, self.middle, self.last), sides, strict=True):
            label.setProperty("role", "mono")
            label.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            labels.addWidget(label, 1)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addWidget(self.slider)
        right.addLayout(labels)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(scaled(8))
        row.addWidget(self.play, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(right, 1)
        return row

    def _connect(self) -> None:
        choice, view = self.choice, self.view
        choice.changed.connect(self._on_changed)
        choice.player.toggled.connect(self.play.set_playing)
        self.sheets.developed.connect(self._on_developed)
        self.slider.valueChanged.connect(self._on_slid)
        self.slider.play_wanted.connect(choice.play)
        self.play.clicked.connect(choice.play)
        view.play_wanted.connect(choice.play)
        view.stepped.connect(lambda step: choice.go(choice.index + step))
        view.ended.connect(lambda last: choice.go(len(choice.sheets) - 1 if last else 0))
        view.compare_held.connect(choice.hold)
        view.mark_wanted.connect(choice.mark)
        view.copy_wanted.connect(self.copy)
        view.pointed.connect(self._on_pointed)
        view.describe = lambda number: named(self._facts, number)
        self.mark.clicked.connect(choice.mark)
        self.hold.pressed.connect(lambda: choice.hold(True))
        self.hold.released.connect(lambda: choice.hold(False))
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self.save)

    # Keeping up

    @property
    def _facts(self) -> Facts | None:
        return self._digest.facts if self._digest is not None else None

    def _on_slid(self, index: int) -> None:
        if index != self.choice.index:
            self.choice.go(index)

    def _on_pointed(self, number: int | None) -> None:
        self._pointed = number
        self._show_caption()

    def _on_changed(self) -> None:
        sheet = self.choice.shown
        self._show_choice()
        if sheet is None:
            self._developed = None
            self._show_none()
        else:
            self.sheets.ask(sheet)
        chosen = self.choice.chosen
        self.shown.emit(chosen.kimg if chosen is not None else None)

    def _on_developed(self, found: Developed) -> None:
        if found.sheet != self.choice.shown:
            return
        self._developed = found
        if found.problem:
            self.view.show_problem(found.problem)
        else:
            self._show_sheet(found)
        self._enable(not found.problem)

    def _show_sheet(self, found: Developed) -> None:
        image, facts = found.image, self._facts
        count = facts.samples if facts is not None else 0
        plan = SheetPlan.of_sheet(image.width(), image.height(), count)
        self.view.show_image(image, plan, f"samples after {time_text(found.sheet.kimg)}")

    def _show_none(self) -> None:
        facts = self._facts
        never = facts is not None and not facts.samples
        self.view.show_problem(NEVER if never else NONE_YET)
        self._enable(False)

    def _enable(self, there: bool) -> None:
        for button in (self.copy_button, self.save_button):
            button.setEnabled(there)

    def _show_choice(self) -> None:
        """Show the slider, its labels and the caption as things are."""
        choice, sheets = self.choice, self.choice.sheets
        end = self._digest.course.reached if self._digest is not None else 0.0
        self.slider.blockSignals(True)
        self.slider.set_places([sheet.kimg for sheet in sheets], end)
        self.slider.setValue(choice.index)
        self.slider.blockSignals(False)
        several = len(sheets) > 1
        self.slider.set_marked(choice.marked if several else None)
        for widget in (self.play, self.slider):
            widget.setEnabled(several)
        self.first.setText("0 kimg" if sheets else "")
        self.last.setText(time_text(max(end, sheets[-1].kimg)) if sheets else "")
        self._show_time()
        marked = choice.marked
        self.hold.set_text(f"A {time_text(sheets[marked].kimg)}" if several and marked is not None
                           else "")  # fmt: skip
        self.mark.set_text("mark A" if several and marked != choice.index else "")
        self._show_caption()
        if self._developed is not None and not self._developed.problem:
            self._show_sheet(self._developed)

    def _show_time(self) -> None:
        sheet = self.choice.shown
        if sheet is None:
            self.middle.setText("")
            return
        newest = " · newest" if self.choice.follows and not self.choice.held else ""
        marked = " · A" if self.choice.held else ""
        self.middle.setText(f"{time_text(sheet.kimg)} shown{newest}{marked}")

    def _show_caption(self) -> None:
        sheet = self.choice.shown
        if sheet is None:
            self.caption.setText("")
        elif self._pointed is not None:
            self.caption.setText(named(self._facts, self._pointed))
        else:
            self.caption.setText(caption(self._facts, sheet.kimg))
