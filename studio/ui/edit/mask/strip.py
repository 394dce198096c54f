"""The upright strip of tools that stands left of the picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from studio.ui.edit.mask.hand import BRUSH, ERASER, LASSO, RECTANGLE
from studio.ui.icons import paint_icon
from studio.ui.ink import ink
from studio.ui.theme import current, sans_font, scaled
from studio.ui.tip import Described, wrapped

_SIDE = 30
_PAD = 5
_GAP = 7  # between groups
_ENDLESS = 1 << 20
TOOLS = (
    (BRUSH, "B", "brush", "Brush: paint what is to be made anew (B). [ and ] resize it."),
    (ERASER, "E", "eraser", "Eraser: keep these pixels as they are (E). [ and ] resize it."),
    (RECTANGLE, "", "rectangle", "Rectangle: drag from corner to corner (R)."),
    (LASSO, "", "lasso", "Lasso: draw around what is to be made anew (L)."),
)
DEEDS = (
    ("invert", "Invert the mask (I)"),
    ("fill", "Mask the whole picture (Ctrl+A)"),
    ("clear", "Clear the mask (Del)"),
    ("undo", "Undo the last change of the mask (Ctrl+Z)"),
    ("redo", "Do again what was undone (Ctrl+Shift+Z)"),
)
FILES = (
    ("load", "folder", "Take a mask from a picture: what is white is made anew"),
    ("save", "save", "Save the mask as a picture, white where it is to be made anew"),
)
_RIGHT = "The right mouse button does the opposite."


class ToolStrip(QWidget):
    """Choose a tool, or do something to the whole mask."""

    tool_chosen = Signal(str)
    """The person chose a tool: its id."""
    deed_wanted = Signal(str)
    """Something is to be done to the whole mask: invert, fill, clear, undo or redo."""

    file_wanted = Signal(str)
    """A mask is to be read from a file (“load”) or written to one (“save”)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mask_tools")
        self.setAccessibleName("tools of the mask")
        self.tools: dict[str, StripButton] = {}
        self.deeds: dict[str, StripButton] = {}
        self.files: dict[str, StripButton] = {}
        for id, letter, name, tip in TOOLS:
            made = StripButton(f"mask_{id}", letter, name, wrapped(tip, _RIGHT), self)
            made.setCheckable(True)
            made.clicked.connect(lambda _on, id=id: self._choose(id))
            self.tools[id] = made
        for id, tip in DEEDS:
            made = StripButton(f"mask_{id}", "", id, wrapped(f"{tip}."), self)
            made.clicked.connect(lambda _on, id=id: self.deed_wanted.emit(id))
            self.deeds[id] = made
        for id, icon, tip in FILES:
            name = f"{id} a mask"
            made = StripButton(f"mask_{id}", "", name, wrapped(f"{tip}."), self, icon=icon)
            made.clicked.connect(lambda _on, id=id: self.file_wanted.emit(id))
            self.files[id] = made
        self.show_tool(BRUSH)
        self.fit(_ENDLESS)

    def fit(self, height: int) -> None:
        """Stand in one column, or in two where one is higher than `height`."""
        for columns in (1, 2):
            self._place(columns)
            if self.height() <= height:
                break

    def _place(self, columns: int) -> None:
        pad, step, gap = scaled(_PAD), scaled(_SIDE) + scaled(2), scaled(_GAP)
        top = pad
        for group in (self.tools, self.deeds, self.files):
            for place, button in enumerate(group.values()):
                row, column = divmod(place, columns)
                button.move(pad + column * step, top + row * step)
            top += -(-len(group) // columns) * step + gap
        width = 2 * pad + columns * step - scaled(2)
        self.setFixedSize(width, top - gap - scaled(2) + pad)

    def show_tool(self, tool: str) -> None:
        """Mark a tool as the one in hand, without a signal."""
        for id, button in self.tools.items():
            button.setChecked(id == tool)

    def show_state(self, *, undo: bool, redo: bool, empty: bool, full: bool) -> None:
        """Let only be done what would change something."""
        self.deeds["undo"].setEnabled(undo)
        self.deeds["redo"].setEnabled(redo)
        self.deeds["clear"].setEnabled(not empty)
        self.deeds["fill"].setEnabled(not full)
        self.files["save"].setEnabled(not empty)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground and the line between tools and deeds."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(ink(tokens.line))
        painter.setBrush(ink(tokens.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        inset = scaled(_PAD) + 4
        for first in (self.deeds["invert"], self.files["load"]):
            middle = first.geometry().top() - (scaled(_GAP) + scaled(2)) // 2 - 1
            painter.drawLine(inset, middle, self.width() - inset - 1, middle)

    def _choose(self, tool: str) -> None:
        self.show_tool(tool)
        self.tool_chosen.emit(tool)


class StripButton(Described, QAbstractButton):
    """Paint a letter, or an icon, which by itself goes by its name; raised while it is checked."""

    def __init__(
        self, id: str, letter: str, name: str, tip: str, parent: QWidget, *, icon: str = ""
    ) -> None:
        super().__init__(parent)
        self._icon = icon or name
        self.setObjectName(id)
        self.setText(letter)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Return the size of a tool."""
        return QSize(scaled(_SIDE), scaled(_SIDE))

    def changeEvent(self, event: QEvent) -> None:
        """Show whether it can be pressed."""
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the face and its sign."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.isEnabled() and self.underMouse()
        painter.setPen(ink(tokens.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
        ground = tokens.line if self.isChecked() else tokens.hover
        on = self.isChecked() or lit
        painter.setBrush(ink(ground) if on else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        colour = tokens.text if on else tokens.label
        colour = colour if self.isEnabled() else tokens.disabled
        if self.text():
            painter.setFont(sans_font(13, QFont.Weight.Medium))
            painter.setPen(ink(colour))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        else:
            side = scaled(16)
            left, top = (self.width() - side) / 2, (self.height() - side) / 2
            paint_icon(painter, self._icon, QRectF(left, top, side, side), colour)
