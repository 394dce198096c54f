"""The network of a Stable Diffusion file: its options, from the shapes of its tensors."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count, takewhile

from studio.models.containers import Shapes

NETWORK = "model.diffusion_model."

_HEADS = 8  # of every attention in Stable Diffusion 1
_HEAD_CHANNELS = 64  # of every head in Stable Diffusion 2 and XL


@dataclass(frozen=True, slots=True)
class _Level:
    width: int
    layers: int
    depth: int


def is_network(shapes: Shapes) -> bool:
    """Tell whether a file has a network of the Stable Diffusion family, which listens to text."""
    return f"{NETWORK}input_blocks.0.0.weight" in shapes and any(
        name.startswith(NETWORK) and name.endswith("attn2.to_k.weight") for name in shapes
    )


def unet_options(shapes: Shapes) -> Mapping[str, object]:
    """Return the options with which diffusers' UNet2DConditionModel has tensors of these shapes.

    shapes: those of the network alone, without what stands before their names. What shapes do not
    tell is as in the published models: 8 heads where attention projects by convolutions, else heads
    of 64 channels.
    """
    levels = _levels(shapes)
    widths = tuple(level.width for level in levels)
    middle = _depth(shapes, "middle_block.1")
    linear = any(n.endswith(".proj_in.weight") and len(s) == 2 for n, s in shapes.items())
    heads = tuple(max(1, width // _HEAD_CHANNELS) for width in widths) if linear else _HEADS
    context = next(s[1] for n, s in shapes.items() if n.endswith("attn2.to_k.weight"))
    kinds = [bool(level.depth) for level in levels]
    options: dict[str, object] = {
        "in_channels": shapes["input_blocks.0.0.weight"][1],
        "out_channels": shapes["out.2.weight"][0],
        "block_out_channels": widths,
        "layers_per_block": levels[0].layers,
        "down_block_types": tuple(_kind("Down", each) for each in kinds),
        "up_block_types": tuple(_kind("Up", each) for each in reversed(kinds)),
        "cross_attention_dim": context,
        "attention_head_dim": heads,
        "use_linear_projection": linear,
        "transformer_layers_per_block": tuple(level.depth or middle for level in levels),
    }
    added = shapes.get("label_emb.0.0.weight")
    if added is not None:
        options |= {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": added[1],
        }
    return options


def _kind(way: str, attends: bool) -> str:
    return f"CrossAttn{way}Block2D" if attends else f"{way}Block2D"


def _levels(shapes: Shapes) -> list[_Level]:
    levels: list[_Level] = []
    width = layers = depth = 0
    for number in count(1):
        block = f"input_blocks.{number}"
        found = shapes.get(f"{block}.0.in_layers.2.weight")
        if found is not None:
            width, layers = found[0], layers + 1
            depth = _depth(shapes, f"{block}.1")
        else:
            levels.append(_Level(width, layers, depth))
            layers = depth = 0
            if f"{block}.0.op.weight" not in shapes:
                return levels
    raise AssertionError


def _depth(shapes: Shapes, attention: str) -> int:
    names = (f"{attention}.transformer_blocks.{i}.norm1.weight" for i in count())
    return sum(1 for _ in takewhile(shapes.__contains__, names))
