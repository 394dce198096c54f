"""What a widget shows of a planar trajectory: a scene, a step, a camera, and its painted paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from studio.library.plane import Floats
from studio.ui.ink import ink
from studio.ui.plane.camera import Camera
from studio.ui.plane.ground import Ground
from studio.ui.plane.latest import Latest
from studio.ui.plane.scene import PLANE, Look, Scene
from studio.ui.theme import current

_AT_ONCE = 30_000  # pieces of path that are painted without a thread of their own


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """Hold painted paths and the camera and states that they were painted for."""

    image: QImage
    camera: Camera
    key: tuple[object, ...]
    places: Floats


class PlaneSight(QWidget):
    """Show a step of a scene through a camera."""

    ground_wanted = Signal()
    """Another part of the plane, or another size of it, is seen."""
    captioned = Signal(str)
    """Other words say what is hovered, or what is seen."""
    zoomed = Signal(float)
    """The plane is seen larger or smaller: by what factor, 1 is fitted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plane")
        self.setAccessibleName("plane")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)
        self._scene: Scene | None = None
        self._box = (-1.0, -1.0, 1.0, 1.0)
        self._step = 0
        self._labels: tuple[int, ...] = ()
        self._colours: list[str] = []
        self._cameras: dict[str, Camera] = {}
        self._ground: Ground | None = None
        self._density: QImage | None = None
        self._layer: _Layer | None = None
        self._painter = Latest(self)
        self._followed = 0
        self.hovered: int | None = None
        self._remark = ""
        self.names: Sequence[str] = ()

    # What is shown

    def show_scene(
        self, scene: Scene, box: tuple[float, float, float, float], labels: Sequence[int]
    ) -> None:
        """Show another trajectory, or another look at it; `box` holds its data."""
        new = self._scene is None or scene.track is not self._scene.track
        if box != self._box:
            self._cameras.clear()
        if new:
            self._drop("first", "second")
            self.hovered = None
        self._scene, self._box = scene, box
        self._labels = tuple(labels) or (-1,) * scene.track.count
        self._colour()
        self._layer = None
        self.look_at(min(self._step, max(len(scene.track) - 1, 0)))

    def look_at(self, step: int) -> None:
        """Show another step."""
        self._step = step
        self._renew_paths()
        self._tell()
        self.update()

    def set_ground(self, ground: Ground | None) -> None:
        """Lay density and field under the paths; None takes them away."""
        from studio.ui.plane.painting import density_image

        self._ground = ground
        density = ground.density if ground is not None else None
        self._density = None if density is None else density_image(density)
        self.update()

    def set_remark(self, remark: str) -> None:
        """Set the words that stand in the caption while nothing is hovered."""
        if remark != self._remark:
            self._remark = remark
            self._tell()

    def set_followed(self, index: int) -> None:
        """Let the path `index` stand out."""
        self._followed = index
        self.update()

    @property
    def followed_index(self) -> int:
        """Return the index of the path that stands out."""
        return self._followed

    @property
    def scene(self) -> Scene | None:
        """Return what is shown."""
        return self._scene

    @property
    def look(self) -> Look:
        """Return how it is looked at."""
        return self._scene.look if self._scene is not None else Look()

    # Camera

    @property
    def camera(self) -> Camera:
        """Return which part of the space of the present look is seen."""
        space, area = self.look.space, (float(self.width()), float(self.height()))
        kept = self._cameras.get(space)
        return self._fitted() if kept is None else kept.within(area)

    def fit(self) -> None:
        """Show all of the data and of the noise."""
        self._cameras.pop(self.look.space, None)
        self._on_moved()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Show what is at a point (the middle) nearer by a factor."""
        place = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        camera = self.camera
        if camera.allows(factor, self._fitted()):
            self._cameras[self.look.space] = camera.zoomed(factor, place.x(), place.y())
            self._on_moved()

    def _fitted(self) -> Camera:
        area = (float(max(self.width(), 1)), float(max(self.height(), 1)))
        if self._scene is None or not len(self._scene.track):
            return Camera.stretched((-1.5, -1.5, 1.5, 1.5), area)
        if self.look.mode == PLANE:
            return Camera.fitted(self._scene.window(self._box), area)
        return Camera.stretched(self._scene.span(self._box), area)

    def _drop(self, *modes: str) -> None:
        for space in [each for each in self._cameras if each.startswith(modes)]:
            del self._cameras[space]

    def _on_moved(self) -> None:
        self._renew_paths()
        self.update()
        self.zoomed.emit(self.camera.scale[0] / self._fitted().scale[0])
        self.ground_wanted.emit()

    # The paths, painted once for each step and camera

    def _renew_paths(self) -> None:
        from studio.ui.plane.painting import paint_paths

        scene = self._scene
        if scene is None or not len(scene.track):
            self._layer = None
            return
        camera, ratio = self.camera, self.devicePixelRatioF()
        paths = scene.paths(self._step)
        key = (id(scene), len(paths), camera, ratio, current().name)
        if self._layer is not None and self._layer.key == key:
            return
        colours = list(self._colours)

        def paint() -> _Layer:
            width, height = (max(1, round(side * ratio)) for side in camera.area)
            image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
            image.setDevicePixelRatio(ratio)
            image.fill(0)
            painter = QPainter(image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            places = camera.pixels(paths)
            paint_paths(painter, places, colours)
            painter.end()
            return _Layer(image, camera, key, places)

        if paths.size // 2 <= _AT_ONCE:
            self._painter.forget()
            self._layer = paint()
        else:
            self._painter.ask(paint, self._take_layer)

    def _take_layer(self, layer: _Layer) -> None:
        if self._scene is not None and layer.key[0] == id(self._scene):
            self._layer = layer
            self.update()

    def _colour(self) -> None:
        from studio.ui.plane.painting import class_colour

        self._colours = [class_colour(label) for label in self._labels]

    def close_threads(self) -> None:
        """Join the thread that paints many paths."""
        self._painter.close()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, the paths and what belongs to the step."""
        from studio.ui.plane.step_painter import StepPainter, place_of

        painter = QPainter(self)
        painter.fillRect(self.rect(), ink(current().canvas))
        if self._scene is None or not len(self._scene.track):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = StepPainter(self._scene, self._step, self.camera, self._colours)
        step.ground(painter, self._ground, self._density)
        if self._layer is not None:
            painter.drawImage(place_of(self._layer.camera, self.camera), self._layer.image)
        step.points(painter)
        if self.hovered is not None and self.hovered != self._followed:
            step.one(painter, self.hovered, 0.55)
        step.one(painter, self._followed, 1.0)
        step.frame(painter, QRectF(self.rect()))

    def picture(self) -> QImage:
        """Return what is seen as a picture."""
        return self.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)

    @property
    def caption(self) -> str:
        """Return the words about the hovered point, or what the axes are."""
        scene = self._scene
        if scene is None or not len(scene.track):
            return ""
        which = self.hovered
        if which is None:
            axes = _AXES.get((self.look.mode, self.look.scaled), "")
            axes = "ε, with 1, 2 and 3 standard deviations" if self.look.space == "noise" else axes
            return " · ".join(filter(None, (self._remark, axes)))
        x = scene.track.states(scene.track.reach(self._step))[-1][which]
        aim = scene.track.estimates(self._step)[which]
        name = self.names[which] if which < len(self.names) else f"point {which + 1}"
        return f"{name} · x {_place(x)} · x̂₀ {_place(aim)}"

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the same middle in another size."""
        super().resizeEvent(event)
        self._on_moved()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()
            self._layer = None
            self._renew_paths()
            self.set_ground(self._ground)

    def _tell(self) -> None:
        self.captioned.emit(self.caption)


_AXES = {
    (PLANE, True): "x / √(1 + σ²/σ²data)",
    (PLANE, False): "x as the solver holds it",
    ("first", True): "x₁ / √(1 + σ²/σ²data) against σ",
    ("second", True): "x₂ / √(1 + σ²/σ²data) against σ",
    ("first", False): "x₁ against σ",
    ("second", False): "x₂ against σ",
}


def _place(point: Floats) -> str:
    return f"({point[0]:.3g}, {point[1]:.3g})"
