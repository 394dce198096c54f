"""Carry pictures out of the window: by dragging them, or by the menu over them."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QPoint, QSize, Qt, QTemporaryDir, QUrl
from PySide6.QtGui import QAction, QDrag, QPixmap
from PySide6.QtWidgets import QMenu

from studio.library import write_picture
from studio.ui.canvas import Canvas
from studio.ui.commands import Bindings
from studio.ui.thumbnail import to_image
from studio.ui.viewer import Viewer

_SHOWN = 96  # pixels of the picture under the mouse
_MENU = ("copy", "save", "export", "branch", "check")


class Carry(QObject):
    """Give pictures to other programs as files that hold their recipe, and as pixels."""

    def __init__(self, canvas: Canvas, viewer: Viewer, bindings: Bindings) -> None:
        super().__init__(canvas)
        self._canvas, self._viewer, self._actions = canvas, viewer, bindings.actions
        self._files: QTemporaryDir | None = None
        canvas.drag_requested.connect(self._drag)
        canvas.menu_requested.connect(self._show_menu)

    def mime(self, index: int) -> QMimeData | None:
        """Return a picture of the batch as a PNG file and as pixels; None where there is none."""
        pixels, recipe = self._viewer.picture(index), self._viewer.recipe
        if pixels is None or recipe is None:
            return None
        image = to_image(pixels)
        path = self._folder() / f"{self._viewer.name_of(index)}.png"
        if self._viewer.shows_result:
            write_picture(path, pixels, recipe, index)
        else:  # its recipe would make another picture
            image.save(str(path))
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        mime.setImageData(image)
        return mime

    def _drag(self, index: int) -> None:
        mime = self.mime(index)
        if mime is None:
            return
        drag = QDrag(self._canvas)
        drag.setMimeData(mime)
        side = QSize(_SHOWN, _SHOWN)
        picture = QPixmap.fromImage(mime.imageData())
        drag.setPixmap(picture.scaled(side, Qt.AspectRatioMode.KeepAspectRatio))
        drag.exec(Qt.DropAction.CopyAction)

    def _show_menu(self, index: int, where: QPoint) -> None:
        self._canvas.follow(index)
        menu = QMenu(self._canvas)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self._chosen())
        menu.popup(where)

    def _chosen(self) -> list[QAction]:
        return [self._actions[name] for name in _MENU]

    def _folder(self) -> Path:
        """Return a folder that lasts as long as the window, for programs that read files late."""
        if self._files is None:
            self._files = QTemporaryDir()
        return Path(self._files.path())
