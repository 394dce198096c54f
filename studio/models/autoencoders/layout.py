"""What autoencoder a file holds, from the names and shapes of its tensors, without torch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count, takewhile
from math import gcd, prod
from typing import Literal

from studio.models.errors import CONFUSED

Shapes = Mapping[str, tuple[int, ...]]
Naming = Literal["diffusers", "compvis", "taesd"]

PREFIX = "first_stage_model."
_GROUPS = 32
_PREFIXES = (PREFIX, "vae.", "")


@dataclass(frozen=True, slots=True)
class Layout:
    """Describe an autoencoder: its class in diffusers, the options of that, and its naming.

    `prefix` stands before each name. `channels` are those of a latent, `factor` counts picture
    pixels per latent pixel. `encodes` tells whether it has an encoder: a tiny one may have none.
    """

    kind: Literal["AutoencoderKL", "VQModel", "AutoencoderTiny"]
    naming: Naming
    prefix: str
    channels: int
    factor: int
    parameters: int
    options: Mapping[str, object] = field(default_factory=dict)
    encodes: bool = True


def layout_of(shapes: Shapes) -> Layout | None:
    """Return what autoencoder the tensors of a file are, or None if they are none.

    The names are those of diffusers, of CompVis (also with `first_stage_model.` before them, as in
    a whole Stable Diffusion file), or TAESD's own.
    """
    try:
        return _described(shapes)
    except CONFUSED:
        return None


def _described(shapes: Shapes) -> Layout | None:
    for prefix in _PREFIXES:
        own = {n.removeprefix(prefix): s for n, s in shapes.items() if n.startswith(prefix)}
        if "decoder.conv_in.weight" in own:
            return _large(own, prefix)
        if "decoder.layers.0.weight" in own:
            return _tiny(own, prefix, "diffusers", "decoder.layers.", 0)
    for prefix in ("taesd_decoder.", "decoder.", ""):
        # A convolution after the clamp, then a block: no other file begins so.
        conv, block = shapes.get(f"{prefix}1.weight", ()), f"{prefix}3.conv.0.weight"
        if len(conv) == 4 and block in shapes:
            return _tiny(shapes, "", "taesd", prefix, 1)
    return None


def _large(shapes: Shapes, prefix: str) -> Layout | None:
    levels = _levels(shapes)
    if levels is None:
        return None
    widths, layers, naming = levels
    latent = shapes["decoder.conv_in.weight"][1]
    options: dict[str, object] = {
        "in_channels": shapes.get("encoder.conv_in.weight", (0, 3))[1],
        "out_channels": shapes.get("decoder.conv_out.weight", (3,))[0],
        "down_block_types": ("DownEncoderBlock2D",) * len(widths),
        "up_block_types": ("UpDecoderBlock2D",) * len(widths),
        "block_out_channels": widths,
        "layers_per_block": layers,
        "latent_channels": latent,
        "norm_num_groups": _GROUPS if not any(w % _GROUPS for w in widths) else gcd(*widths),
        "mid_block_add_attention": any(".mid" in name and "attn" in name for name in shapes)
        or any("mid_block.attentions" in name for name in shapes),
    }
    codebook = shapes.get("quantize.embedding.weight")
    channels = latent
    if codebook is not None:
        channels = codebook[1]
        options |= {"num_vq_embeddings": codebook[0], "vq_embed_dim": codebook[1]}
    else:
        options["use_quant_conv"] = "quant_conv.weight" in shapes
        options["use_post_quant_conv"] = "post_quant_conv.weight" in shapes
    return Layout(
        "AutoencoderKL" if codebook is None else "VQModel",
        naming,
        prefix,
        channels,
        2 ** (len(widths) - 1),
        sum(map(prod, shapes.values())),
        options,
        "encoder.conv_in.weight" in shapes,
    )


_BLOCKS: tuple[tuple[Naming, str], ...] = (
    ("diffusers", "encoder.down_blocks.{}.resnets.{}.conv1.weight"),
    ("compvis", "encoder.down.{}.block.{}.conv1.weight"),
)


def _levels(shapes: Shapes) -> tuple[tuple[int, ...], int, Naming] | None:
    """Return the channels of each level from the largest pictures on, and its blocks."""
    for naming, name in _BLOCKS:
        found = takewhile(bool, (shapes.get(name.format(i, 0)) for i in count()))
        widths = tuple(shape[0] for shape in found if shape)
        if widths:
            layers = sum(1 for _ in takewhile(shapes.get, (name.format(0, j) for j in count())))
            return widths, layers, naming
    return None


def _tiny(shapes: Shapes, prefix: str, naming: Naming, start: str, first: int) -> Layout:
    """Describe a TAESD; its decoder's layers begin at number `first`, after a layer with none."""
    blocks, widths = _tiny_stages(shapes, start, first + 2)
    latent = shapes[f"{start}{first}.weight"][1]
    encoder = next(
        (e for e in ("encoder.layers.", "taesd_encoder.", "encoder.") if f"{e}0.weight" in shapes),
        "",
    )
    options = {
        "latent_channels": latent,
        "decoder_block_out_channels": widths,
        "num_decoder_blocks": blocks,
        "encoder_block_out_channels": widths[::-1],
        "num_encoder_blocks": blocks[::-1],
    }
    size = sum(map(prod, shapes.values()))
    factor = 2 ** (len(blocks) - 1)
    return Layout("AutoencoderTiny", naming, prefix, latent, factor, size, options, bool(encoder))


def _tiny_stages(shapes: Shapes, start: str, place: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return how many blocks each stage of a decoder has, and how many channels."""
    last = max(int(m[1]) for n in shapes if (m := re.match(re.escape(start) + r"(\d+)\.", n)))
    blocks, widths, since = [], [], 0
    for number in range(place, last + 1):
        conv = shapes.get(f"{start}{number}.weight")
        if f"{start}{number}.conv.0.weight" in shapes:
            since += 1
        elif conv is not None:
            blocks.append(since)
            widths.append(conv[1])
            since = 0
    return tuple(blocks), tuple(widths)
