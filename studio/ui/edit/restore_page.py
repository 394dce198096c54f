"""The Restore page of the Edit tab: it shows the desk and passes on what the person does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.diffusion import METHODS
from studio.library.task import OperatorRef
from studio.session.editing.results import Results
from studio.session.editing.subjects import resized
from studio.session.pace import pace
from studio.session.queueing import new_seeds
from studio.ui.compare.parts import take_typed
from studio.ui.edit.guide import open_guide
from studio.ui.edit.methods_table import MethodsTable
from studio.ui.edit.plots import NOTHING
from studio.ui.edit.restorations import Restorations
from studio.ui.edit.restore_deeds import RestoreDeeds
from studio.ui.edit.restore_middle import RestoreMiddle
from studio.ui.edit.restore_panel import RestorePanel
from studio.ui.edit.restored_words import brief, heading_words, known_words, rows_of, worth
from studio.ui.edit.sight import ESTIMATE, MASK, MEASUREMENT, WIPE, Sight
from studio.ui.splitter import splitter
from studio.ui.status_text import run_line
from studio.ui.theme import scaled

if TYPE_CHECKING:
    from studio.engine.job import Progress
    from studio.models import ModelInfo
    from studio.session.editing.subjects import Subject
    from studio.session.studio import Studio

_NONE_YET = "One picture for each seed will be here, and stays live while it forms."
_PATIENCE_MS = 40
_PAINT = "paint over what is to be made anew"
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
    sweep_wanted = Signal()
    """The methods are to be swept over this picture on the Compare tab."""
    take_wanted = Signal(str)
    """A restoration is to be seen on the Sample tab: the id of its take."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._desk = studio, studio.editing
        self.results = Results(studio.editing, studio.sampling)
        self.panel, self.middle = RestorePanel(), RestoreMiddle()
        self.restorations, self.table = Restorations(), MethodsTable()
        self.tasks = self.panel.tasks
        self._subject: Subject | None = None
        self.sight = Sight(self._desk, self.results, self.middle, self)
        self.deeds = RestoreDeeds(studio, self.results, self.sight, self)
        self.deeds.encode_wanted.connect(self.encode_wanted)
        self.deeds.take_wanted.connect(self.take_wanted)
        self._later = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._later.timeout.connect(self._show_restored)
        self.restorations.say(_NONE_YET)
        self.table.say(_NO_ROWS)
        self._lay_out()
        self._connect_panel()
        self._connect_desk()
        self.refresh()

    def _lay_out(self) -> None:
        right = splitter("restore_right", Qt.Orientation.Vertical, self.restorations, self.table)
        right.setStretchFactor(0, 1)
        right.setSizes([scaled(472), scaled(262)])
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
        panel.stop_pressed.connect(self.stop)
        panel.changed.connect(self._on_recipe_changed)
        panel.validity_changed.connect(lambda _why: self._show_state())
        panel.method.guide_wanted.connect(self._on_guide_wanted)
        panel.measurement.changed.connect(self._on_measurement_changed)
        panel.measurement.kernel_wanted.connect(self.deeds.ask_kernel)
        canvas.strip.file_wanted.connect(self.deeds.ask_mask)
        panel.seeds.seeds.dice_pressed.connect(self._on_dice_pressed)
        for place in (panel.card, self.middle.invitation):
            place.wanted.connect(self.picture_wanted)
        panel.card.dropped.connect(desk.take_file)
        canvas.mask_changed.connect(self._on_mask_changed)
        canvas.feather_wanted.connect(
            lambda by: self.sight.mask.set_feather(self.sight.mask.feather + by)
        )
        self.restorations.chosen.connect(self._on_restoration_chosen)
        self.restorations.menu_requested.connect(self.deeds.show_menu)
        self.table.row_chosen.connect(self._on_row_chosen)
        self.table.compare_wanted.connect(self.compare)
        self.table.sweep_wanted.connect(self.sweep_wanted)

    def _connect_desk(self) -> None:
        desk, results = self._desk, self.results
        desk.picture_changed.connect(self._show_picture)
        desk.mask_changed.connect(self.sight.hold_mask)
        desk.editor.planned.connect(self._on_planned)
        desk.looked.connect(self._show_seen)
        desk.progressed.connect(self._on_progressed)
        desk.running_changed.connect(self._on_running_changed)
        results.changed.connect(self._on_restored_changed)
        results.rows_changed.connect(self._show_rows)
        results.comparing_changed.connect(self._on_comparing_changed)
        self._studio.models.opened.connect(self._on_model_opened)

    # What the tab asks of a page

    def refresh(self) -> None:
        """Show everything as the session has it."""
        self.panel.show_model(self._studio.models.info)
        self._show_picture()
        self._show_task()
        self._show_seen()
        self._show_restored()
        self._show_rows()

    def start(self) -> None:
        """Restore if that is possible; what is being typed counts."""
        take_typed(self.panel)
        if not self.problem:
            self.results.drop()
            self._desk.restore()

    def stop(self) -> None:
        """Stop before the next network call, and compare no further."""
        self.results.drop()
        self._desk.stop()

    def compare(self) -> None:
        """Restore with one method after the other, if that is possible."""
        take_typed(self.panel)
        if not (self.panel.problem or self.results.problem):
            self.results.compare()

    def take_focus(self) -> None:
        """Give the keyboard to what is used first."""
        some = self._desk.picture is not None
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

    def _show_picture(self) -> None:
        picture = self._desk.picture
        if picture is None:
            self.panel.card.show_picture(None)
        else:
            self.panel.card.show_picture(picture.pixels, picture.name, picture.facts)
        self.panel.remarks.say("" if picture is None else self._fitting())
        focus = self.focusWidget()
        idle = focus is self.panel.card or self.middle.invitation.isAncestorOf(focus)
        self.sight.hold_picture()
        if picture is not self._subject and self.results.shown is None:
            masked = self.panel.measurement.takes_mask
            self.sight.choose(MASK if masked else MEASUREMENT)
        self._subject = picture
        if picture is not None and idle:  # the keys of the tools are what comes next
            self.middle.canvas.setFocus()
        self._show_state()

    def _fitting(self) -> str:
        """Return what was done to the picture to bring it to the size of the model."""
        picture, size = self._desk.picture, self._desk.size
        if picture is None or size is None:
            return ""
        high, wide = picture.pixels.shape[:2]
        return resized((wide, high), (size[1], size[0]))

    def _show_task(self) -> None:
        desk, panel = self._desk, self.panel
        plan, task = desk.editor.plan, desk.task
        sigmas = plan.sigmas if plan is not None else ()
        recipe = desk.editor.recipe
        panel.show_recipe(recipe, sigmas, desk.refusals.get(recipe.sampler, ""))
        links = [(ref.id, dict(ref.knobs)) for ref in task.operators]
        kernel = task.kernel.name if task.kernel else ""
        panel.measurement.show_task(links, task.noise, measured=task.measured, kernel=kernel)
        self.sight.offer(masked=panel.measurement.takes_mask)
        self.middle.quality.show_known(known=not task.measured)
        self._show_known()
        self._show_state()

    def _show_seen(self) -> None:
        desk = self._desk
        recipe = desk.editor.recipe
        self.panel.method.show_refusals(desk.refusals)
        self.panel.method.problem.say(desk.refusals.get(recipe.sampler, ""))
        self._show_known()
        self._show_state()
        if self.sight.view in (MEASUREMENT, WIPE):
            self.sight.show()

    def _show_known(self) -> None:
        seen, mask = self._desk.seen, self.sight.mask
        hidden = self._desk.mask if self.panel.measurement.takes_mask else None
        words = "" if seen is None else known_words(seen.known, seen.values, hidden)
        trouble = self._desk.trouble
        if hidden is None and self._desk.picture is not None and trouble:
            unpainted = self.panel.measurement.takes_mask
            words, trouble = (_PAINT, "") if unpainted else (words, trouble)
        self.panel.measurement.say(words, trouble)
        self.panel.measurement.show_feather(mask.feather)

    def _show_restored(self) -> None:
        shown = self.results.shown
        pictures = () if shown is None or shown.pictures is None else tuple(shown.pictures)
        captions = [] if shown is None else [f"seed {seed}" for seed in shown.seeds]
        place = self.sight.place = min(self.sight.place, max(len(captions) - 1, 0))
        self.restorations.show_pictures(pictures, captions, place)
        self.restorations.note(heading_words(self.results))
        self._show_series()
        if self.sight.view in (ESTIMATE, WIPE):
            self.sight.show()

    def _show_series(self) -> None:
        shown, place = self.results.shown, self.sight.place
        series = {} if shown is None else shown.series
        total = None if shown is None else shown.total
        self.middle.residual.show_residuals(series.get("residual", NOTHING), place, total)
        psnr, ssim = series.get("psnr", NOTHING), series.get("ssim", NOTHING)
        self.middle.quality.show_quality(psnr, ssim, place, total)
        if not self._desk.running:
            self.sight.say("" if shown is None else worth(shown, place))

    def _show_rows(self) -> None:
        self.restorations.note(heading_words(self.results))
        self.table.show_rows(rows_of(self.results, self._desk.seen))

    def _show_state(self) -> None:
        running = self._desk.running or self.results.comparing
        problem = self.problem
        self.panel.show_state(problem, running=running)
        why_not = self.panel.problem or self.results.problem
        self.table.show_compare(why_not or ("Wait until it is restored." if running else ""))
        if not running:
            said = (self._desk.trouble, self.panel.method.problem.text)  # beside what is to blame
            self.panel.say("" if problem in said else problem)

    def _on_restored_changed(self) -> None:
        """Show steps that come faster than the eye together, and the end at once."""
        if not self._desk.running:
            self._later.stop()
            self._show_restored()
        elif not self._later.isActive():
            self._later.start()

    def _on_planned(self, _plan: object, _problem: str) -> None:
        self._show_task()

    def _on_comparing_changed(self, _comparing: bool) -> None:
        self._show_state()

    def _on_model_opened(self, info: ModelInfo) -> None:
        self.panel.show_model(info)
        self._show_task()

    def _on_running_changed(self, running: bool) -> None:
        if running and self.sight.view in (MASK, MEASUREMENT):
            self.sight.choose(ESTIMATE)
        self._show_state()
        self._show_series()

    def _on_progressed(self, progress: Progress) -> None:
        line = run_line(progress, pace(progress))
        left = self.results.left
        among = "" if left < 2 else f" · {left - 1} more method{'s' if left > 2 else ''}"
        self.panel.show_progress(progress.share, f"{brief(progress)}{among}")
        self.sight.say(line)

    # The person acts

    def _on_recipe_changed(self, field: str, value: object) -> None:
        if field == "sampler":
            self._desk.choose_method(str(value))
        else:
            self._desk.editor.edit(field, value)

    def _on_dice_pressed(self) -> None:
        editor = self._desk.editor
        editor.edit("seeds", new_seeds(len(editor.recipe.seeds)))

    def _on_measurement_changed(self, name: str, value: Any) -> None:
        if name == "feather":
            self.sight.mask.set_feather(value)
        elif name == "operators":
            operators = tuple(OperatorRef(id=id, knobs=knobs) for id, knobs in value)
            self._desk.edit_task(operators=operators)
        else:
            self._desk.edit_task(**{name: value})

    def _on_mask_changed(self) -> None:
        mask = self.sight.mask
        self._desk.set_mask(mask.soft().copy())
        self.panel.measurement.show_feather(mask.feather)

    def _on_restoration_chosen(self, place: int) -> None:
        self.sight.place = place
        if self.sight.view in (MASK, MEASUREMENT):
            self.sight.choose(ESTIMATE)
        else:
            self.sight.show()
        self._show_series()

    def _on_row_chosen(self, place: int) -> None:
        rows = self.results.rows
        if place < len(rows):
            self.results.look_at(rows[place])

    def _on_guide_wanted(self) -> None:
        spec = METHODS.get(self._desk.editor.recipe.sampler)
        if spec is not None:
            open_guide(spec, self)
