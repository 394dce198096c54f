"""The numbered layers of a checkpoint, each told by the names of its tensors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Shape = tuple[int, ...]
Kind = Literal["waves", "linear", "norm", "conv", "block", "attention", "side", "resample"]

_NUMBERED = re.compile(r"(?:module\.)?all_modules\.(\d+)\.(.+)")


@dataclass(frozen=True, slots=True)
class Module:
    """Hold one layer: `tensors` by their names within it, `prefix` with which those begin."""

    kind: Kind
    prefix: str
    tensors: Mapping[str, Shape]

    @property
    def channels(self) -> tuple[int, int]:
        """Return how many channels go in and come out of a convolution or a block."""
        name = {"block": "Conv_0.weight", "side": "Conv_0.weight", "resample": "Conv_0.weight"}
        weight = self.tensors.get(name.get(self.kind, "weight")) or self.tensors["Conv2d_0.weight"]
        return weight[1], weight[0]

    @property
    def resamples(self) -> bool:
        """Tell whether a block doubles or halves: it has a way around though nothing widens."""
        return "Conv_2.weight" in self.tensors and self.channels[0] == self.channels[1]


def modules_of(shapes: Mapping[str, Shape]) -> tuple[Module, ...]:
    """Return the layers in their order.

    Raises:
        ValueError: a number is missing, or a layer is none that is known.
    """
    found: dict[int, dict[str, Shape]] = {}
    prefixes: dict[int, str] = {}
    for name, shape in shapes.items():
        if match := _NUMBERED.fullmatch(name):
            found.setdefault(int(match[1]), {})[match[2]] = shape
            prefixes[int(match[1])] = name[: -len(match[2])]
    if set(found) != set(range(len(found))):
        raise ValueError("layers are missing from its numbered list")
    return tuple(
        Module(_kind(tensors), prefixes[number], tensors)
        for number, tensors in sorted(found.items())
    )


def _kind(tensors: Mapping[str, Shape]) -> Kind:
    names = set(tensors)
    weight = tensors.get("weight", ())
    conv = tensors.get("Conv_0.weight", ())
    if names == {"W"}:
        return "waves"
    if "weight" in names and names <= {"weight", "bias"} and len(weight) in (1, 2, 4):
        kinds: dict[int, Kind] = {1: "norm", 2: "linear", 4: "conv"}
        return kinds[len(weight)]
    if {"GroupNorm_0.weight", "Conv_0.weight", "GroupNorm_1.weight", "Conv_1.weight"} <= names:
        return "block"
    if {"GroupNorm_0.weight", "NIN_0.W", "NIN_1.W", "NIN_2.W", "NIN_3.W"} <= names:
        return "attention"
    if names == {"Conv2d_0.weight", "Conv2d_0.bias"}:
        return "side"
    if names == {"Conv_0.weight", "Conv_0.bias"} and len(conv) == 4:
        return "side" if conv[2:] == (1, 1) else "resample"
    raise ValueError(f"a layer with {', '.join(sorted(names)[:3])} is none of its networks")
