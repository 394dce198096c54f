"""The card of the open model, which is also the button to open another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy

from studio.ui.icons import icon, paint_icon
from studio.ui.theme import current, heading_font, mono_font, sans_font, scaled
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.models import ModelInfo

_TIP = "The model that denoises. Click to open another: a bundled or recent one, a file, a folder."
_HEIGHT = 64
_INSET = 10
_TICK_MS = 33
_ROUND_MS = 1400  # one pass of the loading bar


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Name a model of the menu; one with a `problem` is grey and says why."""

    path: str
    name: str
    group: str = "Recent"
    problem: str = ""


def no_choices() -> Iterable[ModelChoice]:
    """Offer nothing beside files and folders."""
    return ()


class ModelCard(QPushButton):
    """Show what is known of the model; `choices` is asked each time the menu opens."""

    model_chosen = Signal(str)  # path
    open_file_requested = Signal()
    open_folder_requested = Signal()
    draw_requested = Signal()

    def __init__(self, choices: Callable[[], Iterable[ModelChoice]] = no_choices) -> None:
        super().__init__()
        self.choices = choices
        self._path = ""
        self._title = "No model is open"
        self._lines = ("Click to open one.", "")
        self._failed = False
        self._phase = 0.0
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._on_tick)
        self.setObjectName("model_picker")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(scaled(_HEIGHT))
        self.setMenu(self._make_menu())
        self._describe()

    @property
    def loading(self) -> bool:
        """Tell whether a model is on its way."""
        return self._timer.isActive()

    def set_model(self, info: ModelInfo) -> None:
        """Show an open model."""
        self._path = info.path
        self._show(info.name, facts(info), wrapped(info.path, info.note, info.licence))

    def set_loading(self, path: str) -> None:
        """Show that the model at `path` is being opened."""
        self._path = path
        self._show(Path(path).stem, ("opening …", ""), wrapped(path))
        self._timer.start()

    def set_error(self, message: str) -> None:
        """Show why the model last asked for could not be opened."""
        self._show(Path(self._path).stem or "No model is open", (message, ""), failed=True)
        self._path = ""

    def sizeHint(self) -> QSize:
        """Ask for the height of three lines."""
        return QSize(scaled(200), scaled(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card."""
        tokens = current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        near = self.isEnabled() and (self.underMouse() or self.isDown())
        edge = tokens.error if self._failed else tokens.accent if self.hasFocus() else None
        painter.setPen(QPen(QColor(edge), 1) if edge else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.hover if near else tokens.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        self._paint_text(painter)
        side = scaled(16)
        place = QRectF(self.width() - side - scaled(8), scaled(9), side, side)
        paint_icon(painter, "chevron", place, tokens.label if near else tokens.muted)
        if self.loading:
            self._paint_bar(painter)

    def _paint_text(self, painter: QPainter) -> None:
        tokens, left = current(), scaled(_INSET)
        title = tokens.text if self.isEnabled() else tokens.disabled
        semibold = sans_font(13, QFont.Weight.DemiBold)
        room = self.width() - 2 * left
        painter.setPen(QColor(title))
        self._paint_line(painter, self._title, semibold, scaled(17), room - scaled(18))
        color = tokens.error if self._failed else tokens.muted
        if self._failed:
            rect = QRectF(left, scaled(27), room, scaled(32))
            painter.setFont(sans_font(11))
            painter.setPen(QColor(color))
            painter.drawText(rect, Qt.TextFlag.TextWordWrap, self._lines[0])
            return
        for line, middle in zip(self._lines, (33, 49), strict=True):
            painter.setPen(QColor(color))
            self._paint_line(painter, line, mono_font(), scaled(middle), room)

    def _paint_line(
        self, painter: QPainter, text: str, font: QFont, middle: int, room: int
    ) -> None:
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.setFont(font)
        rect = QRectF(scaled(_INSET), middle - scaled(10), room, scaled(20))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def _paint_bar(self, painter: QPainter) -> None:
        """Paint a short bar that runs along the bottom of the card."""
        tokens, left = current(), float(scaled(_INSET))
        wide, high = self.width() - 2 * left, 2.0
        top = self.height() - scaled(8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.track))
        painter.drawRoundedRect(QRectF(left, top, wide, high), 1, 1)
        start = (self._phase * 1.35 - 0.35) * wide
        stop = min(start + 0.35 * wide, wide)
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(
            QRectF(left + max(start, 0.0), top, stop - max(start, 0.0), high), 1, 1
        )

    def _show(
        self, title: str, lines: tuple[str, str], tip: str = "", *, failed: bool = False
    ) -> None:
        self._timer.stop()
        self._title, self._lines, self._failed = title, lines, failed
        self._describe(tip)
        self.update()

    def _describe(self, tip: str = "") -> None:
        self.setAccessibleName(f"Model: {self._title}")
        self.setAccessibleDescription(" · ".join(filter(None, self._lines)))
        said = wrapped(self._title, *self._lines)
        self.setToolTip(said + tip + wrapped(_TIP))

    def _on_tick(self) -> None:
        self._phase = (self._phase + _TICK_MS / _ROUND_MS) % 1.0
        self.update()

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._fill_menu)
        return menu

    def _fill_menu(self) -> None:
        menu = self.menu()
        menu.clear()
        groups: dict[str, list[ModelChoice]] = {}
        for choice in self.choices():
            groups.setdefault(choice.group, []).append(choice)
        for group, choices in groups.items():
            if not menu.isEmpty():
                menu.addSeparator()
            heading = menu.addAction(group.upper())
            heading.setEnabled(False)
            heading.setFont(heading_font())
            for choice in choices:
                self._add_choice(menu, choice)
        if groups:
            menu.addSeparator()
        files = menu.addAction(icon("file"), "Open file…")
        files.triggered.connect(self.open_file_requested)
        folders = menu.addAction(icon("folder"), "Open folder…")
        folders.triggered.connect(self.open_folder_requested)
        draw = menu.addAction(icon("dot"), "Draw a distribution…")
        draw.triggered.connect(self.draw_requested)

    def _add_choice(self, menu: QMenu, choice: ModelChoice) -> None:
        reason = f" — {choice.problem}" if choice.problem else ""
        action = menu.addAction(choice.name.replace("&", "&&") + reason)
        action.setEnabled(not choice.problem)
        action.setToolTip(wrapped(choice.path, choice.problem))
        if choice.path == self._path:
            action.setIcon(icon("check", current().accent))
        action.triggered.connect(lambda: self.model_chosen.emit(choice.path))


def facts(info: ModelInfo) -> tuple[str, str]:
    """Return the two lines of a card: what the model makes, and what it is made of."""
    channels, height, width = info.shape
    space = "plane" if info.planar else f"{width}×{height}×{channels}"
    classes = f"{len(info.classes):,} classes" if len(info.classes) > 1 else ""
    first = _joined(space, classes, info.family or info.prediction)
    if info.planar and not info.parameters:
        kind = "point" if "oint" in info.family else "Gaussian"
        plural = "" if info.components == 1 else "s"
        return first, _joined(f"{info.components:,} {kind}{plural}", "closed form")
    if info.images:
        pictures = f"{info.images:,} picture{'s' if info.images > 1 else ''}"
        return first, _joined(pictures, "reproduces its set" if info.reproduces else "")
    digest = f"sha256 {info.sha256[:6]}…" if info.sha256 else ""
    return first, _joined(_parameters(info.parameters), digest)


def _parameters(parameters: int) -> str:
    if not parameters:
        return ""
    if parameters < 1e6:
        return f"{parameters / 1e3:.0f} k params"
    return (
        f"{parameters / 1e6:.1f} M params"
        if parameters < 1e9
        else f"{parameters / 1e9:.2f} B params"
    )


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
