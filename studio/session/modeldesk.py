"""Opening models, and knowing which one is open."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.engine.engine import Engine
from studio.engine.fault import Fault
from studio.library import Recipe
from studio.models import (
    ModelInfo,
    Running,
    bundled_models,
    bundled_toys,
    default_model,
    file_digest,
)

_Wanted = tuple[str, str, str, Running]
_AS_IT_IS = Running()
_NOTHING: _Wanted = ("", "", "", _AS_IT_IS)


class ModelDesk(QObject):
    """Ask the engine for a model and follow what becomes of it.

    If the wished-for model cannot be opened, the one before it is opened again, or the default one.
    """

    opening = Signal(str)  # path
    opened = Signal(object)  # ModelInfo
    failed = Signal(str, object)  # path, Fault
    asked = Signal(object)  # Form that has to be answered before the model can be opened
    hashed = Signal(str)  # sha256 of the open model

    def __init__(self, engine: Engine, hasher: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._hasher = hasher
        self.info: ModelInfo | None = None
        self.opening_now = False
        self.digest = ""  # sha256 of the open model, once it is known
        self._wanted = _NOTHING  # path, device, dtype and how networks run
        self._good = _NOTHING  # those of the last model that could be opened
        engine.model_loaded.connect(self._on_loaded)
        engine.model_failed.connect(self._on_failed)

    def open(self, path: str, device: str, dtype: str, running: Running = _AS_IT_IS) -> None:
        """Open the model at `path` on `device` in the worker thread."""
        self._wanted, self.info, self.digest = (path, device, dtype, running), None, ""
        self.opening_now = True
        self.opening.emit(path)
        self._engine.open_model(path, device, dtype, running)

    @property
    def path(self) -> str:
        """Return the path of the model that is open or being opened."""
        return self._wanted[0]

    @property
    def ready(self) -> bool:
        """Tell whether a model is open."""
        return self.info is not None

    def _on_loaded(self, info: ModelInfo) -> None:
        if info.path != self.path:
            return
        self.info, self._good, self.opening_now = info, self._wanted, False
        self.opened.emit(info)
        self._hasher.run(
            lambda: file_digest(Path(info.path)),
            lambda digest: self._on_hashed(info, digest),
            lambda _fault: None,
        )

    def _on_hashed(self, info: ModelInfo, digest: str) -> None:
        if self.info is info:
            self.digest = digest
            self.hashed.emit(digest)

    def cancel(self) -> None:
        """Go back to the model before the one that is on its way."""
        if self.opening_now and self._good[0] and self._good != self._wanted:
            self.open(*self._good)

    def signed(self, recipe: Recipe) -> Recipe:
        """Add the model's hash to a recipe of the open model; a quick run is ahead of it."""
        model = recipe.model
        if model.sha256 or model.path != self.path or not self.digest:
            return recipe
        known = model.model_copy(update={"sha256": self.digest})
        return recipe.model_copy(update={"model": known})

    def _on_failed(self, path: str, fault: Fault) -> None:
        current = path == self.path != ""  # an empty path is torch itself, which did not load
        if current:
            self.opening_now = False
        if fault.question is not None:
            self.asked.emit(fault.question)
        else:
            self.failed.emit(path, fault)
        back = self._good if self._good[0] else (findable(""), *self._wanted[1:])
        if current and back != self._wanted:
            self.open(*back)


def located(path: str) -> str:
    """Return `path` if it exists, else the bundled model of that file name, else nothing.

    A bundled model moves with the installation, so that a remembered path may be an old one.
    """
    if path and Path(path).exists():
        return path
    bundled = {p.name: str(p) for p in (*bundled_models(), *bundled_toys())}
    return bundled.get(Path(path).name, "")


def findable(path: str) -> str:
    """Return where the model that was at `path` is now, or the default model."""
    return located(path) or str(default_model())
