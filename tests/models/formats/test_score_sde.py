"""Checkpoints as score_sde_pytorch writes them, with what the original networks computed."""

import gzip
import json
import math
from collections import OrderedDict

import pytest
import torch

from studio.diffusion import sample, schedule
from studio.models import ModelError, SettingsNeeded, inspect_model, load_model
from studio.models.formats import score_sde
from studio.models.presets import choose, form_of
from studio.models.score_sde.describe import form_for, header_for
from studio.models.score_sde.modules import modules_of
from studio.models.score_sde.plan import planned
from tests.originals import FOLDER, original

CASES = {
    "score_ve": "ve",
    "score_ve_progressive": "ve",
    "score_ve_discrete": "ve_discrete",
    "score_vp": "vp",
    "score_vp_ncsnpp": "vp",
    "score_vp_discrete": "vp_discrete",
    "score_subvp": "subvp",
    "score_ddpm": "vp",
}
SIDE = 16


def checkpoint(case, **changes):
    """Return what save_checkpoint of the original writes: the average beside other weights."""
    weights = OrderedDict(
        (name, tensor + 1 if name in case.case["parameters"] else tensor)
        for name, tensor in case.weights.items()
    )
    average = [case.weights[name] for name in case.case["parameters"]]
    return {
        "optimizer": {"state": {}, "param_groups": [{"lr": 2e-4, "params": [0, 1]}]},
        "model": weights,
        "ema": {"decay": 0.999, "num_updates": 5, "shadow_params": average},
        "step": 5,
    } | changes


@pytest.fixture(params=[False, True], ids=["zip", "legacy"])
def write(request, tmp_path):
    """Return a function that writes a checkpoint with an ending that says nothing."""

    def written(value, name="some.bin"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(value, path, _use_new_zipfile_serialization=not request.param)
        return path

    return written


@pytest.mark.parametrize("name", CASES)
def test_the_denoiser_is_that_of_the_original(name, write):
    case = original(name)
    path = write(checkpoint(case))
    choose(path, {"side": SIDE}, preset=CASES[name])
    model = load_model(path, "cpu")
    denoised = model.denoise(case["x"], case["sigma"])
    for ours, theirs in zip(denoised, case["denoised"].float(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5 * theirs.abs().max().item())
    x = case["x"][:1] / case["x"].abs().max()
    torch.testing.assert_close(model.denoise(x, 1e-5), x, rtol=0, atol=1e-3)
    low, high = case["sigma"].min().item(), case["sigma"].max().item()
    assert model.sigma_min <= low * 1.5  # the discrete models start at their second level
    assert model.sigma_max == pytest.approx(high, rel=1e-5)


@pytest.mark.parametrize("name", ["score_ve", "score_subvp", "score_ve_discrete", "score_ddpm"])
def test_it_samples(name, tmp_path):
    path = tmp_path / "checkpoint.pth"
    torch.save(checkpoint(original(name)), path)
    choose(path, {"side": SIDE}, preset=CASES[name])
    model = load_model(path, "cpu")
    sigmas = schedule("karras", 4, model.sigma_min, model.sigma_max)
    start = torch.randn(2, 3, SIDE, SIDE, generator=torch.manual_seed(0)) * sigmas[0]
    with torch.inference_mode():
        *_, last = sample(model.denoise, start, sigmas, "heun")
    assert last.x.isfinite().all()
    assert model.codec.preview(last.x).shape == (2, SIDE, SIDE, 3)


def test_without_an_average_the_network_itself_is_taken(write):
    case = original("score_ve")
    path = write(OrderedDict(case.weights))
    choose(path, {"side": SIDE})
    denoised = load_model(path, "cpu").denoise(case["x"], case["sigma"])
    torch.testing.assert_close(denoised[1], case["denoised"][1], rtol=0, atol=1e-4)


def test_what_is_found_out_without_asking(write):
    info = inspect_model(write(checkpoint(original("score_ve"))))
    assert (info.format, info.family) == ("score-sde", "NCSN++")
    assert (info.sigma_min, info.sigma_max) == pytest.approx((0.02, 100))
    assert info.shape == (3, 32, 32)  # attention at 16, which is one level down
    assert info.trainable


def test_without_a_list_of_levels_those_of_the_published_are_taken(write):
    weights = OrderedDict(original("score_ve").weights)
    del weights["module.sigmas"]
    path = write(weights)
    info = inspect_model(path)
    assert (info.sigma_min, info.sigma_max) == pytest.approx((0.02, 100))
    choose(path, {"sde": "ve_discrete"})
    with pytest.raises(ModelError, match="lists no noise levels"):
        inspect_model(path)


def test_what_cannot_be_found_out_is_asked(write):
    path = write(checkpoint(original("score_vp")))
    with pytest.raises(SettingsNeeded) as raised:
        inspect_model(path)
    assert {knob.id for knob in raised.value.questions} == {"side", "sde", "data", "filter"}
    assert raised.value.presets[0].id == "vp"


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("vp/cifar10_ddpmpp", "vp_discrete"),
        ("vp/cifar10_ddpmpp_continuous", "vp"),
        ("subvp/cifar10_ddpmpp_continuous", "subvp"),
    ],
)
def test_the_published_folders_are_known(folder, expected, write):
    path = write(checkpoint(original("score_vp")), f"{folder}/checkpoint_8.pth")
    assert form_of(path).recognised.id == expected
    assert inspect_model(path).table == () or expected == "vp_discrete"


def test_data_from_0_to_1_halves_the_noise_that_the_network_knows(write):
    case = original("score_ve")
    path = write(checkpoint(case))
    choose(path, {"side": SIDE, "data": "signed"})
    model = load_model(path, "cpu")
    assert model.sigma_max == pytest.approx(50)
    denoised = model.denoise(case["x"], case["sigma"])
    assert (denoised - case["denoised"]).abs().max() > 0.01


def damaged(case):
    """Yield checkpoints with something wrong, and what is said of it."""
    short = checkpoint(case)
    short["ema"]["shadow_params"].pop()
    yield short, "averaged weights are not those"
    swapped = checkpoint(case)
    swapped["ema"]["shadow_params"].reverse()
    yield swapped, "averaged weights are not those"
    missing = checkpoint(case)
    del missing["model"]["module.all_modules.4.Conv_0.weight"]
    yield missing, "not known here"
    gap = checkpoint(case)
    for name in [name for name in gap["model"] if ".all_modules.5." in name]:
        del gap["model"][name]
    yield gap, "layers are missing"


@pytest.mark.parametrize("which", range(4))
def test_a_damaged_checkpoint_is_refused(which, tmp_path):
    value, said = list(damaged(original("score_ve")))[which]
    path = tmp_path / "checkpoint.pth"
    torch.save(value, path)
    with pytest.raises(ModelError, match=said):
        load_model(path, "cpu")


def test_other_files_are_not_taken_for_it(tmp_path, tiny_model):
    torch.save({"model": {"weight": torch.zeros(3)}}, tmp_path / "other.pth")
    assert not score_sde.probe(tmp_path / "other.pth")
    assert not score_sde.probe(tiny_model)
    assert not score_sde.probe(tmp_path)


PUBLISHED = json.loads(gzip.decompress((FOLDER / "published_score.json.gz").read_bytes()))
COUNTS = {
    "ve.cifar10_ncsnpp_continuous": 62_758_915,
    "ve.cifar10_ncsnpp_deep_continuous": 107_587_075,
    "vp.cifar10_ddpmpp_continuous": 61_804_419,
    "vp.cifar10_ddpmpp_deep_continuous": 106_632_579,
    "subvp.cifar10_ncsnpp_continuous": 62_693_251,
    "ve.ffhq_256_ncsnpp_continuous": 65_574_549,
    "ve.ffhq_ncsnpp_continuous": 105_785_896,
    "vp.ddpm.cifar10": 35_218_947,
}
SIDES = {"ffhq_256": 256, "ffhq": 1024, "church": 256}


@pytest.mark.parametrize("config", PUBLISHED)
def test_published_networks_are_rebuilt_exactly(config, tmp_path):
    shapes = {name.removeprefix("module."): tuple(shape) for name, shape in PUBLISHED[config]}
    plan = planned(modules_of(shapes))
    kind, _, name = config.partition(".")
    path = tmp_path / kind / name.replace(".", "/") / "checkpoint.pth"
    form = form_for(path, plan)
    answers = form.checked(form.presets[0].answers)
    header = header_for(path, plan, (0.01, 50.0), answers)
    side = next((side for piece, side in SIDES.items() if piece in config), 32)
    assert header.image == (3, side, side)
    with torch.device("meta"):
        network = header.kind.build(header.kwargs)
    ours = sum(each.numel() for each in network.parameters())
    frequencies = math.prod(shapes.get("all_modules.0.W", (0,)))
    theirs = sum(math.prod(s) for name, s in shapes.items() if name != "sigmas")
    assert ours + frequencies == theirs == COUNTS.get(config, theirs)
