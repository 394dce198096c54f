"""What a sweep may go over: every field of a recipe that is one value, and every knob."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from studio.diffusion import SAMPLERS, SCHEDULES, Knob, KnobError
from studio.diffusion.guidance import GUIDANCE_CURVE
from studio.diffusion.knob import Kind

FieldKind = Kind | Literal["sampler", "schedule", "class", "model"]


@dataclass(frozen=True, slots=True)
class Field:
    """Something that an axis may go over.

    `id` names it on an axis: “steps”, or “knobs.s_churn” for a knob of a sampler. `kind` says what
    its values are, `knob` describes them where it is a knob.
    """

    id: str
    label: str
    kind: FieldKind
    help: str
    knob: Knob | None = None

    @property
    def name(self) -> str:
        """Return the short name by which a command line knows it: “s_churn”."""
        return self.id.rpartition(".")[2]


_OWN = (
    Field("sampler", "Sampler", "sampler", "The solver; knobs that it lacks are left out"),
    Field("schedule", "Schedule", "schedule", "What the list of σ is made by, at its defaults"),
    Field("steps", "Steps", "int", "How many steps lead from noise to the picture"),
    Field("sigma_min", "σ min", "float", "The last noise level before 0"),
    Field("sigma_max", "σ max", "float", "The noise level at which sampling begins"),
    Field("guidance", "Guidance", "float", "Classifier-free guidance; 1 is none"),
    Field("guidance_low", "Guided from σ", "float", "Guidance acts at noise levels from here up"),
    Field("guidance_high", "Guided up to σ", "float", "Guidance acts at noise levels up to here"),
    Field("guidance_curve", "Guidance(σ)", "text", GUIDANCE_CURVE.help, GUIDANCE_CURVE),
    Field("prompt", "Prompt", "text", "What the pictures are to show, for models that take texts"),
    Field("negative_prompt", "Negative prompt", "text", "What guidance leads away from"),
    Field("guidance_rescale", "Guidance rescale", "float", "0 is none, 1 the full contrast of D_c"),
    Field("threshold", "Threshold %", "float", "Dynamic thresholding of pixels; 0 is none"),
    Field("classifier_scale", "Classifier scale", "float", "How much the classifier pulls"),
    Field("noise", "Noise", "choice", "How noise is drawn: keyed, brownian or reference"),
    Field("seed", "Seed", "int", "The first seed of a cell; its other pictures count up from it"),
    Field("class", "Class", "class", "The class of all pictures of a cell, by name or number"),
    Field("model", "Model", "model", "Another model of the same picture size, by its file"),
)
FIELDS: Mapping[str, Field] = {field.id: field for field in _OWN}
"""The fields that belong to every recipe, by their ids."""


def swept_knobs(samplers: Iterable[str], schedules: Iterable[str]) -> dict[str, Field]:
    """Return the knobs of these samplers and schedules as fields, by their ids."""
    found: dict[str, Field] = {}
    for table, specs, ids in (
        ("knobs", SAMPLERS, samplers),
        ("schedule_knobs", SCHEDULES, schedules),
    ):
        for knob in (knob for id in ids if id in specs for knob in specs[id].knobs):
            field = Field(f"{table}.{knob.id}", knob.label, knob.kind, knob.help, knob)
            found.setdefault(field.id, field)
    return found


def field_named(name: str, samplers: Iterable[str], schedules: Iterable[str]) -> Field:
    """Return the field of that id or short name: “steps”, “s_churn”, “knobs.s_churn”.

    Raises:
        KnobError: there is none; the message says which there are.
    """
    name = {"seeds": "seed", "classes": "class"}.get(name.replace("-", "_"), name.replace("-", "_"))
    known = {**FIELDS, **swept_knobs(samplers, schedules)}
    by_name = {field.name: field for field in reversed(known.values())}
    found = known.get(name) or by_name.get(name)
    if found is None:
        names = ", ".join(field.name for field in known.values())
        raise KnobError(f"A sweep cannot go over “{name[:40]}”. Here it can go over: {names}.")
    return found
