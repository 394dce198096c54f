"""What the shapes of the tensors tell of a network of improved or guided diffusion."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

Shapes = Mapping[str, tuple[int, ...]]

FIRST, _TIME, _MIDDLE = (
    "input_blocks.0.0.weight",
    "time_embed.0.weight",
    "middle_block.1.qkv.weight",
)
_OUT = "out.2.weight"


@dataclass(frozen=True, slots=True)
class Found:
    """Hold what was inferred.

    `attends` tells for every level whether its blocks have self-attention, `attention_widths` how
    many channels each attention has. A classifier's half has no `out_channels`.
    """

    in_channels: int
    out_channels: int
    model_channels: int
    channel_mult: tuple[float, ...]
    num_blocks: int
    attends: tuple[bool, ...]
    classes: int
    scale_shift: bool
    resblock_updown: bool
    attention_widths: tuple[int, ...]

    @property
    def common_width(self) -> int:
        """Return the largest number that divides the channels of every attention."""
        return math.gcd(*self.attention_widths)


def is_encoder(shapes: Shapes) -> bool:
    """Tell whether these are tensors of the half that both a U-Net and a classifier have."""
    first, time = shapes.get(FIRST, ()), shapes.get(_TIME, ())
    return len(first) == 4 and len(time) == 2 and len(shapes.get(_MIDDLE, ())) == 3


def is_classifier(shapes: Shapes) -> bool:
    """Tell whether these are the tensors of an encoder without the other half."""
    return is_encoder(shapes) and not any(name.startswith("output_blocks.") for name in shapes)


def inferred(shapes: Shapes) -> Found:
    """Return what the shapes of an encoder or a U-Net tell.

    Raises:
        ValueError: the layers follow each other in no order that the public code makes.
    """
    width = shapes[_TIME][1]
    levels = _levels(shapes)
    blocks = {len(level) for level in levels}
    if len(blocks) != 1 or width < 2:
        raise ValueError("its levels have different numbers of blocks")
    attends = tuple(all(place.attention for place in level) for level in levels)
    if any(any(place.attention for place in level) for level in levels) != any(attends):
        raise ValueError("only some blocks of a level have attention")
    emb = next(n for n in shapes if n.startswith("input_blocks.") and "emb_layers.1.weight" in n)
    outer = shapes[emb.replace("emb_layers.1", "in_layers.2")][0]
    return Found(
        in_channels=shapes[FIRST][1],
        out_channels=shapes[_OUT][0] if _OUT in shapes and len(shapes[_OUT]) == 4 else 0,
        model_channels=width,
        channel_mult=tuple(level[0].channels / width for level in levels),
        num_blocks=blocks.pop(),
        attends=attends,
        classes=shapes["label_emb.weight"][0] if "label_emb.weight" in shapes else 0,
        scale_shift=shapes[emb][0] == 2 * outer,
        resblock_updown=len(levels) == 1 or not any(n.endswith(".0.op.weight") for n in shapes),
        attention_widths=tuple(
            shape[0] // 3 for name, shape in shapes.items() if name.endswith(".qkv.weight")
        ),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    channels: int
    attention: bool


def _levels(shapes: Shapes) -> list[list[_Place]]:
    """Return the residual blocks of each level, parted where the resolution is halved."""
    indices = {int(m[1]) for name in shapes if (m := re.match(r"input_blocks\.(\d+)\.", name))}
    if indices != set(range(len(indices))) or len(indices) > 200:
        raise ValueError("input blocks are missing")
    halvings = _halvings(shapes, len(indices))
    levels: list[list[_Place]] = [[]]
    for index in range(1, len(indices)):
        if index in halvings:
            levels.append([])
            continue
        conv = shapes.get(f"input_blocks.{index}.0.in_layers.2.weight")
        if conv is None:
            raise ValueError(f"input block {index} has no convolution")
        attention = f"input_blocks.{index}.1.qkv.weight" in shapes
        levels[-1].append(_Place(conv[0], attention))
    if not all(levels):
        raise ValueError("a level has no blocks")
    return levels


def _halvings(shapes: Shapes, count: int) -> set[int]:
    """Return the input blocks that halve the resolution.

    A strided convolution shows itself. A residual block that halves looks like any other, but comes
    at a fixed stride: that of the output blocks, which have one block more in every level and end
    each with a block that doubles.
    """
    strided = {n for n in range(count) if f"input_blocks.{n}.0.op.weight" in shapes}
    if strided:
        return strided
    grown = [
        int(m[1])
        for name in shapes
        if (m := re.match(r"output_blocks\.(\d+)\.\d+\.in_layers\.0\.weight", name))
        and not re.match(r"output_blocks\.\d+\.0\.", name)
    ]
    stride = min(grown) + 1 if grown else _encoder_stride(shapes, count)
    return set(range(stride, count, stride)) if stride > 1 else set()


def _encoder_stride(shapes: Shapes, count: int) -> int:
    """Return the stride of the halvings of an encoder alone.

    A block that halves never has attention, and never changes the number of channels; the first
    stride at which both hold, and at which a level ends with the last block, is taken.
    """

    def plain(index: int) -> bool:
        block = f"input_blocks.{index}."
        return (
            f"{block}1.qkv.weight" not in shapes
            and f"{block}0.skip_connection.weight" not in shapes
        )

    def even(stride: int) -> bool:
        return count % stride == 0 and all(plain(n) for n in range(stride, count, stride))

    strides = [
        stride for stride in range(2, count) if even(stride) and _alike(shapes, count, stride)
    ]
    return strides[0] if strides else count


def _alike(shapes: Shapes, count: int, stride: int) -> bool:
    """Tell whether the blocks between halvings all have attention or all have none."""
    for first in range(0, count, stride):
        inside = range(first + 1, first + stride)
        has = {f"input_blocks.{n}.1.qkv.weight" in shapes for n in inside}
        widths = {shapes[f"input_blocks.{n}.0.in_layers.2.weight"][0] for n in inside}
        if len(has) > 1 or len(widths) > 1:
            return False
    return True
