"""Ask for the tags of takes."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.library.marks import tags_of
from studio.ui.theme import scaled


class TagsDialog(QDialog):
    """Edit tags as words with commas between them."""

    chosen = Signal(tuple)

    def __init__(self, tags: Sequence[str], count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tags_dialog")
        self.setWindowTitle("Tags" if count == 1 else f"Tags of {count} takes")
        self.setModal(True)
        self.box = QLineEdit(", ".join(tags))
        self.box.setObjectName("tags")
        self.box.setAccessibleName("tags")
        self.box.setToolTip("Words to find the take by, with commas between them")
        self.box.setPlaceholderText("cat, for the talk")
        note = QLabel("Commas between them; search with tag:cat.")
        note.setProperty("role", "muted")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(scaled(20),) * 4)
        column.setSpacing(scaled(8))
        for widget in (self.box, note, buttons):
            column.addWidget(widget)
        self.setMinimumWidth(scaled(360))
        self.accepted.connect(lambda: self.chosen.emit(tags_of(self.box.text())))
