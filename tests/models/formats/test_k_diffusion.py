"""Checkpoints of k-diffusion, with what the original networks computed."""

import copy
import gzip
import json
import math
from collections import OrderedDict

import pytest
import torch
from safetensors.torch import save_file

from studio.diffusion import sample, schedule
from studio.models import ModelError, inspect_model, load_model
from studio.models.formats import k_diffusion
from studio.models.k_diffusion.file import KFile
from studio.models.torch_file import NamedTensors
from tests.originals import FOLDER, original

CASES = ("k_image_v1", "k_image_v1_patch", "k_transformer_v2")


def slim(case, path, config=None):
    """Write what convert_for_inference writes, and return its path."""
    tensors = {key: each.contiguous() for key, each in case.weights.items()}
    told = json.dumps(config or case.case["config"], indent=4)
    save_file(tensors, path, metadata={"config": told})
    return path


@pytest.fixture(params=["zip", "legacy", "slim"])
def write(request, tmp_path):
    """Return a function that writes a case as the public code does, with an ending of no use."""

    def written(case):
        path = tmp_path / "some.bin"
        if request.param == "slim":
            return slim(case, path)
        value = {
            "config": case.case["config"],
            "model": OrderedDict((key, each + 1) for key, each in case.weights.items()),
            "model_ema": OrderedDict(case.weights),
            "opt": {"state": {}, "param_groups": []},
            "sched": {"last_epoch": 4},
            "ema_sched": {"last_epoch": 4},
            "epoch": 1,
            "step": 5,
            "gns_stats": None,
            "ema_stats": {},
            "demo_gen": torch.zeros(16, dtype=torch.uint8),
        }
        torch.save(value, path, _use_new_zipfile_serialization=request.param == "zip")
        return path

    return written


@pytest.mark.parametrize("name", CASES)
def test_the_denoiser_is_that_of_the_original(name, write):
    case = original(name)
    model = load_model(write(case), "cpu")
    labels = case.kept.get("y")
    if labels is not None:  # the last class there is none
        labels = torch.where(labels == len(model.info.classes), -1, labels)
    denoised = model.denoise(case["x"], case["sigma"], labels)
    for ours, theirs in zip(denoised, case["denoised"], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5 * theirs.abs().max().item())
    x = case["x"][:1] / case["x"].abs().max()
    torch.testing.assert_close(model.denoise(x, 1e-5), x, rtol=0, atol=1e-3)


@pytest.mark.parametrize("name", CASES)
def test_it_says_what_it_is(name, write):
    info = inspect_model(write(original(name)))
    assert (info.format, info.shape) == ("k-diffusion", (3, 16, 16))
    assert (info.sigma_min, info.sigma_max, info.sigma_data) == (0.01, 80, 0.5)
    assert info.classes == (("0", "1", "2") if name == "k_transformer_v2" else ())
    assert info.trainable


@pytest.mark.parametrize("name", CASES)
def test_it_samples(name, tmp_path):
    case = original(name)
    save_file(case.weights, tmp_path / "m.safetensors", {"config": json.dumps(case.case["config"])})
    model = load_model(tmp_path / "m.safetensors", "cpu")
    assert model.info.parameters == sum(each.numel() for each in model.network.parameters())
    sigmas = schedule("karras", 4, model.sigma_min, model.sigma_max)
    start = torch.randn(2, 3, 16, 16, generator=torch.manual_seed(0)) * sigmas[0]
    with torch.inference_mode():
        *_, last = sample(model.denoise, start, sigmas, "heun")
    assert last.x.isfinite().all()


def test_no_class_is_the_class_that_was_kept_for_it(tmp_path):
    case = original("k_transformer_v2")
    save_file(case.weights, tmp_path / "m.safetensors", {"config": json.dumps(case.case["config"])})
    model = load_model(tmp_path / "m.safetensors", "cpu")
    rows = [model.denoise(case["x"][3:], 75.0, labels) for labels in (None, torch.tensor([-1]))]
    for row in rows:
        torch.testing.assert_close(row, case["denoised"][3:], rtol=1e-4, atol=1e-4)


def test_half_precision_of_the_slim_files_is_read(tmp_path):
    case = original("k_image_v1")
    halved = {key: each.half() for key, each in case.weights.items()}
    save_file(halved, tmp_path / "m.safetensors", {"config": json.dumps(case.case["config"])})
    denoised = load_model(tmp_path / "m.safetensors", "cpu").denoise(case["x"], case["sigma"])
    for ours, theirs in zip(denoised, case["denoised"], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-2 * theirs.abs().max().item())


WRONG = {
    "cross_cond_dim": (8, "besides noise"),
    "mapping_cond_dim": (3, "besides noise"),
    "depths": ([1], "different numbers of levels"),
    "mapping_out": (33, "features"),
    "input_size": ([15, 15], "no multiple of"),
    "sigma_max": (0.001, "sigma_min is not below"),
    "channels": (["a"], "model"),
    "type": ("image_transformer_v1", "not known here"),
}


@pytest.mark.parametrize("key", WRONG)
def test_a_configuration_that_makes_no_sense_is_refused(key, tmp_path):
    value, said = WRONG[key]
    case = original("k_image_v1")
    config = copy.deepcopy(case.case["config"])
    config["model"][key] = value
    path = slim(case, tmp_path / "some.bin", config)
    assert k_diffusion.probe(path)
    with pytest.raises(ModelError, match=said):
        inspect_model(path)


def test_a_configuration_of_another_network_is_refused(tmp_path):
    case = original("k_image_v1")
    config = copy.deepcopy(case.case["config"])
    config["model"]["has_variance"] = False
    with pytest.raises(ModelError, match="does not hold the network"):
        load_model(slim(case, tmp_path / "some.bin", config), "cpu")


def test_other_files_are_not_taken_for_it(tmp_path, tiny_model):
    torch.save({"config": {"model": "x"}, "model": {"a": torch.zeros(2)}}, tmp_path / "other.pth")
    assert not k_diffusion.probe(tmp_path / "other.pth")
    assert not k_diffusion.probe(tiny_model)
    assert not k_diffusion.probe(tmp_path)


PUBLISHED = json.loads(gzip.decompress((FOLDER / "published_kdiff.json.gz").read_bytes()))
COUNTS = {
    "config_cifar10.json": 66_121_731,
    "config_mnist.json": 19_598_849,
    "config_32x32_small.json": 66_121_731,
    "config_cifar10_transformer.json": 20_981_809,
    "config_oxford_flowers.json": 22_361_274,
    "config_oxford_flowers_shifted_window.json": 22_361_274,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_configurations_are_rebuilt_exactly(name, tmp_path):
    config, pairs = PUBLISHED[name]
    shapes = {key: tuple(shape) for key, shape in pairs}
    named = NamedTensors(tmp_path / name, shapes, {})
    header = KFile(tmp_path / name, config, named).header()
    with torch.device("meta"):
        network = header.kind.build(header.kwargs)
    assert sum(math.prod(each.shape) for each in network.parameters()) == COUNTS[name]
    assert header.image[1:] == tuple(config["model"]["input_size"])
