"""A toy opened as a model: facts, classes, guidance, and pictures of its points."""

import json

import pytest
import torch

from studio.diffusion import sample, schedule
from studio.models import ModelError, bundled_toys, inspect_model, load_model
from studio.models.toy.model import Taste

TOY = {
    "format": "elucidate-toy",
    "kind": "mixture",
    "name": "Pair",
    "means": [[-0.5, 0.2], [0.5, 0.2], [0.0, -0.6]],
    "widths": [0.1, 0.1, 0.2],
    "classes": ["upper", "lower"],
    "labels": [0, 0, 1],
    "licence": "CC0-1.0",
}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "pair.toy.json"
    path.write_text(json.dumps(TOY))
    return path


@pytest.fixture
def model(path):
    return load_model(path, "cpu")


def states(count=8, seed=0):
    return torch.randn(count, 2, 1, 1, generator=torch.Generator().manual_seed(seed)).double()


def test_what_it_says_of_itself(path):
    info = inspect_model(path)
    assert info.planar and info.shape == (2, 1, 1)
    assert (info.name, info.format, info.family) == ("Pair", "toy", "Gaussian mixture")
    assert (info.components, info.classes) == (3, ("upper", "lower"))
    assert info.window == pytest.approx((-0.8, -1.2, 0.8, 0.5))
    assert info.licence == "CC0-1.0" and not info.reproduces
    assert not inspect_model(bundled_toys()[0].parent / "dungeon-tiles.npz").planar


def test_a_class_stands_on_its_components_alone(model):
    x = states()
    lower = model.denoise(x, 0.7, torch.ones(8, dtype=torch.int64))[:, :, 0, 0]
    spread = 0.2**2 / (0.2**2 + 0.7**2)
    mean = torch.tensor([0.0, -0.6], dtype=torch.float64)
    torch.testing.assert_close(lower, mean + spread * (x[:, :, 0, 0] - mean))


def test_rows_keep_their_labels_and_their_levels(model):
    x, labels = states(6), torch.tensor([0, 1, -1, 1, 0, -1])
    levels = torch.tensor([0.1, 0.5, 2.0, 0.1, 0.5, 2.0], dtype=torch.float64)
    together = model.denoise(x, levels, labels)
    for row in range(6):
        alone = model.denoise(x[row : row + 1], float(levels[row]), labels[row : row + 1])
        torch.testing.assert_close(together[row : row + 1], alone)


def test_guidance_goes_beyond_the_class(model):
    x, labels = states(), torch.zeros(8, dtype=torch.int64)
    bare, own = model.denoise(x, 1.0), model.denoise(x, 1.0, labels)
    found = model.denoise(x, 1.0, labels, guidance=3.0)
    torch.testing.assert_close(found, bare + 3 * (own - bare))
    taste = Taste(label=0, guidance=3.0)
    torch.testing.assert_close(model.clean(x[:, :, 0, 0], 1.0, taste), found[:, :, 0, 0])
    outside = model.denoise(x, 1.0, labels, guidance=3.0, interval=(2.0, 9.0))
    torch.testing.assert_close(outside, own)


def test_the_score_is_the_gradient_of_the_density(model):
    x = states()[:, :, 0, 0].requires_grad_()
    (slope,) = torch.autograd.grad(model.log_density(x, 0.4, 0).sum(), x)
    torch.testing.assert_close(model.score(x.detach(), 0.4, 0), slope)


def test_gradients_flow_to_the_state(model):
    x = states().requires_grad_()
    model.denoise(x, 0.5).sum().backward()
    assert x.grad is not None and x.grad.abs().sum() > 0


def test_pictures_cannot_be_denoised(model):
    with pytest.raises(ModelError, match=r"\(B, 2, 1, 1\)"):
        model.denoise(torch.zeros(1, 3, 8, 8), 1.0)


def test_samples_have_the_moments_of_the_mixture(model):
    x = states(4000) * 80
    *_, last = sample(model.denoise, x, schedule("karras", 24), "heun")
    points = last.x[:, :, 0, 0]
    mean = torch.tensor([0.0, -0.2 / 3], dtype=torch.float64)
    torch.testing.assert_close(points.mean(dim=0), mean, atol=0.03, rtol=0)
    wanted = torch.tensor([[0.5 / 3 + 0.02, 0.0], [0.0, 0.44 / 3 - 0.04 / 9 + 0.02]]).double()
    torch.testing.assert_close(points.T.cov(), wanted, atol=0.02, rtol=0)


def test_a_step_is_a_pixel_and_a_take_one_picture(model):
    x = states(5) * 0.3
    codec = model.codec
    assert codec.preview(x).shape == (5, 1, 1, 3)
    assert len(codec.preview(x).unique(dim=0)) == 5
    each = codec.pictures(x, each=True)
    assert each.shape == (5, 64, 64, 3) and each.dtype == torch.uint8
    whole = codec.pictures(x)
    assert whole.shape[0] == 1 and whole.shape[3] == 3
    assert not torch.equal(codec.pictures(x + 0.2), whole)


def test_the_number_of_threads_is_left_as_it_was(model):
    torch.set_num_threads(2)
    model.denoise(states(), 0.5)
    assert torch.get_num_threads() == 2
