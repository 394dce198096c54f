"""The LoRAs of the recipe: adding and changing them, and what is known of their files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.engine.fault import Fault
from studio.library import LoraRef, Recipe
from studio.models import ModelError, ModelInfo, file_digest
from studio.models.header import Header
from studio.models.lora.any import (
    AnyLora,
    TextNetwork,
    is_any_lora,
    misfit,
    network_of,
    read_any_lora,
)
from studio.models.lora.classes import joined_classes
from studio.models.lora.file import LoraFile
from studio.session.editor import RecipeEditor
from studio.session.judges import Judges
from studio.session.modeldesk import ModelDesk


@dataclass(frozen=True, slots=True)
class Known:
    """What a file turned out to be: a LoRA with its hash, or why it is none."""

    file: AnyLora | None = None
    sha256: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A LoRA of the recipe and what is known of it.

    `problem` says why it cannot be used, `remark` what is worth knowing although it can.
    """

    lora: LoraRef
    facts: str = ""
    problem: str = ""
    remark: str = ""


class LoraDesk(QObject):
    """Keep the LoRAs of the current recipe in line with the open model and their files.

    Files are read in the background. Another model switches those off that do not fit it; they stay
    in the list.
    """

    changed = Signal()  # what `entries` or `offered` return
    classes_changed = Signal(object)  # ModelInfo with the classes that LoRAs bring
    failed = Signal(object)  # Fault
    noted = Signal(str)

    def __init__(self, editor: RecipeEditor, models: ModelDesk, disk: Background) -> None:
        super().__init__(editor)
        self._editor, self._models, self._disk = editor, models, disk
        self._known: dict[str, Known] = {}
        self._asked: set[str] = set()
        self._network: Header | TextNetwork | None = None
        self._network_of = ""  # the path of the model whose network is known
        self._classes: tuple[str, ...] = ()
        self._judges = Judges(disk, self)
        self._judges.learned.connect(self._settle)
        models.opening.connect(self._on_opening)
        models.hashed.connect(lambda _digest: self.changed.emit())
        editor.changed.connect(self._on_recipe_changed)

    @property
    def offered(self) -> bool:
        """Tell whether the open model has a network that LoRAs can change."""
        return self._network is not None

    def entries(self) -> tuple[Entry, ...]:
        """Return the LoRAs of the recipe, in order."""
        return tuple(map(self._entry, self._editor.recipe.loras))

    @property
    def problem(self) -> str:
        """Return why a LoRA that is on cannot be used, or nothing."""
        found = (entry.problem for entry in self.entries() if entry.lora.on)
        return next(filter(None, found), "")

    def widened(self, info: ModelInfo) -> ModelInfo:
        """Return the open model with the classes that LoRAs bring, as far as these are known."""
        return replace(info, classes=self._joined(info, self._editor.recipe.loras))

    def follow(self, info: ModelInfo) -> None:
        """Find out what network a model has that was opened, and which LoRAs fit it."""
        self._classes = info.classes
        for path in [path for path, known in self._known.items() if known.problem]:
            self._forget(path)

        def learn(network: Header | TextNetwork | None) -> None:
            if self._models.info is info:
                self._network, self._network_of = network, info.path
                self._switch_off_misfits()
                self._settle()

        self._disk.run(lambda: network_of(Path(info.path)), learn, lambda _fault: learn(None))
        self._on_recipe_changed(self._editor.recipe)

    def add(self, path: str) -> None:
        """Put a LoRA on the model, or say why that cannot be."""
        self._look(path, lambda known: self._add(path, known))

    def take_or(self, path: str, otherwise: Callable[[str], None]) -> None:
        """Put a file on the model if it is a LoRA for it; else call `otherwise` with its path."""

        def decide(found: bool) -> None:
            if found and self._network is not None:
                self._look(path, lambda known: self._add_or(path, known, otherwise))
            else:
                otherwise(path)

        self._disk.run(lambda: is_any_lora(Path(path)), decide, lambda _fault: otherwise(path))

    def set_strength(self, index: int, strength: float) -> None:
        """Let a LoRA act more or less."""
        self._replace(index, {"strength": strength}, f"loras.{index}.strength")

    def switch(self, index: int, *, on: bool) -> None:
        """Put a LoRA of the list on, or take it off."""
        lora = self._editor.recipe.loras[index]
        if on and self._entry(lora).problem:
            self._forget(lora.path)  # it may have been put right
        self._replace(index, {"on": on}, f"loras.{index}.on")

    def remove(self, index: int) -> None:
        """Take a LoRA out of the list; the file stays."""
        loras = self._editor.recipe.loras
        self._put(loras[:index] + loras[index + 1 :], f"loras.remove.{len(loras)}")

    def _replace(self, index: int, changes: Mapping[str, object], key: str) -> None:
        loras = list(self._editor.recipe.loras)
        loras[index] = loras[index].model_copy(update=dict(changes))
        self._put(tuple(loras), key)

    def _put(self, loras: tuple[LoraRef, ...], key: str) -> None:
        """Give the recipe other LoRAs; classes that it asks for stay the ones of that name."""
        changes: dict[str, object] = {"loras": loras}
        recipe, info = self._editor.recipe, self._models.info
        if info is not None and isinstance(recipe.classes, tuple):
            before, after = self._classes, self._joined(info, loras)
            if before != after:
                names = [before[i] for i in recipe.classes if i < len(before)]
                places = tuple(after.index(name) for name in names if name in after)
                changes["classes"] = places or "any"
        self._editor.edit_all(changes, key)

    def _joined(self, info: ModelInfo, loras: tuple[LoraRef, ...]) -> tuple[str, ...]:
        files = [self._known[x.path].file for x in loras if x.on and x.path in self._known]
        joined = joined_classes(info.classes, (file.classes for file in files if file))
        return joined or self._judges.classes(self._editor.recipe.classifier)

    def _entry(self, lora: LoraRef) -> Entry:
        known = self._known.get(lora.path)
        if known is None or known.file is None:
            return Entry(lora, problem=known.problem if known else "")
        facts = f"rank {known.file.rank}"
        problem = self._misfit(known)
        if lora.sha256 and known.sha256 != lora.sha256:
            problem = "The file has changed since this recipe. Add it again to use it as it is now."
        digest, remark = self._models.digest, ""
        base = known.file.header.base if isinstance(known.file, LoraFile) else None
        if digest and base and not problem and base.sha256 != digest:
            remark = f"Made for “{base.name}”; on another model it may look otherwise."
        return Entry(lora, facts, problem, remark)

    def _misfit(self, known: Known) -> str:
        if known.file is None or not self._network_of:
            return known.problem
        return misfit(known.file, self._network)

    def _add(self, path: str, known: Known) -> None:
        problem = known.problem or self._misfit(known)
        if problem:
            title = f"“{Path(path).name}” cannot be added."
            self.failed.emit(Fault(problem) if known.problem else Fault(title, problem))
            return
        assert known.file is not None
        name = known.file.name or Path(path).stem
        fresh = LoraRef(path=path, name=name[:200], sha256=known.sha256)
        others = self._editor.recipe.loras
        for index, lora in enumerate(others):
            if lora.path == path:
                changes = {"sha256": known.sha256, "name": fresh.name, "on": True}
                self._replace(index, changes, "loras.add")
                self.noted.emit(f"“{name}” is on the model.")
                return
        self._put((*others, fresh), f"loras.add.{len(others)}")

    def _add_or(self, path: str, known: Known, otherwise: Callable[[str], None]) -> None:
        if known.problem or not self._misfit(known):
            self._add(path, known)
        else:
            otherwise(path)

    def _look(self, path: str, then: Callable[[Known], None]) -> None:
        """Read a file anew and hand on what it is."""
        self._asked.add(path)

        def learn(known: Known) -> None:
            self._known[path] = known
            then(known)
            self._settle()

        self._disk.run(lambda: _looked_at(path), learn, self.failed.emit, "Reading the LoRA")

    def _forget(self, path: str) -> None:
        self._known.pop(path, None)
        self._asked.discard(path)

    def _on_opening(self, _path: str) -> None:
        self._network, self._network_of = None, ""
        self.changed.emit()

    def _on_recipe_changed(self, recipe: Recipe) -> None:
        for lora in recipe.loras:
            if lora.path not in self._asked:
                self._look(lora.path, lambda _known: self._switch_off_misfits())
        self._settle()

    def _switch_off_misfits(self) -> None:
        """Switch those off that belong to another network."""
        loras = self._editor.recipe.loras
        wrong = {
            lora.path
            for lora in loras
            if lora.on and (known := self._known.get(lora.path)) and known.file
            if self._misfit(known)
        }
        if wrong:
            names = ", ".join(f"“{lora.name}”" for lora in loras if lora.path in wrong)
            off = (x.model_copy(update={"on": x.on and x.path not in wrong}) for x in loras)
            self._put(tuple(off), "loras.misfit")
            self.noted.emit(f"Switched off, since made for another network: {names}.")

    def _settle(self) -> None:
        """Let the editor know the classes that there are now, and the others what is known."""
        info, recipe = self._models.info, self._editor.recipe
        if info is not None and all(lora.path in self._known for lora in recipe.worn):
            classes = self._joined(info, recipe.loras)
            if classes != self._classes:
                self._classes = classes
                wider = replace(info, classes=classes, sha256=self._models.digest)
                self._editor.set_model(wider)
                self.classes_changed.emit(wider)
        self.changed.emit()


def _looked_at(path: str) -> Known:
    try:
        return Known(read_any_lora(Path(path)), file_digest(path))
    except ModelError as error:
        return Known(problem=str(error))
