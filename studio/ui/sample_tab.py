"""The Sample tab: panel, canvas, timeline and plots, takes; and what joins them to the session."""

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.engine.job import Ending, LiveRun, Progress
from studio.engine.plan import Plan
from studio.models import ModelInfo
from studio.session.modeldesk import findable
from studio.session.pace import pace
from studio.session.sampling import Shown
from studio.session.studio import Studio
from studio.ui.branch_button import BranchButton
from studio.ui.canvas import Canvas
from studio.ui.lora_section import LoraSection
from studio.ui.model_card import ModelCard
from studio.ui.model_choices import ModelChoice, usual_models
from studio.ui.prompt.desk import PromptDesk
from studio.ui.queue_panel import QueuePanel
from studio.ui.reading.desk import ReadingDesk
from studio.ui.run_bar import RunBar
from studio.ui.sampler_panel import SamplerPanel
from studio.ui.splitter import splitter
from studio.ui.status_text import run_line, step_line
from studio.ui.take_list import TakeList
from studio.ui.takes import TakesPanel
from studio.ui.theme import scaled
from studio.ui.timeline import Timeline
from studio.ui.viewer import Viewer


class SampleTab(QWidget):
    """Show the session's recipe, run and takes, and pass on what the person does to them."""

    readiness_changed = Signal(str)
    """Why nothing can be generated now; empty when it can."""
    paced = Signal(object, object)
    """A run has come further: its Progress and its Pace."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.card = ModelCard()
        self.loras = LoraSection()
        self.panel = SamplerPanel(self.card, self.loras, self._models)
        self.run_bar = RunBar()
        self.canvas = Canvas()
        self.timeline = Timeline()
        self.branch_button = BranchButton()
        self.timeline.add_button(self.branch_button)
        self.export_button = _export_button()
        self.timeline.add_button(self.export_button)
        self.takes = TakesPanel()
        self.queue = QueuePanel(studio.queue)
        self.viewer = Viewer(self.canvas, self.timeline, studio.reading, self)
        self.take_list = TakeList(studio, self.takes, self)
        self.reading = ReadingDesk(studio, self.canvas, self.viewer, self)
        self.prompting = PromptDesk(studio, self.panel, self.canvas, self)
        self._live: LiveRun | None = None
        self._lay_out()
        self._connect_panel()
        self._connect_session()
        self._show_settings()
        self.card.set_loading(findable(studio.editor.recipe.model.path))
        self._show_recipe()
        self._update_readiness()

    def _models(self) -> Iterator[ModelChoice]:
        return usual_models(self._studio.catalogue)

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.panel, 1)
        column.addWidget(self.run_bar)
        upper = QWidget()
        middle = QVBoxLayout(upper)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.canvas, 1)
        middle.addWidget(self.timeline)
        self.plots = splitter("plots", Qt.Orientation.Horizontal)
        rows = splitter("rows", Qt.Orientation.Vertical, upper, self.plots)
        rows.setStretchFactor(0, 1)
        rows.setSizes([scaled(620), scaled(208)])
        self.right = right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        beside.addWidget(self.takes, 1)
        beside.addWidget(self.queue)
        columns = splitter("columns", Qt.Orientation.Horizontal, left, rows, right)
        columns.setStretchFactor(1, 1)
        columns.setSizes([scaled(296), scaled(904), scaled(236)])
        self.splitters = (columns, rows)
        self.around: tuple[QWidget, ...] = (left, right, self.plots)
        self.takes.view.setToolTip("Click a take to bring back its pictures, recipe and steps")
        self.timeline.slider.setToolTip("The step that is looked at: drag, or use the arrow keys")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(columns)

    def _connect_panel(self) -> None:
        studio = self._studio
        self.panel.changed.connect(studio.editor.edit)
        self.panel.way.afresh_wanted.connect(studio.editor.start_afresh)
        self.panel.sampler.fit_wanted.connect(studio.fitting.use)
        self.panel.dice_pressed.connect(studio.roll_seed)
        self.panel.same_seed_toggled.connect(lambda on: studio.remember(same_seed=on))
        self.panel.validity_changed.connect(lambda _why: self._update_readiness())
        self.run_bar.generate_pressed.connect(self.generate)
        self.run_bar.stop_pressed.connect(studio.stop)
        self.run_bar.live_toggled.connect(self._on_live_toggled)
        self.canvas.view_changed.connect(lambda name: studio.remember(canvas_view=name))
        self.canvas.plane.look_changed.connect(
            lambda layers: studio.remember(plane_layers=tuple(sorted(layers)))
        )
        self.loras.strength_changed.connect(studio.loras.set_strength)
        self.loras.switched.connect(lambda index, on: studio.loras.switch(index, on=on))
        self.loras.removed.connect(studio.loras.remove)
        self.loras.dropped.connect(studio.loras.add)
        self.viewer.looked_at.connect(self._on_looked_at)
        self.branch_button.clicked.connect(self.branch)

    def _connect_session(self) -> None:
        studio = self._studio
        studio.editor.planned.connect(self._on_planned)
        studio.models.opening.connect(self._on_model_opening)
        studio.models.opened.connect(self._on_model_opened)
        studio.models.hashed.connect(self._on_model_hashed)
        studio.models.failed.connect(self._on_model_failed)
        studio.loras.changed.connect(self._on_loras_changed)
        studio.loras.classes_changed.connect(self.panel.show_model)
        studio.comparing.ended.connect(lambda _ending: self._show_recipe())
        studio.sampling.started.connect(self._on_started)
        studio.sampling.ended.connect(self._on_ended)
        studio.shown_changed.connect(self._on_shown)
        studio.sampling.progressed.connect(self._on_progressed)
        studio.sampling.running_changed.connect(self._on_running_changed)
        studio.settings_changed.connect(lambda _settings: self._show_settings())

    def add_plots(self) -> None:
        """Make the plots; importing their library takes a third of a second."""
        from studio.ui.sigma.desk import ScheduleDesk
        from studio.ui.sigma.editor import ScheduleEditor
        from studio.ui.step_plot import StepPlot

        schedule_plot, step_plot = ScheduleEditor(), StepPlot()
        self.plots.addWidget(schedule_plot)
        self.plots.addWidget(step_plot)
        self.plots.setSizes([scaled(620), scaled(284)])
        self.plots.setStretchFactor(0, 1)
        self.viewer.plots.add(schedule_plot, step_plot)
        self.schedule_desk = ScheduleDesk(self._studio, schedule_plot, self)

    @property
    def problem(self) -> str:
        """Return why Generate cannot be pressed, or nothing."""
        if not self._studio.models.ready:
            opening = self._studio.models.opening_now
            return "The model is being opened." if opening else "No model is open. Open one first."
        studio = self._studio
        return self.panel.problem or studio.editor.problem or studio.loras.problem

    def generate(self) -> None:
        """Generate if that is possible; what is being typed in the panel counts."""
        self.finish_typing()
        if not self.problem:
            self._studio.generate()

    def finish_typing(self) -> None:
        """Take what is being typed in the panel as it stands."""
        field = QApplication.focusWidget()
        if field is not None and self.panel.isAncestorOf(field):
            field.clearFocus()
            field.setFocus()

    def branch(self) -> None:
        """Go on from the step that is looked at with the present knobs, if that is possible."""
        self.finish_typing()
        self._update_branch()
        if self.branch_button.isEnabled():
            self._studio.branch(self.viewer.index)

    def _update_branch(self) -> None:
        viewer = self.viewer
        self.export_button.setEnabled(viewer.recipe is not None)
        self.branch_button.show_state(viewer.trajectory, viewer.recipe, viewer.index, self.problem)

    def _update_readiness(self) -> None:
        self.run_bar.set_state(self.problem, self._studio.sampling.running)
        self._update_branch()
        self.readiness_changed.emit(self.problem)

    def _show_settings(self) -> None:
        settings = self._studio.settings
        self.run_bar.set_live(settings.live)
        self.panel.show_same_seed(settings.same_seed)
        self.canvas.plane.set_layers(settings.plane_layers)
        if self.viewer.view != settings.canvas_view:
            self.viewer.set_view(settings.canvas_view)

    def _show_recipe(self) -> None:
        editor = self._studio.editor
        sigmas = editor.plan.sigmas if editor.plan is not None else ()
        self.panel.show_recipe(editor.recipe, sigmas, editor.problem)
        nfe = editor.plan.nfe if editor.plan is not None else None
        self.panel.way.show_whole(editor.whole)
        self.panel.sampler.show_offer(self._studio.fitting.offered(), nfe)

    def _on_planned(self, plan: Plan | None, problem: str) -> None:
        self._show_recipe()
        self.viewer.plots.show_plan(plan, self._studio.editor.recipe)
        self._show_kept()
        self._update_readiness()

    def _show_kept(self) -> None:
        """Dim the steps that the present recipe would take in another way."""
        frames, kept = self.viewer.trajectory, self._studio.branching.kept_steps
        self.timeline.filmstrip.set_kept(kept if frames is not None and kept < len(frames) else 0)

    def _on_live_toggled(self, on: bool) -> None:
        self._studio.remember(live=on)
        if on:
            self.generate()

    def _on_model_opening(self, path: str) -> None:
        self.card.set_loading(path)
        self._update_readiness()

    def _on_model_opened(self, info: ModelInfo) -> None:
        self.card.set_model(info)
        self.panel.show_model(self._studio.loras.widened(info))
        self._update_readiness()

    def _on_loras_changed(self) -> None:
        loras = self._studio.loras
        self.loras.show_entries(loras.entries(), offered=loras.offered)
        self._update_readiness()

    def _on_model_hashed(self, digest: str) -> None:
        info = self._studio.models.info
        if info is not None:
            self.card.set_model(replace(info, sha256=digest))
            self._show_recipe()

    def _on_model_failed(self, path: str, fault: object) -> None:
        self.card.set_error(str(fault))
        self._update_readiness()

    def _on_started(self, live: LiveRun) -> None:
        self._live = live
        self.timeline.set_running(True)

    def _on_ended(self, ending: Ending) -> None:
        if self._shows_live:
            self.viewer.show_end()
        if ending.outcome != "finished" and self._shows_live:
            self._on_looked_at(self.viewer.index)

    @property
    def _shows_live(self) -> bool:
        """Tell whether the canvas looks at the newest run and not at an earlier take."""
        return self._live is not None and self.viewer.trajectory is self._live.trajectory

    def _on_shown(self, shown: Shown) -> None:
        self.viewer.show(shown)
        self._update_branch()
        self._show_kept()
        self.timeline.set_running(self._studio.sampling.running and self._shows_live)

    def _on_running_changed(self, running: bool) -> None:
        self.timeline.set_running(running and self._shows_live)
        self._update_readiness()

    def _on_progressed(self, progress: Progress) -> None:
        self.viewer.show_progress(progress)
        speed = pace(progress)
        if self.timeline.following and self._shows_live:
            self.canvas.set_status(run_line(progress, speed))
        self.paced.emit(progress, speed)

    def _on_looked_at(self, index: int) -> None:
        frames, recipe = self.viewer.trajectory, self.viewer.recipe
        if frames is not None and recipe is not None and 0 <= index < len(frames):
            self.canvas.set_status(step_line(frames, index))
        self._update_branch()


def _export_button() -> QPushButton:
    button = QPushButton("Export…")
    button.setObjectName("export_take")
    button.setAccessibleName("export the take")
    button.setToolTip(
        "Make a film, a filmstrip, a table of the steps or a script of this take (Ctrl+E)"
    )
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setEnabled(False)
    return button
