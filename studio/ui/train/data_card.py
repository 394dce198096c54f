"""What a run learns from: its name, its figures, and a sheet of what the network really sees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from studio.session.training.details import DataFacts, Details
from studio.ui.compare.parts import plural
from studio.ui.elided_label import ElidedLabel
from studio.ui.restyle import set_style_property
from studio.ui.theme import scaled
from studio.ui.tip import wrapped
from studio.ui.train.data_sheet import Sheet, SheetDialog

if TYPE_CHECKING:
    import numpy as np

_MOST_NAMED = 12


class DataCard(QFrame):
    """Show the pictures of a run, or the way to them."""

    look_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data_card")
        self.setAccessibleName("data")
        self.setProperty("role", "plain_card")
        self.title = ElidedLabel()
        self.title.setProperty("role", "title")
        self.facts = _words("mono")
        self.remark = _words("muted")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, 0)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName("reading the pictures")
        self.sheet = Sheet()
        self._whole: np.ndarray | None = None
        self.skipped = QLabel()
        self.skipped.setObjectName("skipped")
        self.skipped.setProperty("role", "warning")
        self.look = QPushButton("Look at the pictures")
        self.look.setObjectName("look_at_pictures")
        self.look.setAccessibleName("look at the pictures")
        self.look.setProperty("kind", "link")
        self.look.setProperty("flush", True)
        self.look.setToolTip(wrapped("Read the pictures and show what the network will see."))
        self.look.clicked.connect(self.look_wanted)
        self.sheet.clicked.connect(self.show_sheet)
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(10), scaled(8), scaled(10), scaled(10))
        column.setSpacing(scaled(4))
        for widget in (self.title, self.facts, self.sheet, self.skipped, self.remark, self.bar):
            column.addWidget(widget)
        column.addWidget(self.look, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_details(None)

    def show_details(self, details: Details | None) -> None:
        """Show what is known of the pictures of a run."""
        known = details is not None and details.settings is not None
        path = details.settings.data.path if details and details.settings else ""
        facts = details.data if details else None
        looking = details.looking if details else ""
        self._whole = details.sheet if details else None
        self.title.setText(Path(path).name or path)
        self.title.setToolTip(wrapped(path))
        self.title.setVisible(bool(path))
        _say(self.facts, facts_line(facts))
        self.facts.setToolTip(wrapped(*class_lines(facts)))
        self.sheet.show_pixels(details.glimpse if details else None)
        self._show_skipped(facts)
        self.bar.setVisible(bool(looking))
        self.look.setVisible(known and not looking and self._whole is None)
        wrong = details is not None and bool(details.problem)
        set_style_property(self.remark, "role", "error" if wrong else "muted")
        _say(self.remark, _remark(details))

    def show_sheet(self) -> None:
        """Show the whole sheet in a window of its own."""
        if self._whole is not None:
            dialog = SheetDialog(self._whole, self.title.text(), self.window())
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.show()

    def _show_skipped(self, facts: DataFacts | None) -> None:
        skipped = facts.skipped if facts else ()
        self.skipped.setVisible(bool(skipped))
        if facts is not None and skipped:
            self.skipped.setText(f"{plural(facts.skipped_count, 'picture')} skipped")
            named = [f"{name}: {why}" for name, why in skipped[:_MOST_NAMED]]
            more = facts.skipped_count - len(named)
            rest = f"and {more:,} more, named in data.json in the run folder" if more else ""
            self.skipped.setToolTip(wrapped(*named, rest))
            self.skipped.setAccessibleDescription("; ".join(named))


def facts_line(facts: DataFacts | None) -> str:
    """Return “3,786 pictures · 10 classes · 64→32 px”."""
    if facts is None:
        return ""
    parts = [plural(facts.pictures, "point" if facts.planar else "picture")]
    if len(facts.classes) > 1:
        parts.append(f"{len(facts.classes):,} classes")
    if facts.planar:
        return " · ".join(parts)
    before = {tuple(size[:2]) for size in facts.before}
    if len(before) > 1:
        parts.append(f"{len(before)} sizes→{facts.size} px")
    elif before and before != {(facts.size, facts.size)}:
        width, height = next(iter(before))
        parts.append(f"{width if width == height else f'{width}×{height}'}→{facts.size} px")
    elif facts.size:
        parts.append(f"{facts.size} px")
    return " · ".join(parts)


def class_lines(facts: DataFacts | None) -> list[str]:
    """Return the classes with their counts, and what is to be remarked, for the tool tip."""
    if facts is None:
        return []
    named = [f"{name or 'no class'}: {count:,}" for name, count in facts.classes[:_MOST_NAMED]]
    more = len(facts.classes) - len(named)
    kept = f"{facts.held_out:,} are kept out to measure the loss on" if facts.held_out else ""
    return [*named, f"and {more:,} more classes" if more > 0 else "", kept, *facts.remarks]


def _remark(details: Details | None) -> str:
    if details is None:
        return "The pictures that a run learns from are shown here."
    if details.looking:
        return details.looking
    if details.problem:
        return details.problem
    return ""


def _words(role: str) -> QLabel:
    label = QLabel(wordWrap=True)
    label.setProperty("role", role)
    return label


def _say(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))
