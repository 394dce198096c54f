"""The layers of a model that published LoRAs can mean, by the names that these use."""

from collections.abc import Iterator, Mapping
from typing import Any

from torch import nn

from studio.models.lora.published.names import Place

_RESNET = {
    "conv1": "in_layers_2",
    "time_emb_proj": "emb_layers_1",
    "conv2": "out_layers_3",
    "conv_shortcut": "skip_connection",
}
_OUTER = {
    "time_embedding_linear_1": "time_embed_0",
    "time_embedding_linear_2": "time_embed_2",
    "add_embedding_linear_1": "label_emb_0_0",
    "add_embedding_linear_2": "label_emb_0_2",
    "conv_in": "input_blocks_0_0",
    "conv_out": "out_2",
}


def layers_of(parts: Mapping[str, nn.Module]) -> dict[Place, nn.Module]:
    """Return the layers with weights of the parts of a model under every name that is in use.

    The parts are called unet, text_encoder and text_encoder_2. A layer of the network goes by its
    name in diffusers and by that in CompVis' code, which is used for Stable Diffusion XL.
    """
    found: dict[Place, nn.Module] = {}
    for part, module in parts.items():
        for name, layer in module.named_modules():
            if isinstance(layer, nn.Linear | nn.Conv2d):
                flat = name.replace(".", "_").removeprefix("text_model_")
                found[Place(part, flat)] = layer
    if "unet" in parts:
        pairs = list(_blocks(parts["unet"]))
        for place, layer in list(found.items()):
            if place.part == "unet":
                found[Place("unet", _compvis(place.layer, pairs))] = layer
    return found


def _blocks(unet: Any) -> Iterator[tuple[str, str]]:
    """Yield how the blocks are called in diffusers and in CompVis' code."""
    count = unet.config.layers_per_block
    yield "mid_block_resnets_0_", "middle_block_0_"
    yield "mid_block_attentions_0_", "middle_block_1_"
    yield "mid_block_resnets_1_", "middle_block_2_"
    for level in range(len(unet.config.down_block_types)):
        first = (count + 1) * level + 1
        for j in range(count):
            yield f"down_blocks_{level}_resnets_{j}_", f"input_blocks_{first + j}_0_"
            yield f"down_blocks_{level}_attentions_{j}_", f"input_blocks_{first + j}_1_"
        yield f"down_blocks_{level}_downsamplers_0_conv", f"input_blocks_{first + count}_0_op"
    for level, kind in enumerate(unet.config.up_block_types):
        first = (count + 1) * level
        for j in range(count + 1):
            yield f"up_blocks_{level}_resnets_{j}_", f"output_blocks_{first + j}_0_"
            yield f"up_blocks_{level}_attentions_{j}_", f"output_blocks_{first + j}_1_"
        after = 2 if "CrossAttn" in kind else 1
        last = f"output_blocks_{first + count}_{after}_conv"
        yield f"up_blocks_{level}_upsamplers_0_conv", last


def _compvis(layer: str, pairs: list[tuple[str, str]]) -> str:
    for ours, theirs in pairs:
        if layer.startswith(ours):
            rest = layer.removeprefix(ours)
            return theirs + (_RESNET.get(rest, rest) if "_resnets_" in ours else rest)
    return _OUTER.get(layer, layer)
