"""The settings: what the person chose, and how the window was left."""

import base64
import binascii
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from studio.preferences.places import default_output_folder
from studio.preferences.reading_choice import ReadingChoice

VERSION = 1
MAX_RECENT = 12
MAX_DEPTH = 16


def _newest(models: tuple[str, ...]) -> tuple[str, ...]:
    return models[:MAX_RECENT]


def _is_absolute(folder: Path) -> Path:
    if not folder.expanduser().is_absolute():
        raise ValueError("must be a whole path")
    return folder.expanduser()


def _is_base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("must be base64") from error
    return text


def _is_shallow(data: dict[str, Any]) -> dict[str, Any]:
    """Refuse what could be read but, nested too deeply for the writer, never be written again."""
    level: list[Any] = [data]
    for _ in range(MAX_DEPTH):
        entries = (
            v for outer in level for v in (outer.values() if isinstance(outer, dict) else outer)
        )
        level = [entry for entry in entries if isinstance(entry, dict | list)]
        if not level:
            return data
    raise ValueError("must not be nested so deeply")


Bytes64 = Annotated[str, AfterValidator(_is_base64)]
Name = Annotated[str, Field(min_length=1, max_length=64)]
LevelText = Annotated[str, Field(max_length=4096)]


class Settings(BaseModel):
    """What belongs to the person and outlives a project; never changed, only replaced.

    `recent_models` and `favourite_models` hold paths, newest first; `watched_folders` are searched
    for models, `declined_folders` are not offered again for that; `runs` holds the folders of
    training runs that were opened from elsewhere, `hidden_runs` those that are left out of the
    list; `compile` and `offload` say how networks run (`studio.models.Running`); `threads` is the
    number of CPU threads, None for as many as torch likes; `steps_budget` the bytes that the
    trajectories of all takes may need; `geometry` and `splitters` are Qt's own bytes in base64;
    `folded` names the folded sections of the panel, None for those that fold by themselves;
    `shortcuts` holds the keys that the person gave to commands; `recipe` is the last recipe as JSON
    data, which the library reads and judges, `restoration` that of the Edit tab, `comparison` and
    `sweep` what was last chosen to be compared and swept, `edit_tasks` what was chosen on the other
    pages of the Edit tab.

    Raises:
        pydantic.ValidationError: a setting has a value it cannot have (a ValueError).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")

    version: int = VERSION
    theme: Literal["dark", "light", "system"] = "dark"
    output_folder: Annotated[Path, AfterValidator(_is_absolute)] = Field(
        default_factory=default_output_folder
    )
    device: Annotated[str, Field(max_length=32)] = "auto"
    dtype: Literal["auto", "float64", "float32", "bfloat16", "float16"] = "auto"
    compile: bool = False
    offload: Literal["auto", "on", "off"] = "auto"
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    recent_models: Annotated[tuple[str, ...], AfterValidator(_newest)] = ()
    favourite_models: Annotated[tuple[str, ...], Field(max_length=1000)] = ()
    watched_folders: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    declined_folders: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    runs: Annotated[tuple[str, ...], Field(max_length=1000)] = ()
    hidden_runs: Annotated[tuple[str, ...], Field(max_length=1000)] = ()
    live: bool = False
    same_seed: bool = True
    keep_partial: bool = True
    steps_budget: Annotated[int, Field(ge=0)] = 5 * 10**9
    canvas_view: Annotated[str, Field(pattern="^[a-z0-9_]{1,32}$")] = "x0"
    preview: Annotated[str, Field(pattern="^[a-z0-9_]{1,32}$")] = "linear"
    reading: ReadingChoice = ReadingChoice()
    plane_layers: Annotated[tuple[str, ...], Field(max_length=16)] = (
        "density",
        "field",
        "paths",
        "scaled",
    )
    sigma_axis: Annotated[str, Field(pattern="^[a-z]{1,16}$")] = "log"
    sigma_falls: bool = False
    overlays: Annotated[tuple[str, ...], Field(max_length=64)] = ()
    own_schedules: Annotated[dict[Name, LevelText], Field(max_length=200)] = Field(
        default_factory=dict
    )
    geometry: Bytes64 = ""
    splitters: dict[str, Bytes64] = Field(default_factory=dict)
    folded: tuple[str, ...] | None = None
    shortcuts: dict[str, Annotated[str, Field(max_length=64)]] = Field(default_factory=dict)
    recipe: Annotated[dict[str, Any], AfterValidator(_is_shallow)] | None = None
    restoration: Annotated[dict[str, Any], AfterValidator(_is_shallow)] | None = None
    comparison: Annotated[dict[str, Any], AfterValidator(_is_shallow)] | None = None
    sweep: Annotated[dict[str, Any], AfterValidator(_is_shallow)] | None = None
    edit_tasks: Annotated[dict[str, Any], AfterValidator(_is_shallow)] | None = None

    def changed(self, **fields: object) -> "Settings":
        """Return a copy in which some settings differ.

        Raises:
            pydantic.ValidationError: a value does not suit its setting (a ValueError).
        """
        return type(self).model_validate({**dict(self), **fields})

    def with_recent(self, model: str) -> "Settings":
        """Return a copy that has `model` at the front of the recent ones."""
        return self.changed(recent_models=(model, *(m for m in self.recent_models if m != model)))
