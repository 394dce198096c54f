"""The row that says from which noise pictures begin, where that is not the noise of the seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.ui.elided_label import ElidedLabel
from studio.ui.icon_button import IconButton
from studio.ui.row import Row
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.library.task import InputRef

_TIP = (
    "Every picture begins at this noise, which was encoded from a picture in the Edit tab, and not "
    "at that of its seed."
)
_CLEAR = "Begin at the noise of the seeds again"


class StartRow(Row):
    """Show the `start` of a recipe, and take it away; hidden where there is none."""

    def __init__(self) -> None:
        super().__init__(("start",), "Begin at", wrapped(_TIP))
        self.name = ElidedLabel()
        self.name.setObjectName("start")
        self.name.setToolTip(wrapped(_TIP))
        self.clear = IconButton("close", "begin at the seeds", wrapped(_CLEAR), side=22)
        self.clear.clicked.connect(self.reset)
        self.add_control(self.name)
        self.add_control(self.clear, 0)
        self.hide()

    def show_start(self, start: InputRef | None) -> None:
        """Show the noise, or hide the row."""
        self.name.setText(start.name if start is not None else "")
        self.setVisible(start is not None)
        self.set_modified(start is not None)

    def reset(self) -> None:
        """Begin at the noise of the seeds again."""
        self.changed.emit("start", None)
        self.committed.emit("start")
