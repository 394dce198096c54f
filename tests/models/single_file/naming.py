"""Weights of a Stable Diffusion model under the names that CompVis and others give them.

The rules are those of the published converter from diffusers, restated.
"""

import torch

from tests.models.autoencoders.naming import compvis

_RESNET = (
    ("norm1", "in_layers.0"),
    ("conv1", "in_layers.2"),
    ("time_emb_proj", "emb_layers.1"),
    ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"),
    ("conv_shortcut", "skip_connection"),
)
_OUTER = (
    ("time_embedding.linear_1", "time_embed.0"),
    ("time_embedding.linear_2", "time_embed.2"),
    ("add_embedding.linear_1", "label_emb.0.0"),
    ("add_embedding.linear_2", "label_emb.0.2"),
    ("conv_in", "input_blocks.0.0"),
    ("conv_norm_out", "out.0"),
    ("conv_out", "out.2"),
)


_OPEN_CLIP = (
    ("embeddings.token_embedding", "token_embedding"),
    ("embeddings.position_embedding.weight", "positional_embedding"),
    ("final_layer_norm", "ln_final"),
    ("encoder.layers", "transformer.resblocks"),
    ("layer_norm1", "ln_1"),
    ("layer_norm2", "ln_2"),
    ("self_attn.out_proj", "attn.out_proj"),
    ("mlp.fc1", "mlp.c_fc"),
    ("mlp.fc2", "mlp.c_proj"),
)


def replaced(name, pairs):
    """Return a name with each of the first of some pairs replaced by the second."""
    for ours, theirs in pairs:
        name = name.replace(ours, theirs)
    return name


def unet(module, prefix="model.diffusion_model."):
    """Return the tensors of a UNet2DConditionModel under CompVis' names."""
    layers = module.config.layers_per_block
    places = [
        ("mid_block.resnets.0.", "middle_block.0."),
        ("mid_block.resnets.1.", "middle_block.2."),
    ]
    places.append(("mid_block.attentions.0.", "middle_block.1."))
    for level in range(len(module.config.down_block_types)):
        for j in range(layers):
            place = f"input_blocks.{(layers + 1) * level + j + 1}"
            places.append((f"down_blocks.{level}.resnets.{j}.", f"{place}.0."))
            places.append((f"down_blocks.{level}.attentions.{j}.", f"{place}.1."))
        place = f"input_blocks.{(layers + 1) * (level + 1)}.0.op."
        places.append((f"down_blocks.{level}.downsamplers.0.conv.", place))
    for level, kind in enumerate(module.config.up_block_types):
        for j in range(layers + 1):
            place = f"output_blocks.{(layers + 1) * level + j}"
            places.append((f"up_blocks.{level}.resnets.{j}.", f"{place}.0."))
            places.append((f"up_blocks.{level}.attentions.{j}.", f"{place}.1."))
        after = 2 if "CrossAttn" in kind else 1
        place = f"output_blocks.{(layers + 1) * level + layers}.{after}.conv."
        places.append((f"up_blocks.{level}.upsamplers.0.conv.", place))
    found = {}
    for name, tensor in module.state_dict().items():
        place = next((place for place in places if name.startswith(place[0])), None)
        if place is None:
            found[prefix + replaced(name, _OUTER)] = tensor
            continue
        rest = name.removeprefix(place[0])
        found[prefix + place[1] + replaced(rest, _RESNET if ".resnets." in name else ())] = tensor
    return found


def clip(module, prefix="cond_stage_model.transformer.text_model."):
    """Return the tensors of a CLIPTextModel as they lie in a file of Stable Diffusion 1."""
    state = {n.removeprefix("text_model."): t for n, t in module.state_dict().items()}
    length = module.config.max_position_embeddings
    state["embeddings.position_ids"] = torch.arange(length)[None]
    return {prefix + name: tensor for name, tensor in state.items()}


def open_clip(module, prefix, extra=None):
    """Return the tensors of a text encoder of transformers under OpenCLIP's names.

    extra: a last block that is not used, under transformers' names for one block.
    """
    state = {n.removeprefix("text_model."): t for n, t in module.state_dict().items()}
    if extra is not None:
        last = module.config.num_hidden_layers
        state |= {f"encoder.layers.{last}.{name}": tensor for name, tensor in extra.items()}
    found = {}
    for name, tensor in state.items():
        if name == "text_projection.weight":
            found["text_projection"] = tensor.T.contiguous()
            continue
        found[replaced(name, _OPEN_CLIP)] = tensor
    for name in [name for name in found if ".q_proj." in name]:
        parts = [found.pop(name.replace("q_proj", f"{which}_proj")) for which in "qkv"]
        joined = name.replace("self_attn.q_proj.", "attn.in_proj_")
        found[joined] = torch.cat(parts)
    found["logit_scale"] = torch.tensor(4.6)
    return {prefix + name: tensor for name, tensor in found.items()}


def averages(tensors):
    """Return the network of a file under the names of its training's average, too."""
    return {
        "model_ema." + name.removeprefix("model.").replace(".", ""): tensor
        for name, tensor in tensors.items()
        if name.startswith("model.diffusion_model.")
    }


__all__ = ["averages", "clip", "compvis", "open_clip", "unet"]
