"""Stable Diffusion in one file, opened and sampled from."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from studio.cli.main import run
from studio.library import read_recipe
from studio.models import ModelError, inspect_model, load_model
from studio.models.containers import shapes_in
from studio.models.presets import choose, form_of
from studio.models.single_file import layout
from studio.models.single_file.tokens import clip_tokenizer
from tests.models.single_file.conftest import first, second, third

__all__ = ["first", "second", "third"]

PROMPTS = ["a (red:1.3) cat on the moon", ""]


@pytest.fixture(params=["first", "second", "third"])
def case(request):
    return request.getfixturevalue(request.param)


def estimate(model, prompts=PROMPTS):
    torch.manual_seed(4)
    x = torch.randn(2, 4, 8, 8) * 3
    condition = model.condition(2, prompts=prompts, negatives=["", "blur"], size=(16, 16))
    return model.denoise(x, torch.tensor([0.3, 9.0]), condition=condition, guidance=4.0)


def by_hand(case, prompts=PROMPTS):
    """Return what the network says without any of the studio's code around it."""
    padding = "!" if len(case.texts) == 1 and case.unet.config.use_linear_projection else None
    contexts = []
    for prompt in prompts:
        tokens = clip_tokenizer(padding or "<|endoftext|>", 77)(
            prompt, padding="max_length", return_tensors="pt"
        ).input_ids
        contexts.append(case.texts[0](tokens).last_hidden_state)
    return torch.cat(contexts)


def test_the_denoiser_is_the_published_formula_around_the_network(first, tmp_path):
    """D = x - σ ε(x / √(1 + σ²), t) with CFG, by the library alone (Karras et al. 2022, C.3.4)."""
    model = load_model(first.write(tmp_path / "sd.safetensors"), "cpu")
    torch.manual_seed(4)
    x = torch.randn(2, 4, 8, 8) * 3
    prompts = ["a photo of a cat", "moon"]
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    abar = (1 - betas).cumprod(0)
    sigmas = ((1 - abar) / abar).sqrt()
    t = 600
    sigma = sigmas[t].item()
    with torch.no_grad():
        texts = [by_hand(first, prompts), by_hand(first, ["", "blur"])]
        given = (x / (1 + sigma**2) ** 0.5).float()
        one, two = (first.unet(given, t, encoder_hidden_states=context).sample for context in texts)
        wanted = x - sigma * (two + 4.0 * (one - two))
    condition = model.condition(2, prompts=prompts, negatives=["", "blur"])
    found = model.denoise(x, sigma, condition=condition, guidance=4.0)
    torch.testing.assert_close(found, wanted, atol=1e-5 * sigma * 10, rtol=1e-5)


def test_it_is_the_same_as_the_folder_of_diffusers(case, tmp_path):
    path, folder = case.write(tmp_path / "sd.safetensors"), tmp_path / "folder"
    choose(path, {"predicts": "eps"})
    words = [each.padding for each in layout.layout(shapes_in(path)).texts]
    parts = {"unet": case.unet, "vae": case.autoencoder, "scheduler": scheduler()}
    parts["vae"].register_to_config(scaling_factor=layout.layout(shapes_in(path)).scaling_factor)
    for i, (text, padding) in enumerate(zip(case.texts, words, strict=True)):
        end = f"_{i + 1}" if i else ""
        parts |= {f"text_encoder{end}": text, f"tokenizer{end}": clip_tokenizer(padding, 77)}
    kind = "StableDiffusionXLPipeline" if len(words) > 1 else "StableDiffusionPipeline"
    index = {"_class_name": kind, "_diffusers_version": "0.30.0"}
    for name, part in parts.items():
        part.save_pretrained(folder / name)
        room = "diffusers" if name in ("unet", "vae", "scheduler") else "transformers"
        index[name] = [room, type(part).__name__]
    (folder / "model_index.json").write_text(json.dumps(index))
    one, two = load_model(path, "cpu"), load_model(folder, "cpu")
    torch.testing.assert_close(estimate(one), estimate(two), atol=1e-5, rtol=1e-5)
    z = torch.randn(1, 4, 4, 4)
    torch.testing.assert_close(one.codec.decode(z), two.codec.decode(z), atol=1e-5, rtol=1e-5)
    assert one.table == pytest.approx(two.table)


def scheduler():
    from diffusers import DDIMScheduler

    return DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1
    )


def test_a_checkpoint_and_a_safetensors_are_the_same_model(case, tmp_path):
    torch.save({"state_dict": case.tensors}, tmp_path / "sd.ckpt")
    one = load_model(case.write(tmp_path / "sd.safetensors"), "cpu")
    two = load_model(tmp_path / "sd.ckpt", "cpu")
    assert torch.equal(estimate(one), estimate(two))
    assert one.info.family == two.info.family and one.info.prediction == two.info.prediction


def test_it_is_told_what_it_is_without_torch(third, tmp_path):
    case = third
    path = case.write(tmp_path / "sd.safetensors")
    torch.save({"state_dict": case.tensors}, tmp_path / "sd.ckpt")
    code = (
        "import sys; from studio.models import inspect_model; "
        f"infos = [inspect_model(p) for p in ({str(path)!r}, {str(tmp_path / 'sd.ckpt')!r})]; "
        "print(*(f'{i.family}|{i.parameters}|{i.text}|{i.pixels}' for i in infos), sep='\\n'); "
        "assert not {'torch', 'diffusers', 'transformers'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    one, two = done.stdout.splitlines()
    count = sum(p.numel() for p in case.unet.parameters())
    assert one == two and one.endswith(f"|{count}|True|2")


def test_the_settings_of_a_file_hold_until_they_are_chosen_anew(second, tmp_path):
    path = second.write(tmp_path / "sd.safetensors")
    form = form_of(path)
    assert [knob.id for knob in form.questions] == ["predicts", "zero_terminal", "vae", "tiny"]
    assert "found out when it is opened" in inspect_model(path).prediction
    assert load_model(path, "cpu").info.prediction in ("ε", "v")
    choose(path, preset="v")
    assert inspect_model(path).prediction == load_model(path, "cpu").info.prediction == "v"
    choose(path, {"predicts": "eps", "zero_terminal": True})
    info = inspect_model(path)
    assert info.prediction == "ε" and info.sigma_max > 1000
    assert load_model(path, "cpu").info.table == info.table


def test_it_samples_on_the_command_line_and_the_picture_knows_its_recipe(
    first, tmp_path, capsys, monkeypatch
):
    monkeypatch.setitem(layout._SIDES, 1, 16)  # 64 take long
    path = first.write(tmp_path / "sd.safetensors")
    given = ["--sampler", "euler", "--steps", "3", "--seeds", "1-2", "--device", "cpu"]
    given += ["--out", str(tmp_path / "out")]
    assert run(["sample", str(path), *given]) == 0
    capsys.readouterr()
    pictures = sorted((tmp_path / "out").glob("*.png"))
    assert len(pictures) == 2
    one, two = (np.asarray(Image.open(each)) for each in pictures)
    assert one.shape == (32, 32, 3) and not np.array_equal(one, two)
    recipe = read_recipe(pictures[0])
    assert recipe.model.name == "sd"
    assert run(["inspect", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["family"] == "Stable Diffusion 1"


def test_a_published_lora_acts_on_it_and_another_is_refused(first, tmp_path):
    from safetensors.torch import save_file

    path = first.write(tmp_path / "sd.safetensors")
    model, own = load_model(path, "cpu"), None
    own = estimate(model)
    tensors = {}
    for layer, width in (
        ("lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q", 32),
        ("lora_te_text_model_encoder_layers_0_self_attn_q_proj", 32),
    ):
        tensors[f"{layer}.lora_down.weight"] = torch.randn(4, width)
        tensors[f"{layer}.lora_up.weight"] = torch.randn(width, 4)
    save_file(tensors, tmp_path / "lora.safetensors")
    model.wear([(str(tmp_path / "lora.safetensors"), 1.0)])
    worn = estimate(model)
    assert (worn - own).abs().max() > 1e-3
    name = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
    other = {f"{name}.lora_down.weight": torch.randn(4, 2048)}
    other[f"{name}.lora_up.weight"] = torch.randn(32, 4)
    save_file(other, tmp_path / "other.safetensors")
    with pytest.raises(ModelError, match="is a LoRA for Stable Diffusion XL"):
        model.wear([(str(tmp_path / "other.safetensors"), 1.0)])
    assert torch.equal(estimate(model), worn)
    model.wear([])
    assert torch.equal(estimate(model), own)
