"""The layers that a LoRA can be aimed at by one word."""

from collections.abc import Mapping

PRESETS: Mapping[str, tuple[str, ...]] = {
    "attention": ("*.qkv", "*.proj"),
    "blocks": ("*.qkv", "*.proj", "*.conv0", "*.conv1", "*.skip", "*.affine"),
    "all": ("*",),
}
"""Names that stand for patterns of layers."""
