"""What is missing, wrong or hostile in a folder is said in one message."""

import json
import shutil
import sys

import pytest
import torch

from studio.models import ModelError, inspect_model, load_model
from studio.models.pipelines import weights
from tests import tiny_sd


def change(path, **told):
    """Write some entries of a JSON file anew; None takes one out."""
    found = json.loads(path.read_text()) | told
    path.write_text(json.dumps({key: value for key, value in found.items() if value is not None}))


def said(folder, *, by=inspect_model):
    with pytest.raises(ModelError) as caught:
        by(folder)
    assert "Traceback" not in str(caught.value)
    return str(caught.value)


def test_a_part_that_is_not_there(copied):
    shutil.rmtree(copied / "text_encoder")
    assert "lacks its text encoder" in said(copied)


def test_a_text_encoder_that_is_not_even_listed(copied):
    change(copied / "model_index.json", text_encoder=None, tokenizer=None)
    assert "lacks its text encoder" in said(copied)


def test_a_tokenizer_without_its_vocabulary(copied):
    (copied / "tokenizer" / "merges.txt").unlink()
    assert "lacks its vocabulary" in said(copied, by=load_model)


def test_a_tokenizer_of_another_model(copied):
    path = copied / "tokenizer" / "vocab.json"
    more = {f"word{n}": 1000 + n for n in range(50)}
    path.write_text(json.dumps(json.loads(path.read_text()) | more))
    assert "do not belong together" in said(copied, by=load_model)


def test_weights_that_were_not_downloaded(copied):
    (copied / "vae" / "diffusion_pytorch_model.safetensors").unlink()
    assert "download may not be complete" in said(copied)


@pytest.mark.parametrize("part", ["unet/diffusion_pytorch_model", "text_encoder/model"])
def test_half_a_download(copied, part):
    path = copied / f"{part}.safetensors"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert path.name in said(copied, by=load_model)


def test_the_autoencoder_of_another_model(copied):
    shutil.rmtree(copied / "vae")
    tiny_sd.autoencoder(latent_channels=8).save_pretrained(copied / "vae")
    assert "latents of 8 channels, but the network works on 4" in said(copied)


def test_the_text_encoder_of_another_model(copied):
    shutil.rmtree(copied / "text_encoder")
    tiny_sd.text_encoder(width=64).save_pretrained(copied / "text_encoder")
    assert "gives 64 numbers for each word, but the network listens to 32" in said(copied)


def test_a_network_that_is_given_a_picture(copied):
    shutil.rmtree(copied / "unet")
    tiny_sd.network(in_channels=9).save_pretrained(copied / "unet")
    assert "repairs or edits a picture" in said(copied)


def test_weights_of_another_network(copied):
    change(copied / "unet" / "config.json", block_out_channels=[16, 64])
    assert "not the one which its config describes" in said(copied, by=load_model)


def test_a_network_alone_that_needs_the_rest(copied):
    assert "autoencoder and text encoder are missing" in said(copied / "unet")


def test_a_file_that_changes_while_it_is_read(copied, monkeypatch):
    path = copied / "unet" / "diffusion_pytorch_model.safetensors"
    read = weights.tensors_in

    def slowly(file, wanted):
        found = read(file, wanted)
        path.write_bytes(path.read_bytes() + b"more")
        return found

    monkeypatch.setattr(weights, "tensors_in", slowly)
    assert "changed while it was read" in said(copied, by=load_model)


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"unet": ["diffusers", "FluxTransformer2DModel"]}, "cannot open"),
        ({"transformer": ["diffusers", "FluxTransformer2DModel"]}, "cannot open"),
        ({"unet": ["my_code", "UNet2DConditionModel"]}, "made by code of “my_code”"),
        ({"_class_name": ["pipeline", "Mine"]}, "pipeline of its own code"),
        ({"auto_map": {"AutoModel": "evil.Model"}}, "run code that came with the model"),
        ({"trust_remote_code": True}, "run code that came with the model"),
        ({"unet": None}, "no network"),
        ({"text_encoder": ["transformers", "T5EncoderModel"]}, "cannot open"),
    ],
)
def test_an_index_that_asks_for_what_is_not_done(copied, told, wanted):
    change(copied / "model_index.json", **told)
    assert wanted in said(copied)


@pytest.mark.parametrize(
    ("place", "told", "wanted"),
    [
        ("unet/config.json", {"auto_map": {"AutoModel": "evil.Net"}}, "run code"),
        ("text_encoder/config.json", {"a": {"b": [{"trust_remote_code": True}]}}, "run code"),
        ("scheduler/scheduler_config.json", {"auto_map": {"x": "evil.Y"}}, "run code"),
        ("unet/config.json", {"layers_per_block": 10**9}, "layers_per_block"),
        ("unet/config.json", {"down_block_types": ["os.system"]}, "down_block_types"),
        ("unet/config.json", {"time_cond_proj_dim": 256}, "time_cond_proj_dim"),
        ("unet/config.json", {"num_class_embeds": 10}, "num_class_embeds"),
        ("text_encoder/config.json", {"num_hidden_layers": 10**8}, "num_hidden_layers"),
        ("text_encoder/config.json", {"hidden_act": "evil"}, "hidden_act"),
        ("scheduler/scheduler_config.json", {"prediction_type": "flow"}, "predicts"),
    ],
)
def test_configs_are_not_trusted(copied, place, told, wanted):
    change(copied / place, **told)
    assert wanted in said(copied)


def test_a_tokenizer_may_bring_no_code(copied):
    change(copied / "tokenizer" / "tokenizer_config.json", auto_map={"AutoTokenizer": "evil.T"})
    assert "run code" in said(copied, by=load_model)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"", "damaged"),
        (b"[1, 2]", "no config"),
        (b"{" * 100_000, "damaged"),
        (b'{"a": ' * 50 + b"1" + b"}" * 50, "deeper"),
        (b'{"x": "' + b"y" * (5 << 20) + b'"}', "larger than any config"),
        (b'{"_class_name": "UNet2DConditionModel", "freq_shift": NaN}', "damaged"),
    ],
)
def test_a_config_that_is_none(copied, text, wanted):
    (copied / "unet" / "config.json").write_bytes(text)
    assert wanted in said(copied)


@pytest.mark.parametrize(
    "name",
    ["../unet.safetensors", "/etc/passwd.safetensors", "a/b.safetensors", "..\\x.safetensors", "x"],
)
def test_an_index_of_shards_leads_nowhere_else(copied, name):
    place = copied / "unet"
    (place / "diffusion_pytorch_model.safetensors").unlink()
    index = {"weight_map": {"conv_in.weight": name}}
    (place / "diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))
    assert "which is no file beside it" in said(copied)


def test_a_pickle_with_code_in_it_is_not_run(copied, tmp_path):
    class Gadget:
        def __reduce__(self):
            return (open, (str(tmp_path / "canary"), "w"))

    place = copied / "unet"
    (place / "diffusion_pytorch_model.safetensors").unlink()
    torch.save({"conv_in.weight": Gadget()}, place / "diffusion_pytorch_model.bin")
    said(copied)
    said(copied, by=load_model)
    assert not (tmp_path / "canary").exists()


def test_a_folder_of_other_things_is_none_of_these(tmp_path):
    (tmp_path / "config.json").write_text('{"_class_name": "ControlNetModel"}')
    assert "neither pictures nor a model" in said(tmp_path)


def test_inspecting_imports_no_library_of_networks(tiny_sd_folder):
    code = (
        "import sys; from studio.models import inspect_model; "
        f"inspect_model({str(tiny_sd_folder)!r}); "
        "print({'torch', 'diffusers', 'transformers'} & set(sys.modules))"
    )
    import subprocess

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
