"""The Restore page of the Edit tab: it shows the desk and passes on what the person does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QWidget

from studio.diffusion import METHODS
from studio.engine.fault import Fault
from studio.session.editing.subjects import Subject
from studio.session.pace import pace
from studio.ui.compare.parts import take_typed
from studio.ui.edit.guide import open_guide
from studio.ui.edit.methods_table import MethodRow, MethodsTable, short
from studio.ui.edit.plots import NOTHING
from studio.ui.edit.restorations import Restorations
from studio.ui.edit.restore_middle import RestoreMiddle
from studio.ui.edit.restore_panel import RestorePanel
from studio.ui.edit.sight import ESTIMATE, MASK, MEASUREMENT, Sight
from studio.ui.edit.sources import PICTURES
from studio.ui.pictures import copy_picture, save_picture
from studio.ui.splitter import splitter
from studio.ui.status_text import run_line
from studio.ui.theme import scaled

if TYPE_CHECKING:
    from studio.engine.job import Progress
    from studio.session.editing.desk import EditDesk
    from studio.session.studio import Studio

_NONE_YET = "One picture for each seed will be here, and stays live while it forms."
_NO_ROWS = (
    "What a method reaches on this picture is listed here, beside the plain way without a model. "
    "Compare runs them one after the other, on the same noise."
)


class RestorePage(QWidget):
    """Restore a picture, watch it form, and compare the methods on it."""

    picture_wanted = Signal(str)
    """A picture is wanted from here: “open”, “paste” or “take”."""
    encode_wanted = Signal(object)
    """A restoration is to be encoded to noise: a Subject."""
    take_wanted = Signal(str)
    """A restoration is to be seen on the Sample tab: the id of its take."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._desk = studio, studio.editing
        self.panel, self.middle = RestorePanel(), RestoreMiddle()
        self.restorations, self.table = Restorations(), MethodsTable()
        self.tasks = self.panel.tasks
        self.sight = Sight(self._desk, self.middle, self)
        self.restorations.say(_NONE_YET)
        self.table.say(_NO_ROWS)
        self._lay_out()
        self._connect_panel()
        self._connect_desk()
        self.refresh()

    def _lay_out(self) -> None:
        right = splitter("restore_right", Qt.Orientation.Vertical, self.restorations, self.table)
        right.setStretchFactor(0, 1)
        right.setSizes([scaled(480), scaled(300)])
        inner = splitter("restore_inner", Qt.Orientation.Horizontal, self.middle, right)
        inner.setStretchFactor(0, 1)
        inner.setSizes([scaled(840), scaled(300)])
        columns = splitter("restore_columns", Qt.Orientation.Horizontal, self.panel, inner)
        columns.setStretchFactor(1, 1)
        columns.setSizes([scaled(296), scaled(1144)])
        self.splitters = (columns, inner, right, *self.middle.splitters)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(columns)

    def _connect_panel(self) -> None:
        desk, panel, canvas = self._desk, self.panel, self.middle.canvas
        panel.start_pressed.connect(self.start)
        panel.stop_pressed.connect(desk.stop)
        panel.changed.connect(desk.editor.edit)
        panel.validity_changed.connect(lambda _why: self._show_state())
        panel.method.guide_wanted.connect(self._on_guide_wanted)
        panel.measurement.changed.connect(self._on_measurement_changed)
        panel.measurement.file_wanted.connect(self._on_file_wanted)
        panel.seeds.seeds.dice_pressed.connect(desk.roll_seed)
        panel.seeds.seeds.same_seed_toggled.connect(lambda on: self._studio.remember(same_seed=on))
        for place in (panel.card, self.middle.invitation):
            place.wanted.connect(self.picture_wanted)
        panel.card.dropped.connect(desk.take_file)
        canvas.mask_changed.connect(self._on_mask_changed)
        canvas.feather_wanted.connect(
            lambda by: self.sight.mask.set_feather(self.sight.mask.feather + by)
        )
        self.restorations.chosen.connect(self._on_restoration_chosen)
        self.restorations.menu_requested.connect(self._show_menu)
        self.table.row_chosen.connect(self._on_row_chosen)
        self.table.compare_wanted.connect(self.compare)

    def _connect_desk(self) -> None:
        desk = self._desk
        desk.subject_changed.connect(self._show_subject)
        desk.mask_replaced.connect(self.sight.hold_mask)
        desk.changed.connect(self._show_task)
        desk.measured_changed.connect(self._show_measured)
        desk.estimates_changed.connect(self._show_estimates)
        desk.runs_changed.connect(self._show_rows)
        desk.progressed.connect(self._on_progressed)
        desk.running_changed.connect(self._on_running_changed)
        self._studio.models.opened.connect(self.panel.show_model)

    # What the tab asks of a page

    def refresh(self) -> None:
        """Show everything as the session has it."""
        self.panel.show_model(self._studio.models.info)
        self.panel.seeds.seeds.set_same_seed(self._studio.settings.same_seed)
        self._show_subject()
        self._show_task()
        self._show_measured()
        self._show_estimates()
        self._show_rows()

    def start(self) -> None:
        """Restore if that is possible; what is being typed counts."""
        take_typed(self.panel)
        if not self.problem:
            self._desk.restore()

    def compare(self) -> None:
        """Restore with one method after the other, if that is possible."""
        take_typed(self.panel)
        if not self.problem:
            self._desk.compare()

    def take_focus(self) -> None:
        """Give the keyboard to what is used first."""
        some = self._desk.subject is not None
        (self.middle.canvas if some else self.panel.card).setFocus()

    def offer(self, offers: tuple[tuple[str, str, str], ...]) -> None:
        """Set where a picture can come from: id, words, why it cannot."""
        self.panel.card.set_offers(offers)
        for id, _words, why_not in offers:
            if id in self.middle.invitation.buttons:
                self.middle.invitation.offer(id, why_not)

    @property
    def problem(self) -> str:
        """Return why Restore cannot be pressed, or nothing."""
        return self.panel.problem or self._desk.problem

    # The desk shows

    def _show_subject(self) -> None:
        subject = self._desk.subject
        if subject is None:
            self.panel.card.show_picture(None)
            self.panel.remarks.say("")
        else:
            self.panel.card.show_picture(subject.pixels, subject.name, subject.facts)
            self.panel.remarks.say(subject.remark)
        self.sight.hold_mask()
        self.sight.show()
        self._show_state()

    def _show_task(self) -> None:
        desk, panel = self._desk, self.panel
        plan = desk.editor.plan
        sigmas = plan.sigmas if plan is not None else ()
        panel.show_recipe(desk.editor.recipe, sigmas, desk.method_problem)
        panel.measurement.show_task(
            desk.operators, desk.noise, measured=desk.is_measured, kernel=desk.kernel_name
        )
        masked = panel.measurement.takes_mask
        self.sight.offer(masked=masked)
        self.middle.quality.show_known(known=not desk.is_measured)
        self._show_state()

    def _show_measured(self) -> None:
        found = self._desk.measured
        self._show_known()
        if self.sight.view == MEASUREMENT and found is not None:
            self.sight.show()

    def _show_known(self) -> None:
        found = self._desk.measured
        mask = self.sight.mask
        self.panel.measurement.say(
            found.words if found is not None else "", self._desk.measurement_problem
        )
        self.panel.measurement.show_mask(mask.feather, some=not mask.empty)

    def _show_estimates(self) -> None:
        desk = self._desk
        found = desk.estimates
        captions = [f"seed {seed}" for seed in desk.seeds]
        place = self.sight.place = min(self.sight.place, max(len(captions) - 1, 0))
        self.restorations.show_pictures(() if found is None else tuple(found), captions, place)
        self._show_series()
        if self.sight.view not in (MASK, MEASUREMENT):
            self.sight.show()

    def _show_series(self) -> None:
        desk, place = self._desk, self.sight.place
        series = desk.series
        total = desk.total
        self.middle.residual.show_residuals(series.get("residual", NOTHING), place, total)
        psnr, ssim = series.get("psnr", NOTHING), series.get("ssim", NOTHING)
        self.middle.quality.show_quality(psnr, ssim, place, total)
        if not desk.running:
            self.sight.say(self._worth())

    def _worth(self) -> str:
        """Return what the restoration that is looked at is worth, in words."""
        desk, place = self._desk, self.sight.place
        if desk.estimates is None:
            return ""
        said = [f"seed {desk.seeds[place]}" if place < len(desk.seeds) else ""]
        for name, words in (("psnr", "PSNR {:.1f} dB"), ("ssim", "SSIM {:.3f}")):
            values = desk.series.get(name, NOTHING)
            said.append(words.format(values[-1, place]) if values.size else "")
        residual = desk.series.get("residual", NOTHING)
        said.append(f"residual {short(float(residual[-1, place]))}" if residual.size else "")
        return " · ".join(filter(None, said))

    def _show_rows(self) -> None:
        desk = self._desk
        rows = [
            MethodRow(
                run.label, run.psnr, run.ssim, run.residual, run.nfe, run.seconds, run.remark,
                trivial=run.trivial, chosen=place == desk.chosen_run,
            )
            for place, run in enumerate(desk.runs)
        ]  # fmt: skip
        self.table.show_rows(rows)

    def _show_state(self) -> None:
        problem, running = self.problem, self._desk.running
        self.panel.show_state(problem, running=running)
        self.table.show_compare(problem or ("It is being restored." if running else ""))
        if not running:
            self.panel.say(problem)

    def _on_running_changed(self, running: bool) -> None:
        if running and self.sight.view in (MASK, MEASUREMENT):
            self.sight.choose(ESTIMATE)
        self._show_state()
        if not running:
            self.panel.say(self.problem)
            self.sight.say(self._worth())

    def _on_progressed(self, progress: Progress) -> None:
        line = run_line(progress, pace(progress))
        self.panel.show_progress(progress.share, line)
        self.sight.say(line)

    # The person acts

    def _on_measurement_changed(self, name: str, value: object) -> None:
        if name == "feather" and isinstance(value, int):
            self.sight.mask.set_feather(value)
        else:
            self._desk.choose(name, value)

    def _on_mask_changed(self) -> None:
        mask = self.sight.mask
        self._desk.set_mask(mask.soft().copy())
        self.panel.measurement.show_mask(mask.feather, some=not mask.empty)

    def _on_restoration_chosen(self, place: int) -> None:
        self.sight.place = place
        if self.sight.view in (MASK, MEASUREMENT):
            self.sight.choose(ESTIMATE)
        else:
            self.sight.show()
        self._show_series()

    def _on_row_chosen(self, place: int) -> None:
        if not self.table.rows[place].trivial:
            self._desk.look_at(place)

    def _on_guide_wanted(self) -> None:
        spec = METHODS.get(self._desk.editor.recipe.sampler)
        if spec is not None:
            open_guide(spec, self.panel.method.guide)

    def _on_file_wanted(self, what: str) -> None:
        if what == "save_mask":
            self._save_mask()
            return
        title = "Open a mask" if what == "load_mask" else "Open a kernel"
        path, _ = QFileDialog.getOpenFileName(self, title, "", PICTURES)
        if path and what == "load_mask":
            self._desk.take_mask(Path(path))
        elif path:
            self._desk.take_kernel(Path(path))

    def _save_mask(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save the mask", "mask.png", "PNG (*.png)")
        if not path:
            return
        soft = self.sight.mask.soft()
        height, width = soft.shape
        grey = QImage(soft.tobytes(), width, height, width, QImage.Format.Format_Grayscale8)
        target = path if path.lower().endswith(".png") else f"{path}.png"
        if not grey.save(target):
            why = f"“{target}” cannot be written. Choose another folder."
            self._studio.failed.emit(Fault("The mask was not saved.", why))

    # One restoration

    def _show_menu(self, place: int, point: QPoint) -> None:
        self.menu(place).popup(point)

    def menu(self, place: int) -> QMenu:
        """Return what can be done with the restoration at a place."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        found = self._desk.estimates
        if found is None or place >= len(found):
            return menu
        pixels, seed = found[place], self._desk.seeds[place]
        subject = Subject(f"restored, seed {seed}", pixels.copy(), "from a restoration")
        take = self._desk.take_id
        menu.addAction("Use as the picture", lambda: self._desk.take_whole(subject))
        menu.addAction("Encode to noise", lambda: self.encode_wanted.emit(subject))
        show = menu.addAction("Show on the Sample tab", lambda: self.take_wanted.emit(take))
        show.setEnabled(bool(take))
        menu.addSeparator()
        menu.addAction("Copy", lambda: copy_picture(pixels))
        menu.addAction("Save as…", lambda: self._save(place))
        return menu

    def _save(self, place: int) -> None:
        found, desk = self._desk.estimates, self._desk
        if found is None:
            return
        name = f"restored-{desk.seeds[place]}"
        fault = save_picture(self, found[place], name, desk.shown_recipe, place)
        if fault is not None:
            self._studio.failed.emit(fault)
