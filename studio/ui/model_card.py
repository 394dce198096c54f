"""The card of the open model, which is also the button to open another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QPushButton, QSizePolicy

from studio.ui.icons import paint_icon
from studio.ui.theme import current, mono_font, sans_font, scaled
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.models import ModelInfo

_TIP = (
    "The model that denoises. Click to choose another (Ctrl+O): a bundled, recent or starred one, "
    "or one from a watched folder. A file or folder can also be dropped on the window."
)
_HEIGHT = 64
_INSET = 10
_TICK_MS = 33
_ROUND_MS = 1400  # one pass of the loading bar
_LONG = 2  # seconds after which the time is told


class ModelCard(QPushButton):
    """Show what is known of the model; a click asks for another, a right click for more."""

    pick_requested = Signal()
    open_file_requested = Signal()
    open_folder_requested = Signal()
    draw_requested = Signal()
    settings_requested = Signal(str)  # path of the open model

    def __init__(self) -> None:
        super().__init__()
        self._path = ""
        self._title = "No model is open"
        self._lines = ("Click to open one.", "")
        self._failed = False
        self._phase = 0.0
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._on_tick)
        self._since = QElapsedTimer()
        self.setObjectName("model_picker")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(scaled(_HEIGHT))
        self.clicked.connect(self.pick_requested)
        self._add_actions()
        self._describe()

    @property
    def loading(self) -> bool:
        """Tell whether a model is on its way."""
        return self._timer.isActive()

    def set_model(self, info: ModelInfo) -> None:
        """Show an open model."""
        self._path = info.path
        self._show(info.name, facts(info), wrapped(info.path, info.note, info.licence))
        self._settings.setEnabled(True)

    def set_loading(self, path: str) -> None:
        """Show that the model at `path` is being opened."""
        self._path = path
        self._show(Path(path).stem, ("opening …", ""), wrapped(path))
        self._settings.setEnabled(False)
        self._since.start()
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
        seconds = self._since.elapsed() // 1000
        if seconds >= _LONG:
            self._lines = (f"opening … {seconds} s", "Esc goes back to the one before")
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for another model with Enter and Down, as a list does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.pick_requested.emit()
        else:
            super().keyPressEvent(event)

    def _add_actions(self) -> None:
        self._settings = QAction("Settings of this file…", self)
        self._settings.triggered.connect(lambda: self.settings_requested.emit(self._path))
        self._settings.setEnabled(False)
        for text, asked in (
            ("Choose a model…", self.pick_requested),
            ("Open file…", self.open_file_requested),
            ("Open folder…", self.open_folder_requested),
            ("Draw a distribution…", self.draw_requested),
        ):
            action = QAction(text, self)
            action.triggered.connect(asked)
            self.addAction(action)
        self.addAction(self._settings)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)


def facts(info: ModelInfo) -> tuple[str, str]:
    """Return the two lines of a card: what the model makes, and what it is made of."""
    channels, height, width = info.shape
    space = "plane" if info.planar else f"{width}×{height}×{channels}"
    if info.pixels > 1:
        space = f"{width * info.pixels}×{height * info.pixels}"
    classes = f"{len(info.classes):,} classes" if len(info.classes) > 1 else ""
    first = _joined(space, "text" if info.text else classes, info.family or info.prediction)
    if info.planar and not info.parameters:
        kind = "point" if "oint" in info.family else "Gaussian"
        plural = "" if info.components == 1 else "s"
        return first, _joined(f"{info.components:,} {kind}{plural}", "closed form")
    if info.images:
        pictures = f"{info.images:,} picture{'s' if info.images > 1 else ''}"
        return first, _joined(pictures, "reproduces its set" if info.reproduces else "")
    digest = f"sha256 {info.sha256[:6]}…" if info.sha256 else ""
    latents = f"latents 1/{info.pixels}" if info.pixels > 1 else ""
    return first, _joined(_parameters(info.parameters), latents, digest)


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
