"""Training a tiny Stable Diffusion further: in full and as a LoRA, stopped, opened and sampled."""

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from studio.diffusion import sample, schedule
from studio.models import ModelError, inspect_model, load_model
from studio.models.checkpoints import checkpoints
from studio.models.presets import choose
from studio.training.errors import TrainingError
from studio.training.prepare import prepare
from studio.training.ranks import Ranks
from studio.training.run_file import read_run_file
from tests.tiny_sd import autoencoder, seeded, stable_diffusion
from tests.training.conftest import begin_from, go, losses, make_run

PROMPT = "a photo of a {class}"


@pytest.fixture(scope="module", params=[1, 3], ids=["first", "XL"])
def base(request, tmp_path_factory):
    return stable_diffusion(tmp_path_factory.mktemp("models") / "base", request.param)


@pytest.fixture
def first(tmp_path):
    return stable_diffusion(tmp_path / "base", 1)


def make(folder, base, lora=0, *, kimg=0.16, data=f'prompt = "{PROMPT}"', more="", **options):
    """Write a run that trains a model further on 24 pictures of 8x8 in three classes."""
    make_run(folder, kimg=kimg, **options)
    begin_from(folder, base, f"[lora]\nrank = {lora}\nalpha = 6.0\n" if lora else "")
    text = (folder / "run.toml").read_text()
    text = text.replace("[data]\n", f"[data]\nsize = 8\n{data}\n")
    (folder / "run.toml").write_text(text.replace("samples = 0", "samples = 2") + more)
    return folder


def end(model, prompt="a photo of a x"):
    """Return where three steps lead from the same noise."""
    torch.manual_seed(1)
    sigmas = schedule("karras", 3, model.sigma_min, model.sigma_max)
    x = torch.randn(2, *model.info.shape[:1], 4, 4) * sigmas[0]
    told = model.condition(2, prompts=[prompt] * 2, size=(8, 8))
    return [*sample(lambda y, s: model.denoise(y, s, condition=told), x, sigmas)][-1].x


def test_every_weight_is_trained_and_opens_as_a_model(base, tmp_path):
    folder = make(tmp_path / "run", base)
    go(folder)
    assert len(losses(folder)) == 20
    before, after = load_model(base, "cpu"), load_model(folder, "cpu")
    assert not torch.allclose(end(before), end(after), atol=1e-4)
    assert (after.info.shape, after.table) == (before.info.shape, before.table)
    assert "a photo of a x" in after.info.note
    trained = load_file(checkpoints(folder)[0] / "model.safetensors")
    own = before.network.state_dict()
    assert {name.removeprefix("model.unet.") for name in trained} == own.keys()
    assert list(folder.glob("samples/*.png"))


def test_a_lora_opens_with_its_model_and_is_worn_by_it(base, tmp_path):
    folder = make(tmp_path / "run", base, lora=2)
    go(folder)
    before, after = load_model(base, "cpu"), load_model(folder, "cpu")
    plain, trained = end(before), end(after)
    assert not torch.allclose(plain, trained, atol=1e-4)
    file = checkpoints(folder)[0] / "model.safetensors"
    before.wear([(str(file), 1.0)])
    torch.testing.assert_close(end(before), trained, atol=1e-5, rtol=1e-5)
    before.wear([])
    assert torch.equal(end(before), plain)
    after.wear([(str(file), 1.0)])  # what it is, is its own: this is once more
    assert not torch.allclose(end(after), trained, atol=1e-5)
    after.wear([])
    torch.testing.assert_close(end(after), trained, atol=1e-6, rtol=1e-6)


def test_diffusers_itself_loads_the_lora(first, tmp_path):
    """Its scale, 6 / 2, is in the factors."""
    from diffusers import UNet2DConditionModel

    folder = make(tmp_path / "run", first, lora=2)
    go(folder)
    file = checkpoints(folder)[0] / "model.safetensors"
    with safe_open(file, framework="pt") as opened:
        assert '"unet.lora_alpha":2' in opened.metadata()["lora_adapter_metadata"]
    unet = UNet2DConditionModel.from_pretrained(first / "unet", local_files_only=True)
    unet.load_lora_adapter(str(file), prefix="unet")
    model = load_model(folder, "cpu")
    torch.manual_seed(0)
    x, told = torch.randn(1, 4, 4, 4), model.condition(1, prompts=["a cat"]).wanted["context"]
    with torch.no_grad():
        expected = unet(x, 500, encoder_hidden_states=told).sample
        found = model.network(x, 500, encoder_hidden_states=told).sample
        plain = load_model(first, "cpu").network(x, 500, encoder_hidden_states=told).sample
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(plain, expected, atol=1e-4)


@pytest.mark.parametrize("lora", [0, 2], ids=["full", "lora"])
def test_a_stop_and_resume_changes_nothing(lora, first, tmp_path):
    whole, parted = (make(tmp_path / name, first, lora, checkpoint=0.08) for name in "ab")
    go(whole)
    make(parted, first, lora, kimg=0.08, checkpoint=0.08)
    go(parted)
    make(parted, first, lora, checkpoint=0.08)
    go(parted)
    one, two = (load_file(checkpoints(f)[0] / "model.safetensors") for f in (whole, parted))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_mirrored_pictures_become_latents_of_their_own(first, tmp_path):
    folder = make(tmp_path / "run", first, kimg=0.008, data="mirror = true\nclasses = false")
    settings = read_run_file(folder / "run.toml")
    prepared = prepare(settings, folder, Ranks("cpu"))
    assert (len(prepared.pictures.pixels), len(prepared.seen.pixels)) == (24, 48)


def test_another_autoencoder_makes_other_latents(first, tmp_path):
    folder = make(tmp_path / "run", first, kimg=0.008)
    settings = read_run_file(folder / "run.toml")
    one = prepare(settings, folder, Ranks("cpu")).seen.pixels
    again = prepare(settings, folder, Ranks("cpu")).seen.pixels
    seeded(autoencoder, seed=7).save_pretrained(tmp_path / "vae")
    choose(first, {"vae": str(tmp_path / "vae")})
    other = prepare(settings, folder, Ranks("cpu")).seen.pixels
    assert torch.equal(one, again)
    assert not torch.allclose(one, other, atol=1e-3)


def test_what_cannot_be_is_refused_with_the_reason(first, tmp_path):
    with pytest.raises(TrainingError, match=r"\[augment\] p to 0"):
        go(make(tmp_path / "a", first, more="[augment]\np = 0.2\n"))
    folder = make(tmp_path / "b", first, kimg=0.008)
    go(folder)
    (first / "unet" / "config.json").rename(first / "gone.json")
    (first / "unet").rename(tmp_path / "elsewhere")
    with pytest.raises(ModelError):
        inspect_model(folder)
