"""Opening what a person names: a model of any format, a LoRA, pictures, a recipe, takes."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.engine.fault import Fault
from studio.library import ModelRef, Recipe, restore
from studio.session.catalogue.hashes import Hashes
from studio.session.editor import RecipeEditor
from studio.session.modeldesk import ModelDesk, located
from studio.session.recognising import Recognised, is_picture, recognise


@dataclass(frozen=True, slots=True)
class Uses:
    """What can be done with files: each function takes a path.

    `use(path, kind, asks)` puts a file to the use of its kind, `unpack` brings the takes of a zip
    file in; `take_lora(path, otherwise)` puts a LoRA on the open model, and calls `otherwise` with
    one that does not fit.
    """

    open_model: Callable[[str], None]
    use: Callable[[str, str, bool], None]
    unpack: Callable[[Path], None]
    take_lora: Callable[[str, Callable[[str], None]], None]


class Opening(QObject):
    """Find out what a file is, and put it to use; or make its recipe the current one.

    A model that is no longer where a recipe says is looked for by its hash: `hashes` knows those of
    the files that the person has.
    """

    failed = Signal(object)  # Fault
    noted = Signal(str)
    folder_found = Signal(str)  # a folder that holds models and is none
    restoration_wanted = Signal(object)  # Recipe that restores a picture

    def __init__(
        self,
        editor: RecipeEditor,
        models: ModelDesk,
        hashes: Hashes,
        disk: Background,
        uses: Uses,
    ) -> None:
        super().__init__(editor)
        self._editor, self._models, self._hashes = editor, models, hashes
        self._disk, self._uses = disk, uses
        self._wanted_digest = ""
        self._asked = 0
        models.hashed.connect(self._compare_digest)

    def open_file(self, path: str, otherwise: Callable[[], None] = lambda: None) -> None:
        """Find out what a file or a folder is, and do what it is for.

        otherwise: what to do first where no other model is opened. Only the last one asked for
        counts.
        """
        path = str(Path(path).absolute())
        self._asked = number = self._asked + 1
        with suppress(OSError):  # the search for what it is says why it cannot be read
            if is_picture(path):
                otherwise()
                self._restore(Path(path))
                return

        def act(found: Recognised) -> None:
            if number == self._asked:
                if not found.opens:
                    otherwise()
                self._act(found)

        def fail(fault: Fault) -> None:
            otherwise()
            self.failed.emit(fault)

        self._disk.run(lambda: recognise(path), act, fail, "Reading the file")

    def _act(self, found: Recognised) -> None:
        path, entry = found.path, found.entry
        if found.takes:
            self._uses.unpack(Path(path))
        elif found.models:
            self.folder_found.emit(path)
        elif found.own_lora:
            self._uses.take_lora(path, self._uses.open_model)
        elif entry is not None and not entry.missing and entry.kind != "unknown":
            self._uses.use(path, entry.kind, entry.asks)
        else:
            gone = f"There is no file or folder “{path}”."
            said = entry.problem if entry is not None and not entry.missing else gone
            self.failed.emit(Fault(said, "Drop a model, a LoRA, pictures, or a PNG with a recipe."))

    def take_over(self, recipe: Recipe) -> str:
        """Make `recipe` the current one, open its model, and return what could not be restored."""
        wanted = recipe.model
        recipe = self.here(recipe)
        path = located(recipe.model.path)
        self._wanted_digest = recipe.model.sha256 if path else ""
        if recipe.restoration is not None:
            self.restoration_wanted.emit(recipe)
        else:
            self._editor.replace(recipe, model_follows=bool(path))
        if path and path != self._models.path:
            self._uses.open_model(path)
        elif self._models.digest:
            self._compare_digest(self._models.digest)
        if path or not (wanted.name or wanted.path):
            moved = path and wanted.path and path != located(wanted.path)
            return f"Its model was found at {path}." if moved else ""
        name = wanted.name or Path(wanted.path).name
        if wanted.sha256:
            self._seek(recipe, name)
        return f"It was made with “{name}”, which is not here: the open model is used instead."

    def _seek(self, recipe: Recipe, name: str) -> None:
        """Look for a model among files whose hashes are not known yet, and go over to it."""
        asked, before = recipe.model, self._editor.whole

        def found(path: str) -> None:
            if path and self._editor.whole == before:
                self.noted.emit(f"“{name}” was found at {path}.")
                self.take_over(recipe)

        self._hashes.seek(asked.sha256, asked.path, found)

    def here(self, recipe: Recipe) -> Recipe:
        """Return a recipe with its models where they are now."""

        def found(model: ModelRef) -> ModelRef:
            is_open = model.sha256 and model.sha256 == self._models.digest
            path = located(model.path) or (self._models.path if is_open else "")
            path = path or self._hashes.place_of(model.sha256)
            return model.model_copy(update={"path": path}) if path else model

        return recipe.with_models(found)

    def _restore(self, path: Path) -> None:
        try:
            found = restore(path)
        except (ValueError, OSError) as error:
            self.failed.emit(Fault(str(error)))
            return
        remark = self.take_over(found.recipe)
        said = [f"Recipe restored from “{path.name}”.", *found.notes, remark]
        self.noted.emit(" ".join(filter(None, said)))

    def _compare_digest(self, digest: str) -> None:
        wanted, self._wanted_digest = self._wanted_digest, ""
        if wanted and wanted != digest:
            self.noted.emit("The model's file has changed since: the pictures will differ.")
