"""The names of the tensors of image_v1 there and here."""

import re
from collections.abc import Sequence

_PREFIX = "inner_model."
_TOP = {
    "timestep_embed.weight": "map_noise.weight",
    "mapping_cond.weight": "map_augment.weight",
    "mapping.0": "map_layer0",
    "mapping.2": "map_layer1",
    "proj_in": "conv_in",
    "proj_out": "conv_out",
}
_IN_BLOCK = {
    "main.0.mapper": "norm0.affine",
    "main.2": "conv0",
    "main.4.mapper": "norm1.affine",
    "main.6": "conv1",
    "skip": "skip",
}
_IN_ATTENTION = {"norm_in.mapper": "norm.affine", "qkv_proj": "qkv", "out_proj": "proj"}
_PLACE = re.compile(r"u_net\.([du])_blocks\.(\d+)\.(\d+)\.(.+)")


def our_name(name: str, attends: Sequence[bool]) -> str:
    """Return the studio's name of a tensor; `attends` tells which levels have self-attention."""
    name = name.removeprefix(_PREFIX)
    layer, _, what = name.rpartition(".")
    place = _PLACE.fullmatch(name)
    if place is not None:
        return _placed(place, attends)
    return _TOP.get(name) or f"{_TOP.get(layer, layer)}.{what}"


def _placed(place: re.Match[str], attends: Sequence[bool]) -> str:
    down, level, module = place[1] == "d", int(place[2]), int(place[3])
    if not down:  # those come from the deepest level
        level = len(attends) - 1 - level
    half = f"enc.{level}" if down else f"dec.{level}"
    number = module - down
    if 0 <= level < len(attends) and attends[level]:
        number //= 2
    layer, _, what = place[4].rpartition(".")
    if layer in _IN_BLOCK:
        return f"{half}.blocks.{number}.{_IN_BLOCK[layer]}.{what}"
    if layer in _IN_ATTENTION:
        return f"{half}.attentions.{number}.{_IN_ATTENTION[layer]}.{what}"
    return f"{half}.resize.{place[4]}"
