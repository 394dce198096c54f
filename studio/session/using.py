"""Putting a file to use, whatever it is: a model, a LoRA, an autoencoder, a classifier, a guide."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.engine.fault import Fault
from studio.library import ModelRef
from studio.models import ModelError, inspect_model
from studio.models.autoencoders.choosing import check_fit
from studio.models.autoencoders.file import read_autoencoder
from studio.models.presets import Form, choose, forget, form_of
from studio.models.toy.file import PointsFile
from studio.preferences import data_folder
from studio.session.editor import RecipeEditor
from studio.session.modeldesk import ModelDesk
from studio.session.sketch import save_sketch

OWN_AUTOENCODER, TINY_AUTOENCODER = "vae", "tiny"
"""The questions of a model of latents that ask for another autoencoder."""


class Using(QObject):
    """Use files with the open model, or in its place; what a file leaves open is asked first.

    `open_model(path)` opens a model as the settings say, `add_lora(path)` puts a LoRA on it.
    """

    asked = Signal(object)  # Form to be answered before its model can be opened
    settled = Signal(str)  # path of a file whose settings were chosen or forgotten
    failed = Signal(object)  # Fault
    noted = Signal(str)

    def __init__(
        self,
        editor: RecipeEditor,
        models: ModelDesk,
        disk: Background,
        open_model: Callable[[str], None],
        add_lora: Callable[[str], None],
    ) -> None:
        super().__init__(editor)
        self._editor, self._models, self._disk = editor, models, disk
        self._open_model, self._add_lora = open_model, add_lora
        self._asking = ""  # the path of the file that is to be opened once it is answered for

    def use(self, path: str, kind: str, asks: bool = False) -> None:
        """Use a file as what it is."""
        if kind == "lora":
            self._add_lora(path)
        elif kind == "classifier":
            self.classify(path)
        elif kind == "autoencoder":
            self.put_on(path)
        elif asks:
            self.ask(path)
        else:
            self._open_model(path)

    def draw(
        self, toy: PointsFile, then: Callable[[], None], failed: Callable[[Fault], None]
    ) -> None:
        """Write a distribution that was drawn, call `then` and open it, or say what `failed`."""

        def open_it(path: Path) -> None:
            then()
            self._open_model(str(path))

        folder = data_folder() / "models"
        self._disk.run(lambda: save_sketch(folder, toy), open_it, failed, "Saving the drawing")

    def lead(self, path: str, name: str, sha256: str = "") -> None:
        """Let a weaker model lead the open one (autoguidance, Karras et al. 2024)."""
        guide = ModelRef(path=path, name=name[:200], sha256=sha256)
        self._editor.edit("guide", guide)
        self.noted.emit(f"“{name}” leads the open model; how far, guidance says.")

    def classify(self, path: str) -> None:
        """Let a classifier lead the open model to a class (Dhariwal & Nichol 2021)."""
        name = Path(path).stem
        self._editor.edit("classifier", ModelRef(path=path, name=name[:200]))
        self.noted.emit(f"The classifier “{name}” leads the open model to the chosen class.")

    # What a file leaves open

    def ask(self, path: str, *, then_open: bool = True) -> None:
        """Ask for the settings of a file, or say that it has none."""
        self._asking = path if then_open else ""

        def show(form: Form | None) -> None:
            if form is not None:
                self.asked.emit(form)
            elif then_open:
                self._open_model(path)
            else:
                self.noted.emit(f"“{Path(path).name}” says everything about itself.")

        self._disk.run(lambda: form_of(path), show, self.failed.emit, "Reading the model")

    def answer(self, path: str, answers: Mapping[str, object], preset: str = "") -> None:
        """Keep what was answered about a file, and open it where it waits for that or is open."""

        def end(_form: Form) -> None:
            self._settled(path)

        self._disk.run(
            lambda: choose(path, answers, preset=preset), end, self.failed.emit, "Keeping settings"
        )

    def forget(self, path: str) -> None:
        """Forget what was answered about a file."""
        self._disk.run(
            lambda: forget(path), lambda _: self._settled(path), self.failed.emit, "Forgetting"
        )

    def _settled(self, path: str) -> None:
        wanted, self._asking = self._asking == path, ""
        self.settled.emit(path)
        if wanted or path == self._models.path:
            self._open_model(path)

    # Autoencoders

    def put_on(self, path: str) -> None:
        """Put an autoencoder on the open model: in place of its own, or a tiny one for previews."""
        model = self._models.path
        name = Path(path).name
        self._disk.run(
            lambda: _put_on(Path(path), model),
            lambda _form: self._on_put(model, name),
            self.failed.emit,
            "Reading the autoencoder",
        )

    def _on_put(self, model: str, name: str) -> None:
        self.noted.emit(f"The open model uses the autoencoder “{name}”.")
        self._settled(model)


def _put_on(path: Path, model: str) -> Form:
    """Keep an autoencoder among the settings of a model.

    Raises:
        ModelError: it is none, or the model takes no other.
    """
    layout = read_autoencoder(path).layout
    form = form_of(model)
    wanted = TINY_AUTOENCODER if layout.kind == "AutoencoderTiny" else OWN_AUTOENCODER
    if form is None or wanted not in {question.id for question in form.questions}:
        raise ModelError(
            f"“{path.name}” is an autoencoder, and the open model takes no other. Open a model of "
            f"latents with {layout.channels} channels first."
        )
    info = inspect_model(model)
    check_fit(path, (info.shape[0], info.pixels))  # before it is kept: the model is to stay open
    return choose(model, {wanted: str(path)})
