"""Join the editor of the schedule to the session: edits, overlays, axes, own schedules."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from studio.diffusion import SCHEDULES
from studio.diffusion.levels import levels_text, parse_levels
from studio.diffusion.shapes import SHAPES
from studio.engine.fault import Fault
from studio.session.curves import drawables, redrawn, shaped, undrawn
from studio.session.drawing import OWN, drawn, overlays
from studio.session.studio import Studio
from studio.ui.sigma.axis import AXES, LOG, SigmaAxis, time_axis
from studio.ui.sigma.editor import ScheduleEditor
from studio.ui.tip import wrapped


class ScheduleDesk(QObject):
    """Take over what is drawn, and show what settings and recipe ask for."""

    def __init__(self, studio: Studio, editor: ScheduleEditor, parent: QObject) -> None:
        super().__init__(parent)
        self._studio, self._plot = studio, editor
        editor.levels_edited.connect(self._on_levels_edited)
        editor.knob_edited.connect(studio.editor.edit)
        editor.curve_edited.connect(self._on_curve_edited)
        editor.layer_chosen.connect(lambda _layer: self._show_overlays())
        editor.shapes_wanted.connect(lambda where: self._pop_up(self.shapes(), where))
        editor.more.clicked.connect(self._open_menu)
        studio.editor.planned.connect(lambda _plan, _problem: self.show_plan())
        studio.settings_changed.connect(lambda _settings: self._show_settings())
        studio.models.opened.connect(lambda _info: self._show_settings())
        self._show_settings()
        self.show_plan()

    def show_plan(self) -> None:
        """Let the list be edited that the recipe leads to, if the solver follows it."""
        recipe, plan = self._studio.editor.recipe, self._studio.editor.plan
        follows = plan is not None and plan.levels == plan.sigmas
        staged = bool(self._studio.editor.whole.segments)
        sigmas = plan.sigmas if plan is not None and follows and not staged else ()
        self._plot.set_plan(sigmas, recipe)
        self._plot.set_curves(drawables(recipe, self._studio.models.info))
        self._show_overlays()

    def _show_settings(self) -> None:
        settings = self._studio.settings
        self._plot.set_axis(self._axes().get(settings.sigma_axis, LOG))
        self._plot.show_falls(settings.sigma_falls)
        self._show_overlays()

    def _show_overlays(self) -> None:
        settings, info = self._studio.settings, self._studio.models.info
        recipe = self._studio.editor.recipe
        if self._plot.drawable is not None:
            self._plot.set_overlays({})
            return
        self._plot.set_overlays(overlays(settings.overlays, settings.own_schedules, recipe, info))

    def _axes(self) -> Mapping[str, SigmaAxis]:
        info = self._studio.models.info
        table = tuple(sorted(info.table)) if info is not None and info.table else ()
        return {**AXES, "time": time_axis(table)} if len(table) > 1 else AXES

    def _on_levels_edited(self, levels: tuple[float, ...]) -> None:
        try:
            self._studio.editor.edit_all(drawn(levels), "levels")
        except ValueError as error:
            self._studio.failed.emit(Fault(str(error)))

    # The menu

    def _open_menu(self) -> None:
        button = self._plot.more
        self._pop_up(self.menu(), button.mapToGlobal(QPoint(0, button.height())))

    def _pop_up(self, menu: QMenu, where: QPoint) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(where)

    def menu(self) -> QMenu:
        """Return the menu of the plot as it is now."""
        menu = QMenu(self._window())
        if self._plot.drawable is not None:
            self._add_shapes(menu.addMenu("Shape"))
            self._add_undrawn(menu)
            menu.addSeparator()
        self._add_axes(menu.addMenu("Axis"))
        falls = menu.addAction("Show the falls of ln σ")
        falls.setCheckable(True)
        falls.setChecked(self._studio.settings.sigma_falls)
        falls.toggled.connect(lambda on: self._studio.remember(sigma_falls=on))
        self._add_overlays(menu.addMenu("Lay over"))
        menu.addSeparator()
        save = menu.addAction("Keep this schedule as…", self._ask_name)
        save.setEnabled(self._plot.editable)
        self._add_own(menu)
        return menu

    def shapes(self) -> QMenu:
        """Return the menu of the shapes that the curve of the plot can begin with."""
        menu = QMenu(self._window())
        if self._plot.drawable is not None:
            self._add_shapes(menu)
            menu.addSeparator()
            self._add_undrawn(menu)
        return menu

    def _add_shapes(self, menu: QMenu) -> None:
        menu.setToolTipsVisible(True)
        for id, shape in SHAPES.items():
            action = menu.addAction(shape.label)
            action.setToolTip(wrapped(shape.help))
            action.triggered.connect(partial(self.shape, id))

    def _add_undrawn(self, menu: QMenu) -> None:
        drawable = self._plot.drawable
        assert drawable is not None
        other = "what its knobs say" if drawable.knob.replaces else "its default"
        action = menu.addAction(f"Back to {other}")
        action.setEnabled(drawable.own)
        action.triggered.connect(lambda: self._edit(undrawn(drawable), drawable.field))

    def shape(self, id: str, _on: bool = False) -> None:
        """Let the curve of the plot have a shape, between the ends of the schedule."""
        drawable = self._plot.drawable
        levels = [level for level in self._plot.places.levels if level > 0]
        if drawable is not None:
            self._plot.select_point(None)
            top, bottom = max(levels), min(levels)
            text = shaped(drawable, id, top, bottom if bottom < top else top / 1000)
            self._on_curve_edited(drawable.field, text)

    def _on_curve_edited(self, field: str, text: str) -> None:
        drawable = self._plot.drawable
        if drawable is not None and drawable.field == field:
            self._edit(redrawn(drawable, text), field)

    def _edit(self, changes: Mapping[str, object], field: str) -> None:
        try:
            self._studio.editor.edit_all(changes, f"curve {field}")
        except ValueError as error:
            self._studio.failed.emit(Fault(str(error)))

    def _add_axes(self, menu: QMenu) -> None:
        group = QActionGroup(menu)
        for axis in self._axes().values():
            action = menu.addAction(axis.label)
            action.setCheckable(True)
            action.setChecked(axis.id == self._plot.axis.id)
            action.triggered.connect(lambda _on, id=axis.id: self._studio.remember(sigma_axis=id))
            group.addAction(action)

    def _add_overlays(self, menu: QMenu) -> None:
        own = {f"{OWN}{name}": name for name in self._studio.settings.own_schedules}
        names = {id: spec.label for id, spec in SCHEDULES.items() if id != "custom"} | own
        for id, label in names.items():
            action = menu.addAction(label)
            action.setCheckable(True)
            action.setChecked(id in self._studio.settings.overlays)
            action.toggled.connect(lambda on, id=id: self._lay_over(id, on))

    def _lay_over(self, id: str, on: bool) -> None:
        others = tuple(each for each in self._studio.settings.overlays if each != id)
        self._studio.remember(overlays=(*others, id) if on else others)

    def _add_own(self, menu: QMenu) -> None:
        own = self._studio.settings.own_schedules
        use, drop = menu.addMenu("Use a kept one"), menu.addMenu("Forget a kept one")
        for name, text in own.items():
            use.addAction(name).triggered.connect(partial(self._take, text))
            drop.addAction(name).triggered.connect(partial(self._forget, name))
        use.setEnabled(bool(own))
        drop.setEnabled(bool(own))

    def _ask_name(self) -> None:
        title, label = "Keep this schedule", "Its name:"
        name, given = QInputDialog.getText(self._window(), title, label)
        if given and name.strip():
            self.keep(name.strip()[:64])

    def keep(self, name: str) -> None:
        """Keep the list that the recipe leads to under a name."""
        plan = self._studio.editor.plan
        if plan is not None:
            own = {**self._studio.settings.own_schedules, name: levels_text(plan.sigmas)}
            self._studio.remember(own_schedules=own)

    def _take(self, text: str, _on: bool = False) -> None:
        self._on_levels_edited(parse_levels(text))

    def _forget(self, name: str, _on: bool = False) -> None:
        own = {k: v for k, v in self._studio.settings.own_schedules.items() if k != name}
        self._studio.remember(own_schedules=own)
        self._lay_over(f"{OWN}{name}", False)

    def _window(self) -> QWidget:
        return self._plot.window()
