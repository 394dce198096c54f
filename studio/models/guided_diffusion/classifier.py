"""What the file of a classifier tells: the encoder of guided diffusion with a head that tells."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.diffusion import Value
from studio.models.errors import ModelError
from studio.models.guided_diffusion.names import our_name
from studio.models.guided_diffusion.shapes import Found, Shapes, inferred
from studio.models.presets.form import Form, Preset
from studio.models.presets.guided_diffusion import questions

_POSITIONS = "out.2.positional_embedding"
_HEADS = {
    "attention": {
        "out.0": "out_norm",
        _POSITIONS: "pool.positions",
        "out.2.qkv_proj": "pool.qkv",
        "out.2.c_proj": "pool.proj",
    },
    "adaptive": {"out.0": "out_norm", "out.3": "pool"},
    "spatial": {"out.0": "first", "out.2": "second"},
    "spatial_v2": {"out.0": "first", "out.1": "norm", "out.3": "second"},
}
_LAST = {
    "attention": "out.2.c_proj.weight",
    "adaptive": "out.3.weight",
    "spatial": "out.2.weight",
    "spatial_v2": "out.3.weight",
}
_COSINE_SIDE = 64
"""The side of the one published classifier that knows the levels of the cosine schedule."""


@dataclass(frozen=True, slots=True)
class FoundClassifier:
    """Hold what was inferred of a classifier; `side` is 0 where the shapes do not tell it."""

    encoder: Found
    pool: str
    classes: int
    side: int

    def options(self, answers: Mapping[str, Value]) -> dict[str, Any]:
        """Return the keyword arguments of GuidedClassifier."""
        encoder = self.encoder
        return {
            "img_resolution": int(answers["side"]),
            "classes": self.classes,
            "pool": self.pool,
            "in_channels": encoder.in_channels,
            "model_channels": encoder.model_channels,
            "channel_mult": encoder.channel_mult,
            "num_blocks": encoder.num_blocks,
            "attends": encoder.attends,
            "num_heads": int(answers["heads"]),
            "num_head_channels": int(answers["head_channels"]),
            "new_order": answers["order"] == "new",
            "scale_shift": encoder.scale_shift,
            "resblock_updown": encoder.resblock_updown,
        }


def found_classifier(path: Path, shapes: Shapes) -> FoundClassifier:
    """Return what the shapes of a classifier tell.

    Raises:
        ModelError: its layers make none.
    """
    try:
        encoder = inferred(shapes)
        pool = _pool(shapes)
        halved = len(encoder.channel_mult) - 1
        places = shapes[_POSITIONS][1] - 1 if pool == "attention" else 0
        return FoundClassifier(encoder, pool, shapes[_LAST[pool]][0], math.isqrt(places) << halved)
    except (ValueError, KeyError, IndexError, StopIteration) as error:
        raise ModelError(
            f"“{path.name}” looks like a classifier of guided diffusion, but makes none ({error})."
        ) from error


def form_for(path: Path, found: FoundClassifier) -> Form:
    """Return what the shapes leave open; the usual answers are taken without asking."""
    guesses = {knob.id: knob.default for knob in questions(found.encoder)}
    side = found.side or int(guesses["side"])
    usual: dict[str, Value] = {
        **guesses,
        "side": side,
        "head_channels": 64,
        "schedule": "cosine" if side == _COSINE_SIDE else "linear",
        "steps": 1000,
        "rescale": False,
    }
    asked = tuple(
        knob.with_default(usual[knob.id])
        for knob in questions(found.encoder)
        if knob.id != "predicts"
    )
    del usual["predicts"]
    preset = Preset("classifier", "Classifier as published", usual)
    return Form(path, "guided-diffusion classifier", asked, (preset,), preset)


def classifier_name(name: str, pool: str) -> str:
    """Return the studio's name of a tensor of a classifier."""
    for theirs, ours in _HEADS[pool].items():
        if name == theirs or name.startswith(f"{theirs}."):
            return ours + name.removeprefix(theirs)
    return our_name(name)


def _pool(shapes: Shapes) -> str:
    if _POSITIONS in shapes:
        return "attention"
    if len(shapes.get("out.3.weight", ())) == 4:
        return "adaptive"
    return "spatial_v2" if "out.3.weight" in shapes else "spatial"
