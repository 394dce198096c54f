"""The names of the tensors there and here."""

import re

_PLACES = (
    (r"^time_embed\.0\.", "map_layer0."),
    (r"^time_embed\.2\.", "map_layer1."),
    (r"^label_emb\.", "map_label."),
    (r"^input_blocks\.(\d+)\.0\.(?=weight|bias)", r"enc.\1.conv."),
    (r"^input_blocks\.", "enc."),
    (r"^output_blocks\.", "dec."),
    (r"^middle_block\.", "mid."),
    (r"^out\.0\.", "out_norm."),
    (r"^out\.2\.", "out_conv."),
)
_LAYERS = (
    (r"^(enc|dec)\.(\d+)\.0\.(?=in_layers|emb_layers|out_layers|skip_connection)", r"\1.\2.block."),
    (r"^(enc|dec)\.(\d+)\.\d+\.(?=in_layers|emb_layers|out_layers)", r"\1.\2.up."),
    (r"^(enc|dec)\.(\d+)\.\d+\.(?=norm|qkv|proj_out)", r"\1.\2.attention."),
    (r"^(enc|dec)\.(\d+)\.\d+\.(op|conv)\.", r"\1.\2.conv."),
    (r"\.in_layers\.0\.", ".norm0."),
    (r"\.in_layers\.2\.", ".conv0."),
    (r"\.emb_layers\.1\.", ".affine."),
    (r"\.out_layers\.0\.", ".norm1."),
    (r"\.out_layers\.3\.", ".conv1."),
    (r"\.skip_connection\.", ".skip."),
    (r"\.proj_out\.", ".proj."),
)


def our_name(name: str) -> str:
    """Return the studio's name of a tensor that has this name in the public code."""
    for pattern, instead in (*_PLACES, *_LAYERS):
        name = re.sub(pattern, instead, name)
    return name
