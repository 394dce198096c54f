"""A small model and LoRAs for it, made of noise."""

import json

import torch
from safetensors.torch import load_file, save_file

from studio.models import file_digest
from studio.models.header import Header
from studio.models.lora.header import Base, LoraHeader
from studio.models.networks.preconditioned import Preconditioned
from studio.models.networks.song_unet import SongUNet

# Without the last of them a new network would hardly show what the others do.
LAYERS = (
    "model.enc.8x8_block0.conv0",
    "model.dec.8x8_up.skip",
    "model.map_layer0",
    "model.dec.8x8_aux_conv",
)
CONFIG = {
    "network": "SongUNet",
    "preconditioning": "EDM",
    "kwargs": {
        "img_resolution": 8,
        "in_channels": 3,
        "out_channels": 3,
        "label_dim": 3,
        "model_channels": 8,
        "channel_mult": [1, 2],
        "num_blocks": 1,
        "attn_resolutions": [4],
    },
    "sigma_data": 0.5,
    "image": [3, 8, 8],
    "classes": ["a", "b", "c"],
    "name": "Tiny",
}


def write_model(path, channels=8):
    """Write a small model with three classes and return its path."""
    torch.manual_seed(0)
    config = {**CONFIG, "kwargs": {**CONFIG["kwargs"], "model_channels": channels}}
    network = Preconditioned(SongUNet(**config["kwargs"]), 0.5)
    header = Header.model_validate_json(json.dumps(config))
    save_file(network.state_dict(), path, metadata=header.metadata())
    return path


def write_lora(path, model, config=CONFIG, /, *, seed=1, rank=2, alpha=3.0, classes=(), **base):
    """Write a LoRA for a small model, which may bring classes, and return its path."""
    torch.manual_seed(seed)
    weights = load_file(model)
    tensors = {}
    for layer in LAYERS:
        shape = weights[f"{layer}.weight"].shape
        one = (1, 1) if len(shape) == 4 else ()
        start = f"base_model.model.{layer}"
        tensors[f"{start}.lora_A.weight"] = torch.randn(rank, *shape[1:]) / 4
        tensors[f"{start}.lora_B.weight"] = torch.randn(shape[0], rank, *one) / 4
    if classes:
        start = "base_model.model.model.map_label"
        bias = weights["model.map_label.bias"]
        tensors[f"{start}.weight"] = torch.randn(len(bias), len(classes))
        tensors[f"{start}.bias"] = bias
        kwargs = {**config["kwargs"], "label_dim": len(classes)}
        config = {**config, "classes": list(classes), "kwargs": kwargs}
    origin = {"name": "Tiny", "file": model.name, "sha256": file_digest(model)} | base
    header = LoraHeader(
        name=path.stem,
        rank=rank,
        alpha=alpha,
        base=Base(**origin),
        model=Header.model_validate_json(json.dumps(config)),
    )
    save_file(tensors, path, metadata=header.metadata())
    return path
