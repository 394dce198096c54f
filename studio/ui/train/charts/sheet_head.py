"""The line above the samples: what they are, and what can be done with them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from studio.ui.elided_label import ElidedLabel
from studio.ui.icon_button import IconButton
from studio.ui.quiet_button import QuietButton
from studio.ui.theme import heading_font


class SheetHead(QWidget):
    """Hold the heading, a caption and the buttons that compare, copy and save."""

    held = Signal(bool)
    """The button that shows the marked sheet was pressed, or let go of."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel("SAMPLES")
        title.setProperty("role", "heading")
        title.setFont(heading_font())
        self.caption = ElidedLabel()
        self.caption.setObjectName("sheet_caption")
        self.caption.setProperty("role", "mono")
        self.caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.mark = _quiet("sheet_mark", "mark for comparison", self)
        self.mark.setToolTip("Compare other times with the one that is shown (Shift+A)")
        self.hold = _quiet("sheet_compare", "compare with the marked time", self)
        self.hold.setToolTip("Keep it pressed to see the marked time instead (A)")
        self.hold.pressed.connect(lambda: self.held.emit(True))
        self.hold.released.connect(lambda: self.held.emit(False))
        self.copy = IconButton("copy", "copy samples", "Copy what is shown (Ctrl+C)")
        self.copy.setObjectName("sheet_copy")
        self.save = IconButton("save", "save samples", "Save what is shown as a PNG")
        self.save.setObjectName("sheet_save")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(title)
        row.addWidget(self.caption, 1)
        for tool in (self.hold, self.mark, self.copy, self.save):
            row.addWidget(tool)

    def show_marked(self, time: str, *, can_mark: bool) -> None:
        """Name the time of the marked sheet, "" where there is none to compare with."""
        self.hold.set_text(f"A {time}" if time else "")
        self.mark.set_text("mark A" if can_mark else "")

    def set_there(self, there: bool) -> None:
        """Say whether there is something to copy and save."""
        for button in (self.copy, self.save):
            button.setEnabled(there)


def _quiet(name: str, spoken: str, parent: QWidget) -> QuietButton:
    button = QuietButton(name, parent)
    button.setAccessibleName(spoken)
    return button
