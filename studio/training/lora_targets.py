"""The layers that a LoRA can be aimed at by one word."""

from collections.abc import Mapping

PRESETS: Mapping[str, tuple[str, ...]] = {
    "attention": ("*.qkv", "*.proj", "*.to_[qkv]", "*.to_out.0", "*.attn_qkv", "*.attn_proj"),
    "blocks": (
        *("*.qkv", "*.proj", "*.conv0", "*.conv1", "*.skip", "*.affine"),
        *("*.to_[qkv]", "*.to_out.0", "*.conv2", "*.time_emb_proj", "*.conv_shortcut"),
        *("*.attn_qkv", "*.attn_proj", "*.conv_res0", "*.conv_res1", "*.conv_skip", "*.emb_linear"),
    ),
    "all": ("*",),
}
"""Names that stand for patterns of layers, of which a network need not have all."""
