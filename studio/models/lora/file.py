"""Reading what a LoRA file is, without its tensors."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from studio.models.card import complaint
from studio.models.digest import file_digest
from studio.models.errors import ModelError
from studio.models.foreign import explain
from studio.models.lora.header import KEY, LoraHeader
from studio.models.shipped import bundled_models
from studio.models.tensor_file import TensorFile, peek, read_tensor_file

PREFIX = "base_model.model."
"""What peft writes before the name of each tensor."""

LABELS = "model.map_label"
"""The layer that is trained as a whole where a LoRA has classes of its own."""

_A, _B = ".lora_A.weight", ".lora_B.weight"
_LAST = "Export it again."


@dataclass(frozen=True, slots=True)
class LoraFile:
    """Hold the header of a LoRA, the names of the layers that it changes, and its size.

    `own_classes` tells whether it brings classes with it.
    """

    header: LoraHeader
    layers: tuple[str, ...]
    own_classes: bool
    parameters: int

    @property
    def name(self) -> str:
        """Return what it calls itself, or nothing."""
        return self.header.name

    @property
    def rank(self) -> int:
        """Return the inner side of its factors."""
        return self.header.rank

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the names of the classes that it brings."""
        return self.header.model.class_names if self.own_classes else ()


def is_lora(path: Path) -> bool:
    """Tell whether a file is a LoRA of the studio."""
    return path.is_file() and isinstance(peek(path).get(KEY), str)


def read_lora(path: Path) -> LoraFile:
    """Return what a LoRA file says about itself, checked against its tensors' shapes.

    Raises:
        ModelError: it is missing, of another kind or damaged.
    """
    try:
        if not path.is_file():
            raise ModelError(f"There is no LoRA at “{path}”; put it back, or take it off the list.")
        if not is_lora(path):
            raise ModelError(_no_lora(path))
        file = read_tensor_file(path)
    except OSError as error:
        raise ModelError(
            f"“{path}” cannot be read ({error.strerror or error}); check its permissions and that "
            "its drive is still there."
        ) from error
    try:
        header = LoraHeader.model_validate_json(file.metadata[KEY])
    except ValidationError as error:
        raise ModelError(
            f"“{path.name}” is a LoRA that makes no sense ({complaint(error)}). Export it again, "
            "or get a newer Elucidate."
        ) from error
    return _checked(path, file, header)


def find_base(path: Path, header: LoraHeader) -> Path:
    """Return where the model is that a LoRA file at `path` was trained on.

    It is looked for where it was, beside the LoRA, and among the bundled models.

    Raises:
        ModelError: it is not here, or another one has its name.
    """
    base = header.base
    bundled = [model for model in bundled_models() if model.name == base.file]
    places = [Path(base.path)] if base.path else []
    places += [path.parent / base.file, *bundled] if base.file else []
    found = [place for place in places if place.exists()]
    for place in found:
        if file_digest(place) == base.sha256:
            return place
    said = (
        f"“{found[0]}” is no longer the model that it was trained on"
        if found
        else "that is not here"
    )
    raise ModelError(
        f"“{path.name}” is a LoRA for the model “{base.name or base.file}”: {said}. Put that model "
        "beside it, or open another model and add the LoRA to it."
    )


def _no_lora(path: Path) -> str:
    if "config" in peek(path):
        return f"“{path.name}” is a whole model, not a LoRA; open it as the model."
    return explain(path).partition(". ")[0] + ", and no LoRA of Elucidate."


def _checked(path: Path, file: TensorFile, header: LoraHeader) -> LoraFile:
    layers = tuple(
        name.removeprefix(PREFIX).removesuffix(_A) for name in file.shapes if name.endswith(_A)
    )
    wanted = {f"{PREFIX}{layer}{end}" for layer in layers for end in (_A, _B)}
    embedding = f"{PREFIX}{LABELS}.weight"
    own_classes = bool({embedding, f"{PREFIX}{LABELS}.bias"} & file.shapes.keys())
    if own_classes:  # the bias is one that not all networks have
        wanted |= {embedding} | ({f"{PREFIX}{LABELS}.bias"} & file.shapes.keys())
    if not layers or wanted != file.shapes.keys():
        odd = sorted(wanted ^ file.shapes.keys())
        why = f"{odd[0]} is missing or not known here" if odd else "it changes no layer"
        raise ModelError(f"“{path.name}” is not a whole LoRA: {why}. {_LAST}")
    for layer in layers:
        a, b = file.shapes[f"{PREFIX}{layer}{_A}"], file.shapes[f"{PREFIX}{layer}{_B}"]
        if len(a) not in (2, 4) or len(a) != len(b) or a[0] != b[1] or b[2:] not in ((), (1, 1)):
            raise ModelError(f"“{path.name}” is damaged: the two factors of {layer} do not fit.")
    parameters = sum(_count(shape) for shape in file.shapes.values())
    return LoraFile(header, layers, own_classes, parameters)


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for side in shape:
        count *= side
    return count
