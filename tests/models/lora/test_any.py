"""LoRAs of every kind: what they are, and which network they fit."""

import json

import pytest
import torch
from safetensors.torch import save_file

from studio.models import ModelError, inspect_model, load_model
from studio.models.lora.any import TextNetwork, is_any_lora, misfit, network_of, read_any_lora


@pytest.fixture
def published(tmp_path):
    """Return a function that writes a LoRA of kohya for a number of numbers per token."""

    def write(context=768, layer="attn2_to_k"):
        start = f"lora_unet_mid_block_attentions_0_transformer_blocks_0_{layer}"
        tensors = {
            f"{start}.lora_down.weight": torch.zeros(4, context),
            f"{start}.lora_up.weight": torch.zeros(64, 4),
            f"{start}.alpha": torch.tensor(2.0),
        }
        path = tmp_path / f"{context}.safetensors"
        save_file(tensors, path)
        return path

    return write


def test_either_kind_fits_the_networks_of_its_own_kind(tiny_model, lora, published):
    own, other = read_any_lora(lora()), read_any_lora(published())
    pixels, text = network_of(tiny_model), TextNetwork(768)
    assert not misfit(own, pixels) and not misfit(other, text)
    assert misfit(own, text) == "It is for another network, that of “Tiny”."
    for network in (pixels, TextNetwork(2048)):
        assert misfit(other, network) == "It is for another network, that of Stable Diffusion 1."
    assert "no network to change; this is for Stable Diffusion 1" in misfit(other, None)
    assert (other.rank, other.classes) == (4, ())


def test_one_that_does_not_listen_to_text_may_fit_any_network_that_does(published):
    found = read_any_lora(published(64, "attn1_to_q"))
    assert not misfit(found, TextNetwork(768)) and not misfit(found, TextNetwork(2048))


def test_the_network_of_a_folder_and_of_one_file_is_known_without_torch(tmp_path):
    (tmp_path / "folder" / "unet").mkdir(parents=True)
    (tmp_path / "folder" / "unet" / "config.json").write_text(
        json.dumps({"cross_attention_dim": 1024})
    )
    assert network_of(tmp_path / "folder") == TextNetwork(1024)
    (tmp_path / "folder" / "unet" / "config.json").write_text("[")
    assert network_of(tmp_path / "folder") is None


def test_opened_as_a_model_it_says_what_it_is(published):
    path = published(2048)
    assert is_any_lora(path)
    info = inspect_model(path)
    assert (info.family, info.format, info.parameters) == ("LoRA", "lora", 4 * 2048 + 256 + 1)
    with pytest.raises(ModelError, match="A LoRA of rank 4 on 1 layers, for Stable Diffusion XL"):
        load_model(path, "cpu")


def test_what_is_no_lora_is_none(tmp_path, tiny_model):
    (tmp_path / "text.txt").write_text("hello")
    for path in (tmp_path / "text.txt", tiny_model, tmp_path, tmp_path / "missing"):
        assert not is_any_lora(path)
