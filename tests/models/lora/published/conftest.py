"""A small Stable Diffusion and LoRAs for it, made with the libraries that people use."""

import json

import pytest
import torch
from safetensors.torch import save_file

from tests.models.single_file.conftest import autoencoder, text_model
from tests.models.single_file.conftest import network as make_network

TARGETS = ["to_q", "to_k", "to_v", "to_out.0", "proj_in", "ff.net.2", "conv1", "conv_in"]


def make_text(width=32):
    return text_model("CLIPTextModel", width, 2, "quick_gelu")


@pytest.fixture
def parts():
    """Return the network and the text encoder of a small Stable Diffusion 1."""
    torch.manual_seed(0)
    return {"unet": make_network(), "text_encoder": make_text()}


@pytest.fixture
def pipeline(parts):
    """Return diffusers' pipeline around copies of the same parts."""
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    torch.manual_seed(0)
    unet, text = make_network(), make_text()
    unet.load_state_dict(parts["unet"].state_dict())
    text.load_state_dict(parts["text_encoder"].state_dict())
    return StableDiffusionPipeline(
        vae=autoencoder(),
        text_encoder=text,
        tokenizer=None,
        unet=unet,
        scheduler=DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


@pytest.fixture
def factors(parts):
    """Return a function that makes factors for the layers whose names end in one of some words."""

    def make(part, words, rank=3, seed=1, grow=1.0):
        source = torch.Generator().manual_seed(seed)
        found = {}
        for name, layer in parts[part].named_modules():
            if not hasattr(layer, "weight") or not name.endswith(tuple(words)):
                continue
            if layer.weight.ndim not in (2, 4) or "embedding" in name:
                continue
            out, *inner = layer.weight.shape
            one = [1, 1] if len(inner) == 3 else []
            down = torch.randn(rank, *inner, generator=source) * grow / rank
            up = torch.randn(out, rank, *one, generator=source) / 4
            found[name] = down, up
        assert found
        return found

    return make


@pytest.fixture
def write(tmp_path):
    """Return a function that writes factors in one of the ways of naming, and returns the path."""

    def write(naming, unet, text=None, alpha=None, *, name="style", metadata=None):
        tensors = {}
        for part, layers in (("unet", unet), ("text_encoder", text or {})):
            for layer, (down, up) in layers.items():
                tensors |= named(naming, part, layer, down, up, alpha=alpha)
        path = tmp_path / f"{name}.safetensors"
        save_file({n: t.contiguous() for n, t in tensors.items()}, path, metadata)
        return path

    return write


def named(naming, part, layer, down, up, *, alpha=None):
    """Return the tensors of one layer under the names of peft or of kohya."""
    inner = "text_model." if part == "text_encoder" else ""
    if naming == "peft":
        start = f"{part}.{inner}{layer}"
        return {f"{start}.lora_A.weight": down, f"{start}.lora_B.weight": up}
    short = {"unet": "lora_unet_", "text_encoder": "lora_te_"}[part]
    start = short + (inner + layer).replace(".", "_")
    found = {f"{start}.lora_down.weight": down, f"{start}.lora_up.weight": up}
    if alpha is not None:
        found[f"{start}.alpha"] = torch.tensor(float(alpha))
    return found


def adapter(**values):
    """Return the metadata that diffusers writes beside LoRAs."""
    return {"format": "pt", "lora_adapter_metadata": json.dumps(values)}
