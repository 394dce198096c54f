"""How published folders differ from each other in their files."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.models import inspect_model, load_model
from tests import tiny_sd

UNET = "diffusion_pytorch_model"


def answer(folder):
    """Return what a model says of fixed latents."""
    model = load_model(folder, "cpu")
    x = torch.linspace(-3, 3, 256).view(1, 4, 8, 8)
    return model.denoise(x, 2.0, condition=model.condition(1, None, ["a red cat"]))


@pytest.fixture(scope="module")
def wanted(tiny_sd_folder):
    return answer(tiny_sd_folder)


def unet_tensors(folder):
    path = folder / "unet" / f"{UNET}.safetensors"
    tensors = load_file(path)
    path.unlink()
    return folder / "unet", tensors


def test_shards(copied, wanted):
    parameters = inspect_model(copied).parameters
    place, tensors = unet_tensors(copied)
    names = sorted(tensors)
    parts = {"one-00001-of-00002": names[::2], "two-00002-of-00002": names[1::2]}
    for stem, own in parts.items():
        save_file({name: tensors[name] for name in own}, place / f"{stem}.safetensors")
    weight_map = {name: f"{stem}.safetensors" for stem, own in parts.items() for name in own}
    index = {"metadata": {"total_size": 1}, "weight_map": weight_map}
    (place / f"{UNET}.safetensors.index.json").write_text(json.dumps(index))
    assert inspect_model(copied).parameters == parameters
    torch.testing.assert_close(answer(copied), wanted)
    (place / "two-00002-of-00002.safetensors").unlink()
    with pytest.raises(ValueError, match="1 of the 2 files with weights are not"):
        inspect_model(copied)


def test_pickles_with_nothing_but_tensors(copied, wanted):
    place, tensors = unet_tensors(copied)
    torch.save(tensors, place / f"{UNET}.bin")
    assert inspect_model(copied).parameters == sum(t.numel() for t in tensors.values())
    torch.testing.assert_close(answer(copied), wanted)


def test_a_variant_in_half_precision(copied, wanted):
    place, tensors = unet_tensors(copied)
    save_file({n: t.half() for n, t in tensors.items()}, place / f"{UNET}.fp16.safetensors")
    torch.testing.assert_close(answer(copied), wanted, atol=0.02, rtol=0.02)


def test_layers_of_attention_by_their_old_names(copied):
    path = copied / "vae" / f"{UNET}.safetensors"
    before = load_model(copied, "cpu").codec.decode(torch.ones(1, 4, 4, 4))
    old = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    tensors = load_file(path)
    for new, name in old.items():
        for key in [key for key in tensors if f".attentions.0.{new}." in key]:
            tensors[key.replace(new, name)] = tensors.pop(key)
    assert any("proj_attn" in key for key in tensors)
    save_file(tensors, path)
    after = load_model(copied, "cpu").codec.decode(torch.ones(1, 4, 4, 4))
    torch.testing.assert_close(after, before)


def test_names_of_text_encoders_with_and_without_their_prefix(copied, wanted):
    path = copied / "text_encoder" / "model.safetensors"
    tensors = {name.removeprefix("text_model."): t for name, t in load_file(path).items()}
    for prefix in ("", "text_model."):
        named = {f"{prefix}{name}": tensor for name, tensor in tensors.items()}
        named[f"{prefix}embeddings.position_ids"] = torch.arange(77)[None]
        save_file(named, path)
        torch.testing.assert_close(answer(copied), wanted)


def test_a_vocabulary_in_one_file(copied, wanted):
    place = copied / "tokenizer"
    words = json.loads((place / "vocab.json").read_text())
    lines = (place / "merges.txt").read_text().split("\n")[1:-1]
    (place / "tokenizer.json").write_text(
        json.dumps({"model": {"type": "BPE", "vocab": words, "merges": lines}})
    )
    (place / "vocab.json").unlink()
    (place / "merges.txt").unlink()
    torch.testing.assert_close(answer(copied), wanted)


def test_the_special_words_may_be_told_apart(copied):
    (copied / "tokenizer" / "special_tokens_map.json").write_text(
        json.dumps({"pad_token": {"content": "!", "lstrip": False}})
    )
    model = load_model(copied, "cpu")
    (chunk,) = model._prompts.encoders[0].chunks("a")
    assert chunk.tokens[-1] == tiny_sd.vocabulary()[0]["!"]


def test_the_card_tells_the_licence_and_the_cache_the_name(copied, tmp_path):
    (copied / "README.md").write_text("---\nlanguage: en\nlicense: openrail++\n---\n# A model\n")
    place = tmp_path / "models--somebody--small-model" / "snapshots" / "0123abc"
    shutil.copytree(copied, place)
    info = inspect_model(place)
    assert (info.licence, info.name) == ("openrail++", "small-model")


def test_a_licence_in_a_file_of_its_own(copied):
    (copied / "LICENSE").write_text("\n  MIT License\n\nCopyright\n")
    assert inspect_model(copied).licence == "MIT License"


def test_latents_standardised_channel_by_channel(copied):
    path = copied / "vae" / "config.json"
    means, deviations = [1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 4.0, 4.0]
    told = {"latents_mean": means, "latents_std": deviations, "scaling_factor": 0.5}
    path.write_text(json.dumps(json.loads(path.read_text()) | told))
    codec = load_model(copied, "cpu").codec
    z = torch.randn(1, 4, 4, 4)
    mean, deviation = (torch.tensor(each)[:, None, None] for each in (means, deviations))
    # As in diffusers' pipeline of Stable Diffusion XL.
    plain = codec.autoencoder.decode(z * deviation / 0.5 + mean)
    torch.testing.assert_close(codec.decode(z), plain)


def test_half_precision_runs(copied):
    model = load_model(copied, "cpu", "bfloat16")
    x = torch.randn(1, 4, 8, 8)
    found = model.denoise(x, 1.0, condition=model.condition(1, None, ["a cat"]), guidance=3)
    assert found.dtype == torch.float32 and found.isfinite().all()
    assert model.network.dtype == torch.bfloat16
