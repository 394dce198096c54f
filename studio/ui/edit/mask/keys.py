"""What a key does to the mask while its canvas has the focus."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from studio.ui.edit.mask.hand import BRUSH, ERASER, LASSO, RECTANGLE

if TYPE_CHECKING:
    from studio.ui.edit.mask.canvas import MaskCanvas
    from studio.ui.edit.picture_canvas import Deed

_COMMANDING = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_TOOLS = {
    Qt.Key.Key_B: BRUSH,
    Qt.Key.Key_E: ERASER,
    Qt.Key.Key_R: RECTANGLE,
    Qt.Key.Key_L: LASSO,
}
_SIZES = {Qt.Key.Key_BracketLeft: -1, Qt.Key.Key_BracketRight: 1}
_FEATHERS = {Qt.Key.Key_BraceLeft: -1, Qt.Key.Key_BraceRight: 1}
_WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_STANDARD = {
    QKeySequence.StandardKey.Undo: "undo",
    QKeySequence.StandardKey.Redo: "redo",
    QKeySequence.StandardKey.SelectAll: "fill",
}


def deed_of(canvas: MaskCanvas, event: QKeyEvent) -> Deed | None:
    """Return what a key does to the mask, or None where it means nothing to it."""
    for standard, deed in _STANDARD.items():
        if event.matches(standard):
            return partial(canvas.do, deed)
    key = Qt.Key(event.key())
    if event.modifiers() & _COMMANDING:
        return None
    if key == Qt.Key.Key_Escape:
        return canvas.drop if canvas.hand.busy else None
    if key in _WAYS:
        far = canvas.hand.size if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        right, down = _WAYS[key]
        return partial(canvas.steer, far * right, far * down)
    return _plain(canvas, key)


def _plain(canvas: MaskCanvas, key: Qt.Key) -> Deed | None:
    deeds: dict[Qt.Key, Deed] = {
        **{key: partial(canvas.take_tool, tool) for key, tool in _TOOLS.items()},
        **{key: partial(canvas.feather_wanted.emit, by) for key, by in _FEATHERS.items()},
        **{key: partial(canvas.resize_brush, by) for key, by in _SIZES.items()},
        Qt.Key.Key_Space: canvas.press,
        Qt.Key.Key_I: partial(canvas.do, "invert"),
        Qt.Key.Key_Delete: partial(canvas.do, "clear"),
    }
    return deeds.get(key)
