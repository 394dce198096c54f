"""The names of the tensors of image_transformer_v2 there and here."""

import re

_PLACES = (
    (r"^time_emb\.", "map_noise."),
    (r"^time_in_proj\.", "map_layer0."),
    (r"^aug_emb\.", "map_waves."),
    (r"^aug_in_proj\.", "map_layer1."),
    (r"^class_emb\.", "map_label."),
    (r"^mapping\.in_norm\.", "in_norm."),
    (r"^mapping\.out_norm\.", "mapping_norm."),
    (r"^mapping\.blocks\.", "mapping."),
    (r"^down_levels\.", "enc."),
    (r"^mid_level\.", "mid."),
    (r"^up_levels\.", "dec."),
    (r"\.self_attn\.norm\.linear\.", ".attention.affine."),
    (r"\.self_attn\.qkv_proj\.", ".attention.qkv."),
    (r"\.self_attn\.out_proj\.", ".attention.proj."),
    (r"\.self_attn\.pos_emb\.freqs", ".attention.freqs"),
    (r"\.self_attn\.", ".attention."),
    (r"\.ff\.norm\.linear\.", ".ff.affine."),
    (r"\.up_proj\.", ".up."),
    (r"\.down_proj\.", ".down."),
)


def our_name(name: str) -> str:
    """Return the studio's name of a tensor that has this name in the public code."""
    for pattern, instead in _PLACES:
        name = re.sub(pattern, instead, name)
    return name
