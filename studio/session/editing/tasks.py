"""The tasks of the Edit tab beside restoring, which are made when they are first wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.session.editing.encoding import EncodeDesk
from studio.session.editing.interpolating import InterpolateDesk
from studio.session.editing.likelihood import LikelihoodDesk

if TYPE_CHECKING:
    from studio.engine.background import Background
    from studio.engine.engine import Engine
    from studio.session.editor import RecipeEditor
    from studio.session.modeldesk import ModelDesk


class EditTasks(QObject):
    """Hold a desk for each task; their engine does one thing at a time."""

    failed = Signal(object)  # Fault
    noted = Signal(str)
    running_changed = Signal(bool)

    def __init__(
        self, engine: Engine, models: ModelDesk, editor: RecipeEditor, disk: Background
    ) -> None:
        super().__init__(editor)
        self.encoding = EncodeDesk(engine, models, editor, disk, self)
        self.interpolating = InterpolateDesk(engine, models, editor, disk, self)
        self.likelihood = LikelihoodDesk(engine, models, editor, disk, self)
        for desk in self.desks:
            desk.failed.connect(self.failed)
            desk.noted.connect(self.noted)
            desk.running_changed.connect(self.running_changed)

    @property
    def desks(self) -> tuple[EncodeDesk, InterpolateDesk, LikelihoodDesk]:
        """Return all of them."""
        return self.encoding, self.interpolating, self.likelihood

    @property
    def running(self) -> bool:
        """Tell whether one of them runs."""
        return any(desk.running for desk in self.desks)

    def stop(self) -> None:
        """Stop the one that runs, and keep what it has found."""
        for desk in self.desks:
            desk.stop()
