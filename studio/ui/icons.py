"""Draw the bundled icons in the colours of the theme."""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from studio.bundled import resource
from studio.ui.theme import current

_DENSITIES = (1.0, 1.25, 1.5, 2.0, 3.0)


def icon(name: str, color: str | None = None, size: int = 16) -> QIcon:
    """Return the icon `name` of `resources/icons` in `color` (None: the text colour).

    Its disabled face is muted by the theme. Ask again after a change of theme.
    Raises FileNotFoundError when there is no such icon.
    """
    tokens = current()
    return _icon(name, color or tokens.text, tokens.disabled, size)


@cache  # Qt keeps what it has drawn of every icon: a new one for each change would fill its cache
def _icon(name: str, normal: str, disabled: str, size: int) -> QIcon:
    made = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, normal), (QIcon.Mode.Disabled, disabled)):
        for density in _DENSITIES:
            made.addPixmap(_pixmap(name, tint, size, density), mode)
    return made


def paint_icon(painter: QPainter, name: str, rect: QRectF, color: str) -> None:
    """Paint the icon `name` into `rect` at the resolution of the painter's device."""
    _renderer(name, color).render(painter, rect)


@cache
def _renderer(name: str, color: str) -> QSvgRenderer:
    text = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(text.replace("currentColor", color).encode()))


def _pixmap(name: str, color: str, size: int, density: float) -> QPixmap:
    """Render one face of an icon."""
    drawing = _renderer(name, color)
    pixels = round(size * density)
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    drawing.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    pixmap.setDevicePixelRatio(density)
    return pixmap
