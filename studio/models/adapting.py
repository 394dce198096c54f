"""Weights of one network made to fit another that differs in classes or in resolution."""

import math
import re
from collections.abc import Mapping

import torch
from torch import Tensor

from studio.models.header import Header

_LABEL, _LABEL_BIAS = "model.map_label.weight", "model.map_label.bias"
_AUGMENT = "model.map_augment.weight"
_NO_CLASS = "model.no_class"
_LAYER, _LAYER_BIAS = "model.map_layer0.weight", "model.map_layer0.bias"


def adapted(
    weights: Mapping[str, Tensor], shapes: Mapping[str, torch.Size], base: Header, header: Header
) -> dict[str, Tensor]:
    """Return the weights of the network of `base` under the names and shapes of that of `header`.

    A class that `base` knows by the same name keeps its embedding; the others begin as no class,
    and so does what is told of augmentations. Convolutions serve every resolution: only the names
    of the levels change.
    """
    found = {_renamed(name, base, header): tensor for name, tensor in weights.items()}
    if _LABEL not in shapes and _LABEL_BIAS in found:
        # What was added for every picture, class or none, is still to be added.
        shift = found[_LAYER] @ found.pop(_LABEL_BIAS)
        found[_LAYER_BIAS] = found[_LAYER_BIAS] + shift
    for name in (_LABEL, _LABEL_BIAS, _AUGMENT, _NO_CLASS):
        if name not in shapes:
            found.pop(name, None)
        elif name not in found:
            found[name] = next(iter(found.values())).new_zeros(shapes[name])
    for name, tensor in found.items():
        # The channels of a learned variance come after those of the picture, and begin at 0.
        if len(shapes[name]) and shapes[name][0] == 2 * len(tensor):
            found[name] = torch.cat([tensor, torch.zeros_like(tensor)])
    if _LABEL in shapes and base.class_names != header.class_names and base.class_names:
        found[_LABEL] = _relabelled(found[_LABEL], base.class_names, header.class_names)
    return found


def _renamed(name: str, base: Header, header: Header) -> str:
    before, after = base.kwargs.img_resolution, header.kwargs.img_resolution
    if before == after:
        return name

    def scaled(found: re.Match[str]) -> str:
        side = int(found[1]) * after // before
        return f".{side}x{side}_"

    return re.sub(r"\.(\d+)x\d+_", scaled, name, count=1)


def _relabelled(old: Tensor, before: tuple[str, ...], after: tuple[str, ...]) -> Tensor:
    new = old.new_zeros(len(old), len(after))
    # Labels are scaled by the root of their number before the embedding.
    scale = math.sqrt(len(before) / len(after))
    for place, name in enumerate(after):
        if name in before:
            new[:, place] = old[:, before.index(name)] * scale
    return new
