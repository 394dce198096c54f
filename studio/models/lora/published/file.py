"""What a LoRA file of others says, without its tensors and without torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from pydantic_core import from_json

from studio.models.containers import Shapes, shapes_or_none
from studio.models.errors import ModelError
from studio.models.lora.header import KEY
from studio.models.lora.published.names import OTHERS, Place, TensorName, parsed, place_of
from studio.models.tensor_file import TensorFile, peek, read_tensor_file

_ADAPTER = "lora_adapter_metadata"
_JSON_LIMIT = 1 << 20
_FAMILIES = {768: "Stable Diffusion 1", 1024: "Stable Diffusion 2", 2048: "Stable Diffusion XL"}
_ELSEWHERE = ("double_blocks", "single_transformer_blocks", "joint_blocks", "transformer.", "dit")
_IGNORED = ("bundle_emb",)


@dataclass(frozen=True, slots=True)
class Factors:
    """Name the tensors of one layer: W gets scale · up · (mid) · down; `rank` is the inner side.

    `scale` is alpha / rank where the file says it otherwise than by a tensor of its own, else None.
    """

    down: str
    up: str
    mid: str
    alpha: str
    rank: int
    scale: float | None


@dataclass(frozen=True, slots=True)
class PublishedLora:
    """Describe a LoRA: its layers by their place, and what it was made for.

    `context` counts the numbers per token that its attention listens to, 0 if it changes no such
    layer. `name` is what the file calls itself, or its file name.
    """

    name: str
    layers: Mapping[Place, Factors]
    rank: int
    context: int
    parameters: int
    classes: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """Return which family of models it is for, as far as shapes tell."""
        return _FAMILIES.get(self.context, "another kind of model")


def is_published_lora(path: Path) -> bool:
    """Tell whether a file is a LoRA, or something of that kind, that others publish."""
    shapes = shapes_or_none(path)
    if not shapes or KEY in peek(path):
        return False
    return any(_is_factor(name) or _other(name) for name in shapes)


def read_published_lora(path: Path) -> PublishedLora:
    """Return what a LoRA file says about itself, checked against its tensors' shapes.

    Raises:
        ModelError: it is no LoRA of a known kind, or damaged.
    """
    file = read_tensor_file(path)
    other = next(filter(None, map(_other, file.shapes)), None)
    if other is not None:
        raise ModelError(f"“{path.name}” is {other}; only LoRAs can be put on a model.")
    tensors = {n: t for n in file.shapes if not n.startswith(_IGNORED) and (t := parsed(n))}
    try:
        layers = _layers(path, file, tensors)
    except LookupError as error:
        raise ModelError(f"“{path.name}” is damaged: the factors of a layer make none.") from error
    if not layers:
        raise ModelError(f"“{path.name}” is no LoRA that is known here.")
    return PublishedLora(
        name=_title(file) or path.stem,
        layers=layers,
        rank=max(each.rank for each in layers.values()),
        context=_context(file.shapes, layers),
        parameters=sum(map(prod, file.shapes.values())),
    )


def _layers(
    path: Path, file: TensorFile, tensors: Mapping[str, TensorName]
) -> dict[Place, Factors]:
    grouped: dict[str, dict[str, str]] = {}
    for name, tensor in tensors.items():
        grouped.setdefault(tensor.written, {})[tensor.factor] = name
    config = _adapter(path, file)
    found: dict[Place, Factors] = {}
    for written, names in grouped.items():
        place = place_of(written)
        if place is None or any(part in written for part in _ELSEWHERE):
            raise ModelError(
                f"“{path.name}” is a LoRA for another kind of model than Stable Diffusion 1, 2 "
                f"or XL ({written[:60]}). Open a model that it was made for."
            )
        if not {"down", "up"} <= names.keys():
            raise ModelError(
                f"“{path.name}” is not a whole LoRA: {written[:60]} lacks one of its factors. "
                "Copy or download it again."
            )
        rank = file.shapes[names["down"]][0]
        scale = _scale(config, place, rank)
        mid, alpha = names.get("mid", ""), names.get("alpha", "")
        found[place] = Factors(names["down"], names["up"], mid, alpha, rank, scale)
    return found


def _adapter(path: Path, file: TensorFile) -> Mapping[str, object]:
    """Return what peft noted about the LoRA: in the file, or in a config beside it."""
    text = file.metadata.get(_ADAPTER, "")
    if not text:
        beside = path.parent / "adapter_config.json"
        if path.name == "adapter_model.safetensors" and beside.is_file():
            text = (
                beside.read_text("utf-8", "replace") if beside.stat().st_size < _JSON_LIMIT else ""
            )
    try:
        found = from_json(text[:_JSON_LIMIT]) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _scale(config: Mapping[str, object], place: Place, rank: int) -> float | None:
    """Return alpha / rank, or alpha / √rank, as peft's config says; None where it says nothing."""

    def asked(name: str) -> object:
        return config.get(f"{place.part}.{name}", config.get(name))

    alpha = asked("lora_alpha")
    own = asked("alpha_pattern")
    if isinstance(own, dict):
        for pattern, value in own.items():
            if place.layer.endswith(str(pattern).replace(".", "_")):
                alpha = value
    if not isinstance(alpha, int | float):
        return None
    return alpha / (rank**0.5 if asked("use_rslora") is True else rank)


def _context(shapes: Shapes, layers: Mapping[Place, Factors]) -> int:
    listening = (f for p, f in layers.items() if p.layer.endswith(("attn2_to_k", "attn2_to_v")))
    first = next(listening, None)
    if first is not None:
        return shapes[first.down][1]
    return 2048 if any(place.part == "text_encoder_2" for place in layers) else 0


def _is_factor(name: str) -> bool:
    found = parsed(name)
    return found is not None and found.factor in ("down", "up")


def _other(name: str) -> str | None:
    last = name.rpartition(".")[2] if "." in name else name
    tail = name[-60:]
    known = (said for part, said in OTHERS.items() if last.startswith(part) or f".{part}" in tail)
    return next(known, None)


def _title(file: TensorFile) -> str:
    said = file.metadata.get("modelspec.title") or file.metadata.get("ss_output_name") or ""
    return " ".join(said.split())[:200]
