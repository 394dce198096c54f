"""Paint a step of a scene: ground, points, the paths that stand out, and the axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from studio.ui.ink import ink
from studio.ui.plane.camera import Camera
from studio.ui.plane.ground import Ground
from studio.ui.plane.painting import (
    paint_arrows,
    paint_links,
    paint_path,
    paint_points,
    paint_rings,
    paint_ruler,
    paint_sigma_axis,
    paint_spot,
)
from studio.ui.plane.scene import PLANE, Scene
from studio.ui.theme import current

_EDGE = 24.0  # pixels that the label of a tick needs at either side
_ARROW = 26.0  # pixels of the longest arrow


@dataclass(frozen=True, slots=True, eq=False)
class StepPainter:
    """Paint one step of a scene as a camera sees it, each point in its colour."""

    scene: Scene
    step: int
    camera: Camera
    colours: Sequence[str]

    def ground(self, painter: QPainter, ground: Ground | None, density: QImage | None) -> None:
        """Paint density and arrows, stretched where they were made for another camera."""
        look = self.scene.look
        if ground is not None:
            seen, place = ground.camera, place_of(ground.camera, self.camera)
            if density is not None:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(place, density)
            stretch = place.width() / seen.area[0], place.height() / seen.area[1]
            for flow, colour, strength in (
                (ground.exact, current().accent, 0.5),
                (ground.arrows, current().text, 0.34),
            ):
                if flow is not None:
                    arrows = flow.copy()
                    arrows[:, :2] = arrows[:, :2] * stretch + (place.left(), place.top())
                    paint_arrows(painter, arrows, _ARROW, ink(colour, strength))
        if look.mode == PLANE and look.view == "eps":
            paint_rings(painter, self.camera.pixels(np.zeros(2)), self.camera.scale[0])

    def points(self, painter: QPainter) -> None:
        """Paint points, estimates and the lines between them."""
        marks, pixels = self.scene.marks(self.step), self.camera.pixels
        if marks.links is not None:
            paint_links(painter, pixels(marks.links[0]), pixels(marks.links[1]))
        if marks.points is not None:
            paint_points(painter, pixels(marks.points), self.colours)
        if marks.estimates is not None:
            accent = [current().accent] * len(marks.estimates)
            paint_points(painter, pixels(marks.estimates), accent, 0.85)

    def one(self, painter: QPainter, which: int, strength: float) -> None:
        """Let one point and its path stand out; `strength` is 1 for the followed one."""
        scene, pixels, tokens = self.scene, self.camera.pixels, current()
        if which >= scene.track.count:
            return
        if "paths" in scene.look.layers:
            if scene.look.view == "x0":
                aims = pixels(scene.aims(self.step, which))
                paint_path(painter, aims, ink(tokens.accent, 0.7 * strength), 1.2)
            path = pixels(scene.path(self.step, which))
            paint_path(painter, path, ink(tokens.text, 0.9 * strength), 1.8)
        marks = scene.marks(self.step)
        if marks.points is not None:
            paint_spot(painter, pixels(marks.points[which]), self.colours[which], 5.5)
        if marks.estimates is not None:
            paint_spot(painter, pixels(marks.estimates[which]), tokens.accent, 4.5)

    def frame(self, painter: QPainter, area: QRectF) -> None:
        """Paint how long a unit is, or the axis of σ with the cursor."""
        if self.scene.look.mode == PLANE:
            paint_ruler(painter, area, self.camera.scale[0])
            return
        paint_sigma_axis(painter, area, self._sigma_ticks())
        x = float(self.camera.pixels(np.array([self.scene.depth(self.step), 0.0]))[0])
        painter.setPen(ink(current().text, 0.5))
        painter.drawLine(QPointF(x, 0), QPointF(x, area.height()))

    def _sigma_ticks(self) -> list[tuple[float, str]]:
        camera = self.camera
        left, _, right, _ = camera.box
        high, low = exp(min(-left, 60)), exp(max(-right, -60))
        powers = [10.0**k for k in range(-12, 13) if low <= 10.0**k <= high]
        places = camera.pixels(np.array([[-log(p), 0.0] for p in powers]).reshape(-1, 2))
        ticks = [(float(x), f"{p:g}") for (x, _), p in zip(places, powers, strict=True)]
        return [tick for tick in ticks if _EDGE < tick[0] < camera.area[0] - _EDGE]


def place_of(seen: Camera, camera: Camera) -> QRectF:
    """Return where the area of one camera lies in that of another."""
    left, bottom, right, top = seen.box
    corners = camera.pixels(np.array([[left, top], [right, bottom]]))
    return QRectF(QPointF(*corners[0]), QPointF(*corners[1]))
