"""Other autoencoders for a model in a diffusers folder."""

import pytest
import torch

from studio.models import ModelError, load_model
from studio.models.presets import choose, forget, form_of
from tests.tiny_sd import stable_diffusion


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return stable_diffusion(tmp_path_factory.mktemp("models") / "tiny-sd", generation=1)


@pytest.fixture
def other(folder, tmp_path):
    from diffusers import AutoencoderKL

    torch.manual_seed(7)
    config = AutoencoderKL.load_config(folder / "vae")
    module = AutoencoderKL.from_config(config).eval()
    module.save_pretrained(tmp_path / "other-vae")
    return module, tmp_path / "other-vae"


def test_another_autoencoder_is_used_until_the_wish_is_forgotten(folder, other, tmp_path):
    from diffusers import AutoencoderKL

    module, path = other
    z, own = torch.randn(1, 4, 4, 4), load_model(folder, "cpu").codec
    assert [knob.id for knob in form_of(folder).questions] == ["vae", "tiny"]
    choose(folder, {"vae": str(path)})
    found = load_model(folder, "cpu").codec
    scale = AutoencoderKL.load_config(folder / "vae")["scaling_factor"]
    with torch.no_grad():
        wanted = module.decode(z / scale).sample
    torch.testing.assert_close(found.decode(z), wanted, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(found.decode(z), own.decode(z))
    forget(folder)
    assert torch.equal(load_model(folder, "cpu").codec.decode(z), own.decode(z))


def test_a_wish_that_cannot_be_met_is_said(folder, other, tmp_path):
    choose(folder, {"vae": str(tmp_path / "gone")})
    with pytest.raises(ModelError, match="There is no autoencoder at"):
        load_model(folder, "cpu")
    choose(folder, {"vae": "", "tiny": str(other[1])})
    with pytest.raises(ModelError, match="is no tiny autoencoder"):
        load_model(folder, "cpu")
