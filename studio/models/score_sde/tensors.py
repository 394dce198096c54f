"""The tensors of a checkpoint under the names of the studio's own networks."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from studio.models.networks.resampling import Resample
from studio.models.score_sde.modules import Module
from studio.models.score_sde.plan import Plan

_BLOCK = {
    "GroupNorm_0": "norm0",
    "Conv_0": "conv0",
    "Dense_0": "affine",
    "GroupNorm_1": "norm1",
    "Conv_1": "conv1",
    "Conv_2": "skip",
}
_NIN = {"W": "weight", "b": "bias"}


def song_tensors(
    plan: Plan,
    modules: Sequence[Module],
    tensors: Mapping[str, Tensor],
    side: int,
    taps: Sequence[float],
) -> dict[str, Tensor]:
    """Return the tensors of a SongUNet for pictures of a side, with the filter `taps` to resample.

    tensors: under the names of the checkpoint.
    """
    found: dict[str, Tensor] = {}
    filter_ = Resample(up=True, resample_filter=taps).resample_filter
    assert filter_ is not None
    deepest = f"dec {len(plan.widths) - 1} aux_norm"
    for (kind, place), module in zip(plan.places(), modules, strict=True):
        name = _song_name(plan, place, side)
        own = {key: tensors[module.prefix + key] for key in module.tensors}
        if kind == "waves":
            found[f"{name}.freqs"] = own["W"]
        elif kind == "block":
            found |= _block(name, own)
        elif kind == "attention":
            found |= _attention(name, own)
        else:
            found |= {f"{name}.{key.rpartition('.')[2]}": value for key, value in own.items()}
        what = place.rpartition(" ")[2]
        if what in ("up", "down"):
            found |= {f"{name}.{layer}.resample_filter": filter_ for layer in ("conv0", "skip")}
        if what == "aux_residual":
            found[f"{name}.resample_filter"] = filter_
        if what == "aux_skip":
            found[f"{name.removesuffix('skip')}down.resample_filter"] = filter_
        if what == "aux_norm" and plan.side_output == "skip" and place != deepest:
            found[f"{name.removesuffix('norm')}up.resample_filter"] = filter_
    return {f"model.{name}": tensor for name, tensor in found.items()}


def ddpm_tensors(
    plan: Plan, modules: Sequence[Module], tensors: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Return the tensors of a GuidedUNet in the manner of DDPM."""
    found: dict[str, Tensor] = {}
    up = Resample(up=True).resample_filter
    assert up is not None
    for (kind, place), module in zip(plan.places(), modules, strict=True):
        name = _guided_name(plan, kind, place)
        own = {key: tensors[module.prefix + key] for key in module.tensors}
        if kind == "block":
            found |= _block(name, own)
        elif kind == "attention":
            found |= _attention(name, own, "norm")
        else:
            found |= {f"{name}.{key.rpartition('.')[2]}": value for key, value in own.items()}
        if place.endswith("up"):
            found[f"{name}.resample_filter"] = up
    return {f"model.{name}": tensor for name, tensor in found.items()}


def _guided_name(plan: Plan, kind: str, place: str) -> str:
    middle = {("block", "in0"): "mid.0", ("attention", "in0"): "mid.1", ("block", "in1"): "mid.2"}
    if (kind, place) in middle:
        return middle[kind, place]
    half, _, rest = place.partition(" ")
    if not rest:
        return place
    level, what = int(rest.split()[0]), rest.split()[1]
    each, deepest = plan.num_blocks + 1, len(plan.widths) - 1
    if what in ("aux_norm", "aux_conv"):
        return what.replace("aux", "out")
    if what in ("conv", "down"):
        return f"enc.{level * each}.conv"
    if what == "up":  # of the level below, whose last stage it ends
        return f"dec.{(deepest - level) * each - 1}.conv"
    block = int(what.removeprefix("block"))
    stage = level * each + 1 + block if half == "enc" else (deepest - level) * each + block
    return f"{half}.{stage}.{kind}"


def _song_name(plan: Plan, place: str, side: int) -> str:
    deepest = side >> (len(plan.widths) - 1)
    if place in ("in0", "in1"):
        return f"dec.{deepest}x{deepest}_{place}"
    half, _, rest = place.partition(" ")
    if not rest:
        return place
    level, what = rest.split()
    size = side >> int(level)
    return f"{half}.{size}x{size}_{what}"


def _block(name: str, own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    found = {}
    for key, tensor in own.items():
        layer, _, what = key.partition(".")
        if layer == "NIN_0":  # a 1x1 convolution, written the other way round
            found[f"{name}.skip.{_NIN[what]}"] = _turned(tensor)
        else:
            found[f"{name}.{_BLOCK[layer]}.{what}"] = tensor
    return found


def _attention(name: str, own: Mapping[str, Tensor], norm: str = "norm2") -> dict[str, Tensor]:
    """Return one layer for q, k and v.

    In a SongUNet its rows take turns (q0, k0, v0, q1, …), in a GuidedUNet q comes first.
    """
    dim = 1 if norm == "norm2" else 0
    weights = torch.stack([own[f"NIN_{i}.W"].T for i in range(3)], dim=dim)
    biases = torch.stack([own[f"NIN_{i}.b"] for i in range(3)], dim=dim)
    return {
        f"{name}.{norm}.weight": own["GroupNorm_0.weight"],
        f"{name}.{norm}.bias": own["GroupNorm_0.bias"],
        f"{name}.qkv.weight": weights.flatten(0, 1)[:, :, None, None],
        f"{name}.qkv.bias": biases.flatten(),
        f"{name}.proj.weight": _turned(own["NIN_3.W"]),
        f"{name}.proj.bias": own["NIN_3.b"],
    }


def _turned(tensor: Tensor) -> Tensor:
    return tensor.T[:, :, None, None] if tensor.ndim == 2 else tensor
