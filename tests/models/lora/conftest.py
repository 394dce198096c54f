import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.models import file_digest
from studio.models.header import Header
from studio.models.lora.header import Base, LoraHeader

# Without the last of them a new network would hardly show what the others do.
LAYERS = (
    "model.enc.8x8_block0.conv0",
    "model.dec.8x8_up.skip",
    "model.map_layer0",
    "model.dec.8x8_aux_conv",
)


@pytest.fixture
def lora(tmp_path, tiny_model, tiny_config):
    """Return a function that writes a LoRA for the tiny model and returns its path."""

    def write(name="style", seed=1, *, rank=2, alpha=3.0, layers=LAYERS, classes=(), **base):
        torch.manual_seed(seed)
        weights = load_file(tiny_model)
        tensors = {}
        for layer in layers:
            shape = weights[f"{layer}.weight"].shape
            one = (1, 1) if len(shape) == 4 else ()
            start = f"base_model.model.{layer}"
            tensors[f"{start}.lora_A.weight"] = torch.randn(rank, *shape[1:]) / 4
            tensors[f"{start}.lora_B.weight"] = torch.randn(shape[0], rank, *one) / 4
        described = tiny_config
        if classes:
            start = "base_model.model.model.map_label"
            tensors[f"{start}.weight"] = torch.randn(8, len(classes))
            tensors[f"{start}.bias"] = weights["model.map_label.bias"]
            kwargs = {**tiny_config["kwargs"], "label_dim": len(classes)}
            described = {**tiny_config, "classes": list(classes), "kwargs": kwargs}
        header = LoraHeader(
            name=name,
            rank=rank,
            alpha=alpha,
            base=Base(
                **{"name": "Tiny", "file": tiny_model.name, "sha256": file_digest(tiny_model)}
                | base
            ),
            model=Header.model_validate_json(json.dumps(described)),
        )
        path = tmp_path / f"{name}.safetensors"
        save_file(tensors, path, metadata=header.metadata())
        return path

    return write
