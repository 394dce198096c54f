"""The way from noise to pictures: all of a recipe that may change while it is being walked."""

import hashlib
import json
import math
from collections.abc import Mapping
from itertools import zip_longest
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, Strict
from pydantic_core.core_schema import SerializationInfo

from studio.library.fields import (
    MAX_LORAS,
    MAX_SEEDS,
    MAX_STEPS,
    Bound,
    Classes,
    CurveText,
    Identifier,
    Knobs,
    Label,
    Level,
    Prompt,
    Seed,
    Side,
    Step,
    Text,
)

SCHEDULE_FIELDS = ("schedule", "steps", "sigma_min", "sigma_max", "schedule_knobs")
"""What the list of σ is made from."""

YOUNGER_FIELDS = (
    "prompt",
    "negative_prompt",
    "width",
    "height",
    "guidance_rescale",
    "threshold",
    "guide",
    "classifier",
    "classifier_scale",
)
"""Fields that a recipe does not write where they say nothing: it stays as it was before them."""

_DERIVED = ("sigmas", "labels", "precision")


class Part(BaseModel):
    """A frozen piece of a recipe; fields of the future are left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ModelRef(Part):
    """Which model made the picture: where it was, what it is called, and the hash of its file."""

    path: Text = ""
    name: Text = ""
    sha256: Annotated[str, Strict(), Field(pattern="^[0-9a-f]{0,64}$")] = ""

    @property
    def known_by(self) -> str:
        """Return what tells its file from others: the hash, or the path where there is none."""
        return self.sha256 or self.path

    def is_same(self, other: "ModelRef") -> bool:
        """Tell whether both are one model: by their hashes, or by their paths where one lacks."""
        if self.sha256 and other.sha256:
            return self.sha256 == other.sha256
        return self.path == other.path


class LoraRef(Part):
    """A LoRA on the model: where its file is, what it is called, its hash, and how much it acts.

    One that is not `on` is only kept at hand; it is left out where a recipe is frozen for a run.
    """

    path: Text = ""
    name: Text = ""
    sha256: Annotated[str, Strict(), Field(pattern="^[0-9a-f]{0,64}$")] = ""
    strength: Annotated[float, Strict(), Field(ge=-100, le=100, allow_inf_nan=False)] = 1.0
    on: Annotated[bool, Strict()] = True

    @property
    def known_by(self) -> str:
        """Return what tells its file from others: the hash, or the path where there is none."""
        return self.sha256 or self.path


Version = Annotated[str, Strict(), Field(max_length=64)]


class Precision(Part):
    """The number types of state and network, and what computed them.

    `threads` is how many of a CPU's were used, on which the last bits depend; 0 elsewhere.
    `compiled` tells of a network that went through torch.compile, whose last bits differ.
    `studio` and `torch` are the versions that computed them; empty where that is not known.
    """

    state: Text = "float64"
    network: Text = "float32"
    device: Text = "cpu"
    threads: Annotated[int, Field(ge=0, le=4096)] = 0
    compiled: Annotated[bool, Strict()] = False
    studio: Version = ""
    torch: Version = ""


class Way(Part):
    """How states become pictures; never changed, only replaced.

    `sigma_min` and `sigma_max` of None mean the schedule's own, within the range of the model.
    `sigmas` and `labels` are empty until the recipe is frozen for a run: then they are the exact
    noise levels, one more than steps, and one label a picture, -1 for none. A list of `classes` is
    cycled over the pictures. Guidance acts where `guidance_low` < σ <= `guidance_high`, or as the
    `guidance_curve` over σ says where there is one; it leads away from what the model makes of the
    `negative_prompt` or of no class, or with a `guide` from what that weaker model makes of the
    same. A `classifier` pulls towards the labels, `classifier_scale` times. A `width` and a
    `height` of 0 are the model's own. The weights of the model are those of its file and of the
    `loras` on top.

    Raises:
        pydantic.ValidationError: a field has the wrong type or is out of bounds (a ValueError).
    """

    model: ModelRef = ModelRef()
    loras: Annotated[tuple[LoraRef, ...], Field(max_length=MAX_LORAS)] = ()
    sampler: Identifier = "heun"
    knobs: Knobs = Field(default_factory=dict)
    schedule: Identifier = "karras"
    steps: Annotated[Step, Field(ge=1)] = 18
    sigma_min: Level | None = None
    sigma_max: Level | None = None
    schedule_knobs: Knobs = Field(default_factory=dict)
    sigmas: Annotated[tuple[Level, ...], Field(max_length=MAX_STEPS + 1)] = ()
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1, max_length=MAX_SEEDS)] = (0,)
    classes: Classes = "any"
    labels: Annotated[tuple[Label, ...], Field(max_length=MAX_SEEDS)] = ()
    prompt: Prompt = ""
    negative_prompt: Prompt = ""
    width: Side = 0
    height: Side = 0
    guidance: Annotated[float, Strict(), Field(allow_inf_nan=False)] = 1.0
    guidance_low: Bound = 0.0
    guidance_high: Bound = math.inf
    guidance_curve: CurveText = ""
    guidance_rescale: Annotated[float, Strict(), Field(ge=0, le=1)] = 0.0
    threshold: Annotated[float, Strict(), Field(ge=0, le=100)] = 0.0
    guide: ModelRef | None = None
    classifier: ModelRef | None = None
    classifier_scale: Annotated[float, Strict(), Field(allow_inf_nan=False)] = 1.0
    noise: Literal["keyed", "brownian", "reference"] = "keyed"
    precision: Precision = Precision()

    @property
    def worn(self) -> tuple[LoraRef, ...]:
        """Return the LoRAs that are on."""
        return tuple(lora for lora in self.loras if lora.on)

    @property
    def weights_key(self) -> str:
        """Return what tells the weights from others: the model's hash, with LoRAs one of all."""
        if not self.worn:
            return self.model.sha256
        return hashlib.sha256(json.dumps([self.model.sha256, *acting(self)]).encode()).hexdigest()


def acting(way: Way) -> list[tuple[str, float]]:
    """Return what the pictures depend on in the LoRAs of a way: files and strengths, in order."""
    return [(lora.known_by, lora.strength) for lora in way.worn]


def aids_of(way: Way) -> dict[str, str]:
    """Return what tells the weaker model and the classifier, where there are any, from others."""
    named = {"guide": way.guide, "classifier": way.classifier}
    return {name: model.known_by for name, model in named.items() if model is not None}


def alike_in_loras(one: Way, other: Way) -> bool:
    """Tell whether the LoRAs that are on are the same, by their hashes where both have them."""
    pairs = list(zip_longest(one.worn, other.worn))
    return all(a is not None and b is not None and _act_alike(a, b) for a, b in pairs)


def _act_alike(a: LoraRef, b: LoraRef) -> bool:
    hashed = a.sha256 and b.sha256
    same = a.sha256 == b.sha256 if hashed else a.path == b.path
    return same and a.strength == b.strength


def differences(before: Way, after: Way) -> dict[str, Any]:
    """Return the fields in which `after` differs, as it has them; lists are to be made anew."""
    changes = {
        name: getattr(after, name)
        for name in Way.model_fields
        if name not in _DERIVED and getattr(before, name) != getattr(after, name)
    }
    if before.model.is_same(after.model):
        changes.pop("model", None)
    for name in ("guide", "classifier"):
        one, other = getattr(before, name), getattr(after, name)
        if one is not None and other is not None and one.is_same(other):
            changes.pop(name, None)
    if alike_in_loras(before, after):
        changes.pop("loras", None)
    if "classes" in changes:
        changes["labels"] = ()  # to be made from them
    return changes


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    way = Way.model_validate(changes)
    return {name: getattr(way, name) for name in sorted(way.model_fields_set)}


def _plain(changes: Mapping[str, Any], info: SerializationInfo) -> dict[str, Any]:
    way = Way.model_construct(_fields_set=set(changes), **changes)
    return way.model_dump(mode=info.mode, include=set(changes))


Changes = Annotated[
    dict[Identifier, Any],
    AfterValidator(_checked),
    PlainSerializer(_plain),
]
"""Some fields of a way with their new values."""
