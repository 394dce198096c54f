"""The widget that shows a planar trajectory: paths over the density, points, estimates, field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from studio.library.plane import Floats
from studio.ui.ink import ink
from studio.ui.plane.camera import STEP, Camera
from studio.ui.plane.ground import Ground
from studio.ui.plane.latest import Latest
from studio.ui.plane.scene import PLANE, Look, Scene
from studio.ui.theme import current

NEAR = 10.0
"""Pixels from the mouse within which a path is hovered."""

_AT_ONCE = 30_000  # pieces of path that are painted without a thread of their own
_EDGE = 24.0  # pixels that the label of a tick needs at either side
_ARROW = 26.0  # pixels of the longest arrow
_PAN = Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """Hold painted paths and the camera and states that they were painted for."""

    image: QImage
    camera: Camera
    key: tuple[object, ...]
    places: Floats


class PlanePlot(QWidget):
    """Show a step of a scene; the wheel zooms, a drag pans, a double click fits."""

    followed = Signal(int)
    """The person picked a point to follow: its index."""
    ground_wanted = Signal()
    """Another part of the plane, or another size of it, is seen."""
    drag_requested = Signal(int)
    """Shift and drag: carry the picture out of the window."""
    menu_requested = Signal(int, QPoint)
    """A menu is wanted for a point (-1: none) at a global position."""
    captioned = Signal(str)
    """Other words say what is hovered, or what is seen."""
    zoomed = Signal(float)
    """The plane is seen larger or smaller: by what factor, 1 is fitted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plane")
        self.setAccessibleName("plane")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
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
        self._pressed: QPointF | None = None
        self._panning = False
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
        shown = ground is not None and ground.density is not None
        self._density = density_image(ground.density) if ground is not None and shown else None
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
        painter = QPainter(self)
        painter.fillRect(self.rect(), ink(current().canvas))
        if self._scene is None or not len(self._scene.track):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        camera = self.camera
        self._paint_ground(painter, camera)
        if self._layer is not None:
            place = self._place_of(self._layer.camera, camera)
            painter.drawImage(place, self._layer.image)
        self._paint_step(painter, self._scene, camera)
        self._paint_frame(painter, camera)

    def picture(self) -> QImage:
        """Return what is seen as a picture."""
        return self.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)

    def _paint_ground(self, painter: QPainter, camera: Camera) -> None:
        from studio.ui.plane.painting import paint_arrows, paint_rings

        if self._ground is not None:
            seen = self._ground.camera
            place = self._place_of(seen, camera)
            if self._density is not None:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(place, self._density)
            if self._ground.arrows is not None:
                arrows = self._ground.arrows.copy()
                stretch = place.width() / seen.area[0], place.height() / seen.area[1]
                arrows[:, :2] = arrows[:, :2] * stretch + (place.left(), place.top())
                paint_arrows(painter, arrows, _ARROW)
        if self.look.mode == PLANE and self.look.view == "eps":
            paint_rings(painter, camera.pixels(np.zeros(2)), camera.scale[0])

    def _paint_step(self, painter: QPainter, scene: Scene, camera: Camera) -> None:
        from studio.ui.plane.painting import paint_links, paint_points

        marks = scene.marks(self._step)
        if marks.links is not None:
            paint_links(painter, camera.pixels(marks.links[0]), camera.pixels(marks.links[1]))
        if marks.points is not None:
            paint_points(painter, camera.pixels(marks.points), self._colours)
        if marks.estimates is not None:
            accent = [current().accent] * len(marks.estimates)
            paint_points(painter, camera.pixels(marks.estimates), accent, 0.85)
        if self.hovered is not None and self.hovered != self._followed:
            self._paint_one(painter, scene, camera, self.hovered, 0.55)
        self._paint_one(painter, scene, camera, self._followed, 1.0)

    def _paint_one(
        self, painter: QPainter, scene: Scene, camera: Camera, which: int, strength: float
    ) -> None:
        from studio.ui.plane.painting import paint_path, paint_spot

        if which >= scene.track.count:
            return
        tokens = current()
        if "paths" in self.look.layers:
            if self.look.view == "x0":
                aims = camera.pixels(scene.aims(self._step, which))
                paint_path(painter, aims, ink(tokens.accent, 0.7 * strength), 1.2)
            path = camera.pixels(scene.path(self._step, which))
            paint_path(painter, path, ink(tokens.text, 0.9 * strength), 1.8)
        marks = scene.marks(self._step)
        if marks.points is not None:
            colour = self._colours[which]
            paint_spot(painter, camera.pixels(marks.points[which]), colour, 5.5)
        if marks.estimates is not None:
            paint_spot(painter, camera.pixels(marks.estimates[which]), tokens.accent, 4.5)

    def _paint_frame(self, painter: QPainter, camera: Camera) -> None:
        from studio.ui.plane.painting import paint_ruler, paint_sigma_axis

        area = QRectF(self.rect())
        if self.look.mode == PLANE:
            paint_ruler(painter, area, camera.scale[0])
        else:
            paint_sigma_axis(painter, area, self._sigma_ticks(camera))
            assert self._scene is not None
            x = float(camera.pixels(np.array([self._scene.depth(self._step), 0.0]))[0])
            painter.setPen(ink(current().text, 0.5))
            painter.drawLine(QPointF(x, 0), QPointF(x, area.height()))

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

    def _sigma_ticks(self, camera: Camera) -> list[tuple[float, str]]:
        left, _, right, _ = camera.box
        high, low = exp(min(-left, 60)), exp(max(-right, -60))
        powers = [10.0**k for k in range(-12, 13) if low <= 10.0**k <= high]
        places = camera.pixels(np.array([[-log(p), 0.0] for p in powers]).reshape(-1, 2))
        ticks = [(float(x), f"{p:g}") for (x, _), p in zip(places, powers, strict=True)]
        return [tick for tick in ticks if _EDGE < tick[0] < camera.area[0] - _EDGE]

    def _place_of(self, seen: Camera, camera: Camera) -> QRectF:
        """Return where the area of another camera lies in this one."""
        left, bottom, right, top = seen.box
        corners = camera.pixels(np.array([[left, top], [right, bottom]]))
        return QRectF(QPointF(*corners[0]), QPointF(*corners[1]))

    # Mouse

    def nearest(self, point: QPointF) -> int | None:
        """Return the path nearest to a point within reach, or None."""
        scene = self._scene
        if scene is None or not len(scene.track):
            return None
        marks, camera = scene.marks(self._step), self.camera
        groups: list[Floats] = [each for each in (marks.points, marks.estimates) if each is not None]
        places = [camera.pixels(np.stack(groups))]
        if self._layer is not None and self._layer.camera == camera:
            places.append(self._layer.places)
        found = [_nearest(each, point) for each in places if len(each)]
        which, gap = min(found, key=lambda each: each[1])
        return which if gap <= NEAR else None

    def follow(self, index: int | None) -> None:
        """Follow a point as the person's wish, if there is such a one."""
        count = self._scene.track.count if self._scene is not None else 0
        if index is not None and 0 <= index < count and index != self._followed:
            self.set_followed(index)
            self.followed.emit(index)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the mouse."""
        if event.angleDelta().y():
            self.zoom_by(STEP ** (event.angleDelta().y() / 120), event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if self.parentWidget() is not None:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() in _PAN:
            self._pressed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, carry the picture out, or let the path under the mouse stand out."""
        if self._pressed is None or not event.buttons() & _PAN:
            self._hover(self.nearest(event.position()))
            return
        way = event.position() - self._pressed
        if not self._panning and way.manhattanLength() < QApplication.startDragDistance():
            return
        if not self._panning and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._pressed = None
            self.drag_requested.emit(self._followed)
            return
        self._panning = True
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._cameras[self.look.space] = self.camera.moved(way.x(), way.y())
        self._pressed = event.position()
        self._on_moved()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow the path that was clicked."""
        clicked = not self._panning and self._pressed is not None
        if clicked and event.button() == Qt.MouseButton.LeftButton:
            self.follow(self.nearest(event.position()))
        self._pressed = None
        self._panning = False
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit the plane."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Let nothing stand out while the mouse is elsewhere."""
        self._hover(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the path under the mouse, or of the followed one."""
        found = self.nearest(QPointF(event.pos()))
        self.menu_requested.emit(self._followed if found is None else found, event.globalPos())

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

    def _hover(self, index: int | None) -> None:
        if index != self.hovered:
            self.hovered = index
            self._tell()
            self.update()

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


def _nearest(places: Floats, point: QPointF) -> tuple[int, float]:
    """Return which of places (N, B, 2) is nearest, as a number below B, and how far it is."""
    across, down = places[..., 0] - point.x(), places[..., 1] - point.y()
    squares = across * across + down * down
    best = int(squares.argmin())
    return best % squares.shape[1], float(squares.flat[best]) ** 0.5


def _place(point: Floats) -> str:
    return f"({point[0]:.3g}, {point[1]:.3g})"
