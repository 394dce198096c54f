"""How others name the tensors of a LoRA, brought to one form."""

import re
from typing import NamedTuple

_FACTOR = re.compile(
    r"(?P<layer>.+?)"
    r"(?:\.lora_linear_layer|\.lora|_lora)?"
    r"\.(?:lora_)?(?P<factor>down|up|mid|A|B)(?:\.default)?\.weight"
)
_ALPHA = re.compile(r"(?P<layer>.+?)(?:\.lora)?\.alpha")
_FACTORS = {"A": "down", "B": "up"}

_PARTS = (
    ("lora_unet_", "unet"),
    ("lora_te1_", "text_encoder"),
    ("lora_te2_", "text_encoder_2"),
    ("lora_te_", "text_encoder"),
    ("unet_", "unet"),
    ("text_encoder_2_", "text_encoder_2"),
    ("text_encoder_", "text_encoder"),
    ("base_model_model_", "unet"),
    ("diffusion_model_", "unet"),
)
_BLOCKS = (
    "down_blocks_",
    "mid_block_",
    "up_blocks_",
    "input_blocks_",
    "middle_block_",
    "output_blocks_",
)
_OLD_TEXT = {"to_q": "q_proj", "to_k": "k_proj", "to_v": "v_proj", "to_out": "out_proj"}

OTHERS = {
    "hada_": "a LoHa of LyCORIS, not a LoRA",
    "lokr_": "a LoKr of LyCORIS, not a LoRA",
    "oft_": "an OFT, not a LoRA",
    "boft_": "a BOFT, not a LoRA",
    "dora_scale": "a DoRA, which changes the size of weights, too",
    "lora_magnitude_vector": "a DoRA, which changes the size of weights, too",
    "on_input": "an IA3, not a LoRA",
}
"""What is told from part of a name to be something else than a LoRA."""


class Place(NamedTuple):
    """Which part of a model a layer is in, and its name there with _ for every dot."""

    part: str
    layer: str


class TensorName(NamedTuple):
    """A layer as the file names it, and which tensor of it: down, up, mid or alpha."""

    written: str
    factor: str


def parsed(name: str) -> TensorName | None:
    """Return what a tensor of a LoRA is, or None if it is none.

    Known are the names of peft (lora_A, lora_B), of kohya (lora_down, lora_up, lora_mid, alpha) and
    of older diffusers (lora.down, to_q_lora.down).
    """
    found = _FACTOR.fullmatch(name)
    if found:
        written = found["layer"]
        if "_lora." in name:  # the old form, which has no place for the number
            written = written.replace(".processor", "")
        return TensorName(written, _FACTORS.get(found["factor"], found["factor"]))
    found = _ALPHA.fullmatch(name)
    return TensorName(found["layer"], "alpha") if found else None


def place_of(written: str) -> Place | None:
    """Return the part and the layer that a name in a file stands for, None if for no known part."""
    flat = written.replace(".", "_")
    for start, part in _PARTS:
        if flat.startswith(start):
            layer = flat.removeprefix(start).removeprefix("text_model_")
            return Place(part, _modern(part, layer))
    if flat.startswith(_BLOCKS):  # the oldest files name no part
        return Place("unet", _modern("unet", flat))
    return None


def _modern(part: str, layer: str) -> str:
    if part == "unet":
        return f"{layer}_0" if layer.endswith("_to_out") else layer
    for old, new in _OLD_TEXT.items():
        if layer.endswith(f"self_attn_{old}"):
            return layer.removesuffix(old) + new
    return layer
