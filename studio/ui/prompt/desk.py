"""Join the prompt, the size and what guides to the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog

if TYPE_CHECKING:
    from studio.models import ModelInfo
    from studio.session.studio import Studio
    from studio.ui.canvas import Canvas
    from studio.ui.prompt.file_row import FileRow
    from studio.ui.sampler_panel import SamplerPanel

SLOW_MS = 400
"""What takes less before the first step is not worth a word."""


class PromptDesk(QObject):
    """Count tokens, switch previews, ask for files, and say what a run is waiting for."""

    def __init__(
        self, studio: Studio, panel: SamplerPanel, canvas: Canvas, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._studio, self._panel, self._canvas = studio, panel, canvas
        self._doing = ""
        self._slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._slow.timeout.connect(lambda: canvas.set_status(self._doing))
        panel.prompt.counting.connect(self._count)
        panel.picture.size_row.sized.connect(self._resize)
        panel.picture.preview.chosen.connect(self._preview_with)
        for row in panel.steering.files:
            row.asking.connect(lambda folder, row=row: self._ask(row, folder=folder))
        studio.engine.tokens_counted.connect(panel.prompt.show_length)
        studio.models.opened.connect(self._on_opened)
        studio.sampling.preparing.connect(self._on_preparing)
        studio.sampling.started.connect(lambda _live: self._on_preparing(""))
        studio.sampling.ended.connect(lambda _ending: self._on_preparing(""))

    def _count(self, text: str) -> None:
        if self._studio.models.ready:
            self._studio.engine.count_tokens(text)

    def _resize(self, width: int, height: int) -> None:
        self._studio.editor.edit_all({"width": width, "height": height}, "size")

    def _preview_with(self, name: str) -> None:
        self._studio.remember(preview=name)
        self._panel.picture.wish_preview(name)
        self._studio.engine.preview_with(name)

    def _ask(self, row: FileRow, *, folder: bool) -> None:
        title = f"Choose a {row.label.text().lower()}"
        if folder:
            path = QFileDialog.getExistingDirectory(self._panel, title)
        else:
            path, _ = QFileDialog.getOpenFileName(self._panel, title)
        if path:
            row.take(path)

    def _on_opened(self, _info: ModelInfo) -> None:
        wish = self._studio.settings.preview
        self._studio.engine.preview_with(wish)
        self._panel.picture.wish_preview(wish)

    def _on_preparing(self, doing: str) -> None:
        self._slow.stop()
        if self._doing and self._canvas.header.pill.text == self._doing:
            self._canvas.set_status("")
        self._doing = doing
        if doing:
            self._slow.start()
