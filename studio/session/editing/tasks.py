"""The tasks of the Edit tab beside restoring, which are made when they are first wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from studio.session.editing.encoding import EncodeDesk
from studio.session.editing.interpolating import InterpolateDesk
from studio.session.editing.likelihood import LikelihoodDesk

if TYPE_CHECKING:
    from studio.engine.background import Background
    from studio.engine.engine import Engine
    from studio.session.editing.task_desk import TaskDesk
    from studio.session.editor import RecipeEditor
    from studio.session.modeldesk import ModelDesk


class EditTasks(QObject):
    """Hold a desk for each task; their engine does one thing at a time."""

    failed = Signal(object)  # Fault
    noted = Signal(str)
    running_changed = Signal(bool)
    chosen = Signal(object)  # what was chosen on all pages, to be remembered

    def __init__(
        self, engine: Engine, models: ModelDesk, editor: RecipeEditor, disk: Background
    ) -> None:
        super().__init__(editor)
        self.encoding = EncodeDesk(engine, models, editor, disk, self)
        self.interpolating = InterpolateDesk(engine, models, editor, disk, self)
        self.likelihood = LikelihoodDesk(engine, models, editor, disk, self)
        self.interpolating.exported.connect(lambda path: self.noted.emit(f"Exported to {path}."))
        for desk in self.desks:
            desk.changed.connect(self._tell)
            desk.failed.connect(self.failed)
            desk.noted.connect(self.noted)
            desk.running_changed.connect(self.running_changed)

    @property
    def desks(self) -> tuple[EncodeDesk, InterpolateDesk, LikelihoodDesk]:
        """Return all of them."""
        return self.encoding, self.interpolating, self.likelihood

    def recall(self, choices: Mapping[str, Any] | None) -> None:
        """Take over what was chosen at an earlier time."""
        for name, desk in self._named.items():
            own = (choices or {}).get(name)
            if isinstance(own, Mapping):
                desk.recall(own)

    def _tell(self) -> None:
        self.chosen.emit({name: desk.choices for name, desk in self._named.items()})

    @property
    def _named(self) -> dict[str, TaskDesk]:
        names = ("encode", "interpolate", "likelihood")
        return dict(zip(names, self.desks, strict=True))

    @property
    def running(self) -> bool:
        """Tell whether one of them runs."""
        return any(desk.running for desk in self.desks)

    def stop(self) -> None:
        """Stop the one that runs, and keep what it has found."""
        for desk in self.desks:
            desk.stop()
