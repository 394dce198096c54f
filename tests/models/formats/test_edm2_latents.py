from dataclasses import replace

import pytest
import torch

from studio.models import ModelError, SettingsNeeded, inspect_model, load_model
from studio.models.presets.keeping import keep_answers
from tests.snapshots import Fixture, tiny_vae, write

MEAN, STD = torch.tensor([5.81, 3.25, 0.12, -2.15]), torch.tensor([4.17, 4.62, 3.71, 3.28])


@pytest.fixture(autouse=True)
def _nobody_at_home(tmp_path, monkeypatch):
    """Look for autoencoders in no other program's folder."""
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    return write(folder / "edm2-img512.pkl", Fixture("edm2-latent"), tmp_path / "canary")


def test_pictures_are_what_the_autoencoder_makes_of_raw_latents(path):
    vae = tiny_vae(path.parent / "sd-vae-ft-mse")
    model = load_model(path, "cpu")
    x = torch.randn(2, 4, 8, 8) * 0.5
    raw = x * 2 * STD[:, None, None] + MEAN[:, None, None]
    wanted = vae.decode(raw).sample * 2 - 1  # it makes pixels from 0 to 1
    assert torch.allclose(model.codec.decode(x), wanted, atol=1e-4)
    pictures = model.codec.pictures(x)
    assert (pictures.shape, pictures.dtype) == ((2, 64, 64, 3), torch.uint8)


def test_latents_of_a_picture_are_standardised(path):
    vae = tiny_vae(path.parent / "vae")
    model = load_model(path, "cpu")
    pixels = torch.rand(1, 3, 64, 64) * 2 - 1
    raw = vae.encode((pixels + 1) / 2).latent_dist.mean
    wanted = (raw - MEAN[:, None, None]) / STD[:, None, None] / 2
    assert torch.allclose(model.codec.encode(pixels), wanted, atol=1e-4)


def test_its_facts_speak_of_latents(path):
    tiny_vae(path.parent / "sd-vae-ft-mse")
    info = inspect_model(path)
    assert (info.shape, info.pixels, info.trainable) == ((4, 8, 8), 8, False)
    assert "“sd-vae-ft-mse”" in info.note
    assert load_model(path, "cpu").info == replace(info, previews=("linear", "full"))


def test_the_one_that_is_called_as_published_comes_first(path):
    for name in ("a-vae", "sd-vae-ft-mse"):
        tiny_vae(path.parent / name)
    assert "“sd-vae-ft-mse”" in inspect_model(path).note


@pytest.mark.parametrize("read", [inspect_model, load_model])
def test_without_an_autoencoder_it_is_asked_for(path, read):
    with pytest.raises(SettingsNeeded) as caught:
        read(path)
    (question,) = caught.value.questions
    assert question.id == "vae"
    assert "stabilityai/sd-vae-ft-mse" in question.help
    assert "for the autoencoder stabilityai/sd-vae-ft-mse, which is neither" in str(caught.value)


def test_one_that_was_chosen_is_used(path, tmp_path):
    tiny_vae(tmp_path / "elsewhere")
    keep_answers(path, {"vae": str(tmp_path / "elsewhere")})
    assert "“elsewhere”" in inspect_model(path).note
    assert load_model(path, "cpu").codec.factor == 8


def test_the_wrong_autoencoder_is_refused(path, tmp_path):
    tiny_vae(tmp_path / "wide", latent_channels=16)
    keep_answers(path, {"vae": str(tmp_path / "wide")})
    with pytest.raises(ModelError, match="latents of 16 channels"):
        load_model(path, "cpu")
    keep_answers(path, {"vae": str(tmp_path / "gone")})
    with pytest.raises(ModelError, match=r"no autoencoder at .*gone"):
        load_model(path, "cpu")


def test_one_in_the_cache_of_another_program_is_found(path, tmp_path):
    cache = tmp_path / "nobody/.cache/huggingface/hub/models--stabilityai--sd-vae-ft-mse"
    tiny_vae(cache / "snapshots" / "31f26f")
    assert load_model(path, "cpu").codec.factor == 8
