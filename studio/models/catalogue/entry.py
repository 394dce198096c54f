"""What the catalogue knows of one file or folder."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from studio.models.info import ModelInfo

KINDS = ("model", "lora", "autoencoder", "classifier", "unknown")
"""What a file can be; only a model can be sampled from, the others serve one."""

_MOST_TEXT = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """Describe a file or folder: which of `KINDS` it is, and the facts that tell it from others.

    `root` is the watched folder it was found in, empty for others. `size` is in bytes and `changed`
    in nanoseconds since 1970: with both the same, its content counts as the same. `shape` is
    (C, H, W) of what a model works on, each of its pixels `pixels` of the picture wide; `levels`
    counts the noise levels of a model that knows only some. `settings` tells that the
    file leaves something to choose, `asks` that this has to be done before it can be opened;
    `problem` says why it cannot be used as it is.
    """

    path: str
    kind: str
    name: str
    root: str = ""
    size: int = 0
    changed: int = 0
    format: str = ""
    family: str = ""
    shape: tuple[int, ...] = ()
    pixels: int = 1
    multiple: int = 0
    parameters: int = 0
    prediction: str = ""
    sigma_min: float = 0.0
    sigma_max: float = 0.0
    levels: int = 0
    classes: int = 0
    images: int = 0
    components: int = 0
    text: bool = False
    planar: bool = False
    trainable: bool = False
    note: str = ""
    licence: str = ""
    settings: bool = False
    asks: bool = False
    problem: str = ""
    sha256: str = ""
    missing: bool = False

    @property
    def opens(self) -> bool:
        """Tell whether it can be opened as a model, if only after a question."""
        return self.kind == "model" and not self.missing

    def is_as(self, weight: tuple[int, int]) -> bool:
        """Tell whether a file of this size and time of change is the one described here."""
        return (self.size, self.changed) == weight

    def to_data(self) -> dict[str, Any]:
        """Return what JSON can hold, without what says nothing."""
        plain = {each.name: each.default for each in fields(self)}
        return {name: value for name, value in asdict(self).items() if value != plain[name]}

    @classmethod
    def from_data(cls, data: Any) -> "Entry":
        """Return the entry that `to_data` wrote.

        Raises:
            ValueError: the data are something else.
        """
        known = {each.name: each.default for each in fields(cls)}
        if not isinstance(data, dict) or data.get("kind") not in KINDS:
            raise ValueError("this is no entry of a catalogue")
        try:
            kept = {name: value for name, value in data.items() if name in known}
            kept["shape"] = tuple(kept.get("shape", ()))
            return cls(**kept)
        except TypeError as error:
            raise ValueError(f"this is no entry of a catalogue ({error})") from None


def described(info: ModelInfo, kind: str, weight: tuple[int, int]) -> Entry:
    """Return the entry of a file with these facts, this size and this time of change."""
    size, changed = weight
    return Entry(
        path=info.path,
        kind=kind,
        name=_line(info.name) or Path(info.path).stem,
        size=size,
        changed=changed,
        format=info.format,
        family=_line(info.family),
        shape=tuple(info.shape),
        pixels=info.pixels,
        multiple=info.multiple,
        parameters=info.parameters,
        prediction=_line(info.prediction),
        sigma_min=info.sigma_min,
        sigma_max=info.sigma_max,
        levels=len(info.table),
        classes=len(info.classes),
        images=info.images,
        components=info.components,
        text=info.text,
        planar=info.planar,
        trainable=info.trainable,
        note=info.note[:_MOST_TEXT],
        licence=info.licence[:_MOST_TEXT],
        sha256=info.sha256,
    )


def _line(text: str) -> str:
    return " ".join(text.split())[:200]
