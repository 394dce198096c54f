"""Opening what a person names: a model, a folder of pictures, a picture with its recipe, a take."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.engine.fault import Fault
from studio.library import ModelRef, Recipe, restore
from studio.session.editor import RecipeEditor
from studio.session.modeldesk import ModelDesk, located

MODEL_SUFFIXES = (".safetensors", ".npz", ".zip", ".json")


class Opening(QObject):
    """Find out what a file is, and make its recipe the current one with its model opened.

    `open_model(path)` opens a model as the settings say; `unpack(path)` brings the takes of a zip
    file in, and has one of pictures opened as a model; `take_lora(path, otherwise)` puts a LoRA on
    the open model, and calls `otherwise` with what is none for it.
    """

    failed = Signal(object)  # Fault
    noted = Signal(str)

    def __init__(
        self,
        editor: RecipeEditor,
        models: ModelDesk,
        open_model: Callable[[str], None],
        unpack: Callable[[Path], None],
        take_lora: Callable[[str, Callable[[str], None]], None],
    ) -> None:
        super().__init__(editor)
        self._editor, self._models = editor, models
        self._open_model, self._unpack, self._take_lora = open_model, unpack, take_lora
        self._wanted_digest = ""
        models.hashed.connect(self._compare_digest)

    def open_file(self, path: str) -> None:
        """Open what was dropped: a model, a LoRA, pictures, or a picture with its recipe."""
        chosen = Path(path)
        if chosen.suffix.lower() == ".zip" and chosen.is_file():
            self._unpack(chosen)
        elif chosen.suffix.lower() == ".safetensors" and chosen.is_file():
            self._take_lora(str(chosen.absolute()), self._open_model)
        elif is_model(chosen):
            self._open_model(str(chosen.absolute()))
        elif chosen.suffix.lower() == ".png":
            self._restore(chosen)
        else:
            self.failed.emit(
                Fault(
                    f"“{chosen.name}” is neither a model nor a picture with a recipe.",
                    "Drop a .safetensors, .npz, .zip or .toy.json file, a folder of pictures, or a "
                    "PNG.",
                )
            )

    def take_over(self, recipe: Recipe) -> str:
        """Make `recipe` the current one, open its model, and return what could not be restored."""
        recipe = self.here(recipe)
        path = located(recipe.model.path)
        self._wanted_digest = recipe.model.sha256 if path else ""
        self._editor.replace(recipe, model_follows=bool(path))
        if path and path != self._models.path:
            self._open_model(path)
        elif self._models.digest:
            self._compare_digest(self._models.digest)
        if path or not (recipe.model.name or recipe.model.path):
            return ""
        name = recipe.model.name or Path(recipe.model.path).name
        return f"It was made with “{name}”, which is not here: the open model is used instead."

    def here(self, recipe: Recipe) -> Recipe:
        """Return a recipe with its models where they are now."""

        def found(model: ModelRef) -> ModelRef:
            is_open = model.sha256 and model.sha256 == self._models.digest
            path = located(model.path) or (self._models.path if is_open else "")
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


def is_model(path: Path) -> bool:
    """Tell whether a path looks like a model: weights, an archive or a folder of pictures."""
    return path.is_dir() or path.suffix.lower() in MODEL_SUFFIXES
