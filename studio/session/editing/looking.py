"""Find out in the background what is measured of the picture, whenever something changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.seen import Seen, look

if TYPE_CHECKING:
    from studio.engine.background import Background
    from studio.engine.fault import Fault
    from studio.session.editor import RecipeEditor
    from studio.session.modeldesk import ModelDesk

LOOK_DELAY_MS = 60


class Looking(QObject):
    """Keep what is `seen` of the editor's task on the open model, or the `trouble` with it."""

    looked = Signal()

    def __init__(
        self, editor: RecipeEditor, models: ModelDesk, disk: Background, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._editor, self._models, self._disk = editor, models, disk
        self.seen: Seen | None = None
        self.trouble = ""
        self._turn = 0
        self._timer = QTimer(self, singleShot=True, interval=LOOK_DELAY_MS)
        self._timer.timeout.connect(self._look)
        models.opening.connect(lambda _path: self.tell(None))
        editor.changed.connect(lambda _recipe: self.soon())

    def soon(self) -> None:
        """Look again once nothing has changed for a moment."""
        self._timer.start()

    def tell(self, seen: Seen | None, trouble: str = "") -> None:
        """Take what was found; what is still being looked for is not heard any more."""
        self._turn += 1
        self.seen, self.trouble = seen, trouble
        self.looked.emit()

    def _look(self) -> None:
        recipe, info = self._editor.recipe, self._models.info
        if info is None or recipe.restoration is None:
            self.tell(None)
            return
        self._turn += 1
        turn = self._turn

        def show(seen: Seen) -> None:
            if turn == self._turn:
                self.tell(seen)

        def refuse(fault: Fault) -> None:
            if turn == self._turn:
                self.tell(None, str(fault))

        self._disk.run(lambda: look(recipe, info), show, refuse)
