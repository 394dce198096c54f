"""Paint paths, points, arrows and density; each function takes pixels and knows no model."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

import numpy as np
from pyqtgraph.functions import arrayToQPath, arrayToQPolygonF
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from studio.library.plane import Floats
from studio.ui.ink import ink
from studio.ui.theme import current, mono_font, scaled

MOST_LINES = 120_000
"""Pieces of path that are painted at once; of more, only every so many-th path is shown."""

_CLASSES = {
    "dark": ("#f0a35a", "#8fa8ff", "#d58cf0", "#9bd16b", "#e8d36b", "#ef8fa0"),
    "light": ("#b4600b", "#3355c8", "#8b35ad", "#3f7d12", "#8a7208", "#b8304c"),
}
_CROWD = 256  # points from which on they are painted small and their lines faint


def class_colour(label: int) -> str:
    """Return the colour of a class, or that of noise where there is none."""
    colours = _CLASSES[current().name]
    return colours[max(label, 0) % len(colours)]


def density_image(density: Floats) -> QImage:
    """Return a density, (rows, columns) from 0 to 1, as a picture over the canvas' colour."""
    paper, haze = _rgb(current().canvas), _rgb(_haze())
    pixels = np.rint(paper + density[..., None] * (haze - paper)).astype(np.uint8)
    pixels = np.ascontiguousarray(pixels)
    rows, columns = density.shape
    view = QImage(pixels.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    return view.convertToFormat(QImage.Format.Format_RGB32)


def paint_arrows(painter: QPainter, arrows: Floats, length: float, colour: QColor) -> None:
    """Paint arrows (N, 4), middle and direction, of at most `length` pixels."""
    ends = arrows[:, :2] + arrows[:, 2:] * length / 2
    starts = arrows[:, :2] - arrows[:, 2:] * length / 2
    reach = np.linalg.norm(arrows[:, 2:], axis=1, keepdims=True)
    back = arrows[:, 2:] / np.maximum(reach, 1e-9) * np.minimum(4.0, reach * length * 0.4)
    side = np.stack([-back[:, 1], back[:, 0]], axis=1) * 0.6
    left, right = ends - back + side, ends - back - side
    painter.setPen(QPen(colour, 1))
    painter.drawPath(_lines(np.stack([starts, ends, left, ends, right, ends], axis=1)))


def paint_paths(painter: QPainter, places: Floats, colours: Sequence[str]) -> None:
    """Paint paths (states, B, 2) in pixels, each in its colour."""
    states, count = places.shape[:2]
    if states < 2:
        return
    every = max(1, -(-states * count // MOST_LINES))
    opacity = 0.6 if count <= 64 else 0.38 if count <= _CROWD else 0.2
    pens = {c: QPen(ink(c, opacity), 1.2 if count <= 64 else 1.0) for c in set(colours)}
    for which in range(0, count, every):
        painter.setPen(pens[colours[which]])
        painter.drawPolyline(polygon(places[:, which]))


def paint_path(painter: QPainter, places: Floats, colour: QColor, width: float) -> None:
    """Paint one path (states, 2) so that it stands out."""
    pen = QPen(colour, width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawPolyline(polygon(places))


def paint_links(painter: QPainter, starts: Floats, ends: Floats) -> None:
    """Paint a thin line from each start to its end, (B, 2) each."""
    opacity = 0.45 if len(starts) <= 64 else 0.25 if len(starts) <= _CROWD else 0.1
    painter.setPen(QPen(ink(current().accent, opacity), 1))
    crowded = len(starts) > _CROWD
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not crowded)
    painter.drawPath(_lines(np.stack([starts, ends], axis=1)))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def paint_points(
    painter: QPainter, places: Floats, colours: Sequence[str], shrink: float = 1.0
) -> None:
    """Paint a dot at each of places: (B, 2)."""
    width = (7.0 if len(places) <= 64 else 5.0 if len(places) <= _CROWD else 3.2) * shrink
    which = np.array(colours)
    for colour in dict.fromkeys(colours):
        some = places[which == colour]
        painter.setPen(_round_pen(ink(colour, 0.95), width))
        painter.drawPoints(polygon(some))


def paint_spot(painter: QPainter, place: Floats, colour: str, radius: float) -> None:
    """Paint one large dot with a rim, which is found among a thousand."""
    painter.setPen(QPen(ink(current().canvas), 1.5))
    painter.setBrush(ink(colour))
    painter.drawEllipse(QPointF(*place), radius, radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_rings(painter: QPainter, middle: Floats, radius: float) -> None:
    """Paint one, two and three standard deviations about `middle`, in pixels."""
    painter.setPen(QPen(ink(current().muted, 0.55), 1))
    for factor in (1, 2, 3):
        painter.drawEllipse(QPointF(*middle), factor * radius, factor * radius)


def paint_ruler(painter: QPainter, area: QRectF, scale: float) -> None:
    """Paint in the lower left how long a round number is, at `scale` pixels a unit."""
    wanted = 90 / scale
    power = 10.0 ** floor(log10(wanted))
    unit = max(step * power for step in (1, 2, 5) if step * power <= wanted * 1.0001)
    left, low = area.left() + 16, area.bottom() - 14
    end = left + unit * scale
    back = QRectF(left - 8, low - 12, end - left + 24 + scaled(7 * len(f"{unit:g}")), 22)
    painter.fillRect(back, ink(current().canvas, 0.75))
    painter.setPen(QPen(ink(current().muted), 1))
    painter.drawLine(QPointF(left, low), QPointF(end, low))
    for x in (left, end):
        painter.drawLine(QPointF(x, low - 4), QPointF(x, low))
    painter.setFont(mono_font(11))
    painter.drawText(QPointF(end + 8, low + 3), f"{unit:g}")


def paint_sigma_axis(painter: QPainter, area: QRectF, places: Sequence[tuple[float, str]]) -> None:
    """Paint the ticks of σ along the lower edge: (x, label) each."""
    painter.setFont(mono_font(11))
    low = area.bottom() - 6
    for x, label in places:
        painter.setPen(QPen(ink(current().line), 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom() - scaled(20)))
        painter.setPen(ink(current().muted))
        box = QRectF(x - 30, low - scaled(14), 60, scaled(16))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label)


def polygon(places: Floats) -> QPolygonF:
    """Return places (N, 2) as Qt's polygon."""
    across, down = (np.ascontiguousarray(each) for each in places.T)
    made: QPolygonF = arrayToQPolygonF(across, down)
    return made


def _lines(ends: Floats) -> QPainterPath:
    """Return a path of separate lines: ends (N, 2k, 2), the two of each beside each other."""
    flat = np.ascontiguousarray(ends.reshape(-1, 2))
    path: QPainterPath = arrayToQPath(flat[:, 0], flat[:, 1], connect="pairs")
    return path


def _round_pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


def _rgb(colour: str) -> Floats:
    named = QColor(colour)
    return np.array([named.red(), named.green(), named.blue()], np.float64)


def _haze() -> str:
    return "#47557f" if current().name == "dark" else "#9fb0d6"
