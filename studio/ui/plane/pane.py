"""The plane with its tools, and the model that tells what lies under the paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.engine.device import give_way
from studio.engine.fault import Fault
from studio.library import Recipe, Trajectory
from studio.library.track import Track
from studio.models import ModelInfo
from studio.session.modeldesk import located
from studio.session.planes import window_of
from studio.ui.plane.camera import STEP
from studio.ui.plane.ground import Ground, Surveyor
from studio.ui.plane.latest import Latest
from studio.ui.plane.plot import PlanePlot
from studio.ui.plane.scene import LAYERS, PLANE, VIEWS, Look, Scene
from studio.ui.plane.tools import PlaneTools

if TYPE_CHECKING:
    from studio.models.toy.model import ToyModel

_GONE = "The model is not here: without it there is no density and no field"
_WAYS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
}


class PlanePane(QWidget):
    """Show a planar run at a step, with density and flow of the model that it went on with."""

    look_changed = Signal(object)
    """The person chose other layers: a frozenset of their names."""
    model_known = Signal()
    """The facts of the model have arrived: `info`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tools, self.plot = PlaneTools(), PlanePlot()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.plot, 1)
        self._look = Look()
        self._frames: Trajectory | None = None
        self._recipe: Recipe | None = None
        self._track: Track | None = None
        self._step = 0
        self._model: ToyModel | None = None
        self._known = _Known()
        self._thread = Latest(self)
        self.tools.mode_chosen.connect(lambda mode: self._choose(replace(self._look, mode=mode)))
        self.tools.layer_toggled.connect(self._on_layer_toggled)
        self.plot.ground_wanted.connect(self._want_ground)
        self.plot.captioned.connect(self.tools.show_caption)
        self.tools.show_look(self._look.mode, self._look.layers)

    @property
    def info(self) -> ModelInfo | None:
        """Return the facts of the model, once it is open."""
        return self._model.info if self._model is not None else None

    def set_layers(self, layers: Sequence[str]) -> None:
        """Show the layers that were chosen before."""
        self._look = replace(self._look, layers=frozenset(layers) & frozenset(LAYERS))
        self.tools.show_look(self._look.mode, self._look.layers)

    def show_step(self, frames: Trajectory, recipe: Recipe, step: int, view: str) -> None:
        """Show a step of a run or take."""
        view = view if view in VIEWS else "x0"
        new = frames is not self._frames
        turned = new or recipe is not self._recipe or view != self._look.view
        self._frames, self._recipe, self._step = frames, recipe, step
        if new or self._track is None:
            self._track = Track(frames)
        else:
            self._track.grow()
        self._look = replace(self._look, view=view)
        if turned:
            self._rebuild()
        self.plot.look_at(step)
        self._want_ground()

    def set_followed(self, index: int) -> None:
        """Let one path stand out; the field is that of its class."""
        self.plot.set_followed(index)
        self._want_ground()

    def obey(self, event: QKeyEvent) -> bool:
        """Zoom with 0, + and −, follow a neighbour with Shift and an arrow; else return False."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_0, Qt.Key.Key_1):
            self.plot.fit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.plot.zoom_by(STEP)
        elif key == Qt.Key.Key_Minus:
            self.plot.zoom_by(1 / STEP)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier and key in _WAYS:
            self.plot.follow(self.plot.followed_index + _WAYS[key])
        else:
            return False
        return True

    def showEvent(self, event: QShowEvent) -> None:
        """Bring what lies under the points up to date, which nobody saw."""
        super().showEvent(event)
        self._want_ground()

    def close_threads(self) -> None:
        """Join the threads."""
        self._thread.close()
        self.plot.close_threads()

    def _choose(self, look: Look) -> None:
        if look == self._look:
            return
        self._look = look
        self.tools.show_look(look.mode, look.layers)
        self._rebuild()
        self._want_ground()

    def _on_layer_toggled(self, layer: str, on: bool) -> None:
        self._choose(self._look.with_layer(layer, on))
        self.look_changed.emit(self._look.layers)

    def _rebuild(self) -> None:
        """Make the scene anew, where track, look or model changed."""
        track, frames, recipe = self._track, self._frames, self._recipe
        if track is None or frames is None or recipe is None:
            return
        info = self.info
        window = window_of(info, frames)
        box = info.window if info is not None and info.window is not None else None
        if box is None:
            half = window.half / 1.12
            box = (window.x - half, window.y - half, window.x + half, window.y + half)
        sigma_data = info.sigma_data if info is not None else 0.5
        self.plot.names = _names(recipe, info)
        self.plot.show_scene(
            Scene(track, self._look, sigma_data, _lowest(recipe)), box, recipe.labels
        )
        self.plot.look_at(min(self._step, max(len(track) - 1, 0)))

    # What the model knows

    def _want_ground(self) -> None:
        track, recipe = self._track, self._recipe
        if track is None or recipe is None or not len(track) or not self.plot.isVisible():
            return
        step = min(self._step, len(track) - 1)
        part = _part_at(recipe, step)
        path, sigma = located(part.model.path), track.sigma(step)
        look, camera = self._look, self.plot.camera
        known = self._known
        which, labels = self.plot.followed_index, part.labels or recipe.labels

        def work() -> tuple[ToyModel | None, Ground | None]:
            from studio.models.toy.model import Taste

            model = known.open(path)
            if model is None:
                return None, None
            own = labels[which] if which < len(labels) else -1
            taste = Taste(own, part.guidance, (part.guidance_low, part.guidance_high))
            return model, Surveyor(model, look, camera).survey(sigma, taste, _common(labels))

        self._thread.ask(work, self._take_ground, self._on_failed)

    def _on_failed(self, fault: Fault) -> None:
        """Say what is missing under the points, which are still there."""
        self.plot.set_remark(str(fault))
        self.plot.set_ground(None)

    def _take_ground(self, found: tuple[ToyModel | None, Ground | None]) -> None:
        model, under = found
        fresh, self._model = model is not self._model, model
        self.plot.set_remark(_GONE if model is None else self._whose())
        self.plot.set_ground(under)
        if fresh and model is not None:
            self._rebuild()
            self.model_known.emit()
            self._want_ground()  # the camera may be another now

    def _whose(self) -> str:
        """Return whose flow is drawn, where it is not that of the data alone."""
        look, model = self._look, self._model
        both = "field" in look.layers and look.mode == PLANE and look.view != "eps"
        both = both and model is not None and model.exact is not None
        learned = "learned flow, exact in colour" if both else ""
        return " · ".join(filter(None, (learned, self._class_of_flow())))

    def _class_of_flow(self) -> str:
        """Return the class of the flow, where the points do not share one."""
        recipe, info = self._recipe, self.info
        labels, which = recipe.labels if recipe is not None else (), self.plot.followed_index
        if info is None or len(set(labels)) < 2 or "field" not in self._look.layers:
            return ""
        label = labels[which] if which < len(labels) else -1
        return f"flow of “{info.classes[label]}”" if 0 <= label < len(info.classes) else ""


class _Known:
    """Hold the model that was opened last; for one thread."""

    def __init__(self) -> None:
        self._begun = False
        self._file: tuple[str, int] | None = None
        self._model: ToyModel | None = None

    def open(self, path: str) -> ToyModel | None:
        """Return the model of a file as it is now, None where there is no planar one."""
        from studio.models.errors import ModelError
        from studio.models.open import load_model
        from studio.models.toy.model import ToyModel

        if not self._begun:
            give_way()
            self._begun = True
        try:
            file = path, Path(path).stat().st_mtime_ns
            if file != self._file:
                model = load_model(path, "cpu")
                self._model = model if isinstance(model, ToyModel) else None
                self._file = file
        except (ModelError, OSError):
            self._file = self._model = None
        return self._model


def _lowest(recipe: Recipe) -> float | None:
    """Return the least σ above 0 that a recipe leads to, None where an adaptive solver goes on."""
    parts = [part.sigmas for _, part in recipe.parts() if part.sigmas]
    return min((sigma for sigma in parts[-1] if sigma > 0), default=None) if parts else None


def _part_at(recipe: Recipe, step: int) -> Recipe:
    """Return what holds at a step: the last part that begins there or before."""
    found = recipe
    for begin, part in recipe.parts():
        if begin <= step:
            found = part
    return found


def _common(labels: Sequence[int]) -> int:
    """Return the class of all points, -1 where they have several or none."""
    return labels[0] if labels and len(set(labels)) == 1 else -1


def _names(recipe: Recipe, info: ModelInfo | None) -> list[str]:
    classes = info.classes if info is not None else ()
    labels = recipe.labels or (-1,) * len(recipe.seeds)
    pairs = zip(recipe.seeds, labels, strict=True)
    return [
        f"seed {seed} · {classes[label]}" if 0 <= label < len(classes) else f"seed {seed}"
        for seed, label in pairs
    ]
