"""Classifiers of guided diffusion, with what the original networks computed."""

from collections import OrderedDict

import pytest
import torch

from studio.models import ModelError
from studio.models.classifiers import inspect_classifier, load_classifier
from studio.models.guided_diffusion.classifier import form_for, found_classifier
from studio.models.networks.guided_classifier import GuidedClassifier
from studio.models.presets import choose, form_of
from tests.models.formats.test_guided_diffusion import PUBLISHED
from tests.originals import original

SIDE = 16
POOLS = ("attention", "adaptive", "spatial", "spatial_v2")


@pytest.fixture
def classifier(request, tmp_path):
    """Return a case and its file, with what it leaves open answered."""
    case = original(f"classifier_{request.param}")
    path = tmp_path / "some.bin"
    torch.save(OrderedDict(case.weights), path)
    choose(path, {"side": SIDE, "head_channels": 16})
    return case, path


@pytest.mark.parametrize("classifier", POOLS, indirect=True)
def test_it_tells_what_the_original_told(classifier):
    case, path = classifier
    opened = load_classifier(path, "cpu")
    told = opened(case["x"], case["sigma"].float())
    torch.testing.assert_close(told, case["log"], rtol=0, atol=1e-5 * case["log"].abs().max())
    assert told.exp().sum(dim=1).tolist() == pytest.approx([1, 1, 1])
    chosen = opened.log_probability(case["x"], case["sigma"].float(), case["y"])
    assert torch.equal(chosen, told[range(3), case["y"]])


@pytest.mark.parametrize("classifier", ["attention", "spatial"], indirect=True)
def test_its_gradient_is_that_of_the_original(classifier):
    """The original's is in what the network sees, which is x / sqrt(1 + sigma^2)."""
    case, path = classifier
    x = case["x"].requires_grad_()
    load_classifier(path, "cpu").log_probability(
        x, case["sigma"].float(), case["y"]
    ).sum().backward()
    expected = case["grad"] / (1 + case["sigma"].float() ** 2).sqrt()[:, None, None, None]
    for ours, theirs in zip(x.grad, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-5 * theirs.abs().max().item())


@pytest.mark.parametrize("classifier", ["attention"], indirect=True)
def test_what_is_known_before_it_is_loaded(classifier):
    case, path = classifier
    info = inspect_classifier(path)
    assert info.shape == (3, SIDE, SIDE)
    assert info.classes == 4
    assert info.parameters == sum(each.numel() for each in case.weights.values())
    assert form_of(path).answers["head_channels"] == 16


def test_the_pooling_tells_the_side(tmp_path):
    torch.save(OrderedDict(original("classifier_attention").weights), tmp_path / "some.pt")
    assert inspect_classifier(tmp_path / "some.pt").shape == (3, SIDE, SIDE)


@pytest.mark.parametrize("classifier", ["attention"], indirect=True)
def test_pictures_of_another_size_are_refused(classifier):
    opened = load_classifier(classifier[1], "cpu")
    with pytest.raises(ModelError, match="3 x 16 x 16"):
        opened(torch.zeros(1, 3, 8, 8), 1.0)


def test_what_is_no_classifier_is_refused(tmp_path, tiny_model):
    torch.save(OrderedDict(original("improved").weights), tmp_path / "unet.pt")
    for path in (tmp_path / "unet.pt", tiny_model):
        with pytest.raises(ModelError, match="no classifier"):
            load_classifier(path)
    with pytest.raises(ModelError, match="no file or folder"):
        inspect_classifier(tmp_path / "missing.pt")


@pytest.mark.parametrize("missing", ["out.2.c_proj.bias", "input_blocks.1.0.in_layers.0.bias"])
def test_a_classifier_that_is_not_whole_is_refused(missing, tmp_path):
    weights = OrderedDict(original("classifier_attention").weights)
    del weights[missing]
    torch.save(weights, tmp_path / "some.pt")
    choose(tmp_path / "some.pt", {"head_channels": 16})
    with pytest.raises(ModelError, match="no whole classifier"):
        load_classifier(tmp_path / "some.pt", "cpu")


@pytest.mark.parametrize(
    ("id", "side", "schedule", "count"),
    [
        ("64x64_classifier", 64, "cosine", 65_438_568),
        ("128x128_classifier", 128, "linear", 42_568_040),
        ("256x256_classifier", 256, "linear", 54_096_360),
        ("512x512_classifier", 512, "linear", 54_448_360),
    ],
)
def test_published_classifiers_are_rebuilt_exactly(id, side, schedule, count, tmp_path):
    found = found_classifier(tmp_path / f"{id}.pt", PUBLISHED[id])
    answers = form_for(tmp_path / f"{id}.pt", found).answers
    assert (answers["side"], answers["schedule"], found.classes) == (side, schedule, 1000)
    with torch.device("meta"):
        network = GuidedClassifier(**found.options(answers))
    assert sum(each.numel() for each in network.parameters()) == count
