"""What a run learns from: its name, its figures, and a sheet of what the network really sees."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.session.training.details import DataFacts, Details
from studio.ui.compare.parts import plural
from studio.ui.elided_label import ElidedLabel
from studio.ui.ink import ink
from studio.ui.theme import current, scaled
from studio.ui.thumbnail import to_image
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    import numpy as np

_MOST_NAMED = 12
_SHEET_TIP = (
    "Pictures as the network really sees them: cut, scaled, mirrored, augmented. What is wrong "
    "here will be learned."
)


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
        self.skipped = QLabel()
        self.skipped.setObjectName("skipped")
        self.skipped.setProperty("role", "warning")
        self.look = QPushButton("Look at the pictures")
        self.look.setObjectName("look_at_pictures")
        self.look.setAccessibleName("look at the pictures")
        self.look.setProperty("kind", "link")
        self.look.setToolTip(wrapped("Read the pictures and show what the network will see."))
        self.look.clicked.connect(self.look_wanted)
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
        sheet = details.sheet if details else None
        looking = details is not None and details.looking
        self.title.setText(Path(path).name if path else "")
        self.title.setToolTip(wrapped(path))
        self.title.setVisible(bool(path))
        _say(self.facts, facts_line(facts))
        self.sheet.show_pixels(sheet)
        self._show_skipped(facts.skipped if facts else ())
        self.bar.setVisible(looking)
        self.look.setVisible(known and not looking and sheet is None)
        _say(self.remark, _remark(details))

    def _show_skipped(self, skipped: Sequence[tuple[str, str]]) -> None:
        self.skipped.setVisible(bool(skipped))
        if skipped:
            self.skipped.setText(f"{plural(len(skipped), 'picture')} skipped")
            named = [f"{name}: {why}" for name, why in skipped[:_MOST_NAMED]]
            more = len(skipped) - _MOST_NAMED
            rest = f"and {more:,} more, in data.json in the run folder" if more > 0 else ""
            self.skipped.setToolTip(wrapped(*named, rest))
            self.skipped.setAccessibleDescription("; ".join(named))


class Sheet(QWidget):
    """A picture as wide as there is room for; small pixels stay crisp."""

    def __init__(self) -> None:
        super().__init__()
        self._pixels: np.ndarray | None = None
        self._image = QImage()
        self.setObjectName("data_sheet")
        self.setAccessibleName("contact sheet of the pictures")
        self.setToolTip(wrapped(_SHEET_TIP))
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_pixels(self, pixels: np.ndarray | None) -> None:
        """Show (H, W, 3) uint8, or nothing."""
        if pixels is not self._pixels:
            self._pixels = pixels
            self._image = QImage() if pixels is None else to_image(pixels)
            self.updateGeometry()
            self.update()
        self.setVisible(pixels is not None)

    def sizeHint(self) -> QSize:
        """Ask for the shape of the picture."""
        return QSize(scaled(190), self.heightForWidth(scaled(190)))

    def hasHeightForWidth(self) -> bool:
        """Keep the shape of the picture."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height at a width."""
        if self._image.isNull():
            return 0
        return round(width * self._image.height() / self._image.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture."""
        if self._image.isNull():
            return
        painter = QPainter(self)
        ratio = self.devicePixelRatioF() * self.width() / self._image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, ratio < 1)
        height = self.width() * self._image.height() / self._image.width()
        painter.fillRect(self.rect(), ink(current().canvas))
        painter.drawImage(QRectF(0, 0, self.width(), height), self._image)


def facts_line(facts: DataFacts | None) -> str:
    """Return “3,786 pictures · 10 classes · 64→32 px”."""
    if facts is None:
        return ""
    parts = [plural(facts.pictures, "picture")]
    if len(facts.classes) > 1:
        parts.append(f"{len(facts.classes):,} classes")
    size, before = _side(facts.size), _side(facts.before)
    if size:
        parts.append(f"{before}→{size} px" if before and before != size else f"{size} px")
    return " · ".join(parts)


def _side(size: Sequence[int]) -> str:
    if not size:
        return ""
    sides = tuple(size)[-2:]
    return f"{sides[0]}" if len(set(sides)) == 1 else "×".join(map(str, reversed(sides)))


def _remark(details: Details | None) -> str:
    if details is None:
        return "The pictures that a run learns from are shown here."
    if details.looking:
        return "Reading the pictures…"
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
