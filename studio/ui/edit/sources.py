"""Where a picture to be edited can come from: a file, the clipboard, a take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.session.editing.subjects import Pixels, Subject
from studio.ui.pictures import to_pixels

PICTURES = "Pictures (*.png *.jpg *.jpeg *.webp *.bmp *.gif)"
_EMPTY = "There is no picture on the clipboard. Copy one first."
_NO_TAKE = "The Sample tab shows no picture. Generate one first."

Offer = tuple[str, str, str]
Followed = Callable[[], Subject | None]
"""Return the picture that the Sample tab follows, or None."""


class Sources(QObject):
    """Ask for a picture and hand it over, to whatever it is wanted for."""

    noted = Signal(str)

    def __init__(self, window: QWidget, followed: Followed) -> None:
        super().__init__(window)
        self._window, self._followed = window, followed

    def offers(self) -> tuple[Offer, ...]:
        """Return where a picture can come from now."""
        pasted = has_picture(QGuiApplication.clipboard().mimeData())
        return (
            ("open", "Open a picture…", ""),
            ("paste", "Paste", "" if pasted else _EMPTY),
            ("take", "From the take", "" if self._followed() is not None else _NO_TAKE),
        )

    def fetch(
        self, source: str, file: Callable[[Path], None], subject: Callable[[Subject], None]
    ) -> None:
        """Ask for a picture from a source and hand it over as a file or as pixels."""
        if source == "open":
            path, _ = QFileDialog.getOpenFileName(self._window, "Open a picture", "", PICTURES)
            if path:
                file(Path(path))
        elif source == "paste":
            self.paste(file, subject)
        elif (found := self._followed()) is not None:
            subject(found)
        else:
            self.noted.emit(_NO_TAKE)

    def paste(self, file: Callable[[Path], None], subject: Callable[[Subject], None]) -> None:
        """Hand over what the clipboard holds: a file, or a picture."""
        data = QGuiApplication.clipboard().mimeData()
        if path := first_file(data):
            file(path)
            return
        pixels = pasted_pixels(data)
        if pixels is None:
            self.noted.emit(_EMPTY)
        else:
            subject(Subject("pasted picture", pixels, "from the clipboard"))


def first_file(data: QMimeData | None) -> Path | None:
    """Return the first file among what is pasted or dropped, or None."""
    urls = data.urls() if data is not None else []
    return next((Path(url.toLocalFile()) for url in urls if url.isLocalFile()), None)


def has_picture(data: QMimeData | None) -> bool:
    """Tell whether a picture, or a file that may be one, can be pasted."""
    return data is not None and (data.hasImage() or first_file(data) is not None)


def pasted_pixels(data: QMimeData | None) -> Pixels | None:
    """Return the picture on the clipboard as pixels: (H, W, 3) uint8, or None."""
    image = data.imageData() if data is not None else None
    if not isinstance(image, QImage) or image.isNull():
        return None
    return to_pixels(image)
