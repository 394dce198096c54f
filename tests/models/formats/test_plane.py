"""Networks of the plane: what a file says, what it gives, and what is refused."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.models import ModelError, inspect_model, load_model
from studio.models.formats import native, plane
from studio.models.networks.options import PlaneMLPOptions
from studio.models.networks.plane_mlp import PlaneMLP
from studio.models.networks.preconditioned import Preconditioned
from studio.models.toy.file import MixtureFile
from studio.models.toy.header import PlaneHeader

TOY = {
    "format": "elucidate-toy",
    "kind": "mixture",
    "means": [[-0.5, 0.0], [0.5, 0.25]],
    "width": 0.2,
    "classes": ["a", "b"],
    "labels": [0, 1],
}


@pytest.fixture
def network():
    torch.manual_seed(0)
    return Preconditioned(PlaneMLP(width=12, blocks=2, label_dim=2), 0.6)


@pytest.fixture
def config():
    toy = MixtureFile.model_validate_json(json.dumps(TOY))
    header = PlaneHeader(
        name="Heaps",
        kwargs=PlaneMLPOptions(width=12, blocks=2, label_dim=2),
        sigma_data=0.6,
        classes=("a", "b"),
        distribution=toy,
        kimg=3.5,
    )
    return json.loads(header.metadata()["config"])


@pytest.fixture
def write(tmp_path, network):
    def written(config, tensors=None):
        path = tmp_path / "heaps.safetensors"
        metadata = {"config": json.dumps(config)}
        save_file(tensors or dict(network.state_dict()), path, metadata=metadata)
        return path

    return written


def test_it_says_what_it_is_and_what_it_learned_from(write, config):
    path = write(config)
    assert plane.probe(path) and not native.probe(path)
    info = inspect_model(path)
    assert (info.name, info.format, info.family) == ("Heaps", "plane", "Perceptron")
    assert info.planar and info.shape == (2, 1, 1) and info.classes == ("a", "b")
    assert info.sigma_data == 0.6 and info.components == 2
    assert info.window == pytest.approx((-1.1, -0.6, 1.1, 0.85))
    assert info.parameters == (18 + 1) * 12 + 2 * 12 + 4 * (12 + 1) * 12 + (12 + 1) * 2


def test_it_answers_as_its_network_and_knows_the_exact_answer(write, config, network):
    model = load_model(write(config), "cpu")
    x, sigma = torch.randn(3, 2, 1, 1), torch.tensor([0.1, 1.0, 20.0])
    labels = torch.tensor([1, -1, 0])
    hot = torch.tensor([[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
    torch.testing.assert_close(model.denoise(x, sigma, labels), network(x, sigma, hot))
    points = x[:, :, 0, 0].double()
    score = (network(x, torch.full((3,), 0.5)).flatten(1) - x.flatten(1)) / 0.25
    torch.testing.assert_close(model.score(points, 0.5).float(), score, atol=1e-4, rtol=1e-4)
    points.requires_grad_()
    logs = model.log_density(points, 0.5)
    (slope,) = torch.autograd.grad(logs.sum(), points)
    torch.testing.assert_close(model.exact.score(points.detach(), 0.5), slope)


def test_the_network_is_smooth_and_uses_noise_and_class(network):
    x = torch.randn(4, 2, 1, 1, requires_grad=True)
    one = torch.ones(4)
    out = network(x, one)
    (first,) = torch.autograd.grad(out.sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), network.model.enter.weight)
    assert second.isfinite().all() and second.abs().max() > 0
    assert not torch.allclose(out, network(x, 2 * one))
    assert not torch.allclose(out, network(x, one, torch.eye(2).repeat(2, 1)))
    torch.testing.assert_close(out, network(x, one, torch.zeros(4, 2)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kwargs": {"width": 12, "blocks": 2, "label_dim": 3}}, "2 class names for 3 classes"),
        ({"kwargs": {"width": 0}}, "kwargs.width"),
        ({"classes": ["a", "z"]}, "not those of the distribution"),
        ({"sigma_min": 200.0}, "sigma_min is not below"),
        ({"image": [3, 1, 1]}, "image.0"),
        ({"distribution": {"kind": "mixture"}}, "distribution.mixture.means"),
        ({"sigma_data": -1.0}, "sigma_data"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(write, config, change, said):
    with pytest.raises(ModelError) as error:
        inspect_model(write(config | change))
    assert said in str(error.value) and "Export it again" in str(error.value)


def test_tensors_must_be_those_of_the_network(write, config, network):
    tensors = dict(network.state_dict())
    tensors.pop("model.leave.bias")
    with pytest.raises(ModelError, match=r"model\.leave\.bias is missing"):
        load_model(write(config, tensors), "cpu")


def test_a_file_cut_short_is_damaged(write, config):
    path = write(config)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError, match="is damaged"):
        inspect_model(path)


def test_half_precision_is_read_as_it_was_written(write, config, network):
    path = write(config)
    halves = {name: tensor.half() for name, tensor in load_file(path).items()}
    model = load_model(write(config, halves), "cpu")
    x = torch.randn(5, 2, 1, 1)
    torch.testing.assert_close(model.denoise(x, 1.0), network(x, torch.ones(5)), atol=5e-3, rtol=0)
