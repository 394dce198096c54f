"""Weights of diffusers' autoencoders under the names that others give them.

The rules are those of the published converters, restated the other way round.
"""

import re


def to_compvis(name, tensor, levels):
    """Return the name in CompVis' autoencoders, where attention is made of convolutions."""
    up = re.match(r"decoder\.up_blocks\.(\d+)", name)
    if up:
        name = name.replace(up[0], f"decoder.up.{levels - 1 - int(up[1])}")
    for ours, theirs in (
        ("encoder.down_blocks", "encoder.down"),
        ("mid_block.resnets.0", "mid.block_1"),
        ("mid_block.resnets.1", "mid.block_2"),
        ("mid_block.attentions.0", "mid.attn_1"),
        (".resnets.", ".block."),
        (".downsamplers.0.", ".downsample."),
        (".upsamplers.0.", ".upsample."),
        ("conv_shortcut", "nin_shortcut"),
        ("conv_norm_out", "norm_out"),
        ("group_norm", "norm"),
        ("to_q", "q"),
        ("to_k", "k"),
        ("to_v", "v"),
        ("to_out.0", "proj_out"),
    ):
        name = name.replace(ours, theirs)
    if ".attn_1." in name and tensor.ndim == 2:
        tensor = tensor[:, :, None, None]
    return name, tensor.contiguous()


def compvis(module, prefix=""):
    """Return the tensors of an AutoencoderKL or a VQModel under CompVis' names."""
    levels = len(module.config.block_out_channels)
    pairs = (to_compvis(name, t, levels) for name, t in module.state_dict().items())
    return {prefix + name: tensor for name, tensor in pairs}


def taesd(module):
    """Return encoder and decoder of an AutoencoderTiny as TAESD's own two files have them."""
    state = module.state_dict()
    encoder = {n.removeprefix("encoder.layers."): t for n, t in state.items() if "encoder" in n}
    decoder = {}
    for name, tensor in state.items():
        if name.startswith("decoder.layers."):
            number, _, rest = name.removeprefix("decoder.layers.").partition(".")
            decoder[f"{int(number) + 1}.{rest}"] = tensor
    return encoder, decoder
