"""Checkpoints of improved and guided diffusion, with what the original networks computed."""

import gzip
import json
import math
from collections import OrderedDict

import pytest
import torch
from safetensors.torch import save_file

from studio.diffusion import sample, schedule
from studio.models import ModelError, SettingsNeeded, inspect_model, load_model
from studio.models.formats import guided_diffusion
from studio.models.guided_diffusion.describe import form_for, header_for
from studio.models.guided_diffusion.names import our_name
from studio.models.guided_diffusion.shapes import inferred, is_classifier, is_encoder
from studio.models.presets import choose
from studio.models.torch_file import NamedTensors
from tests.originals import FOLDER, original

SIDE = 16
CASES = {
    "guided_new": {"head_channels": 16, "order": "new", "schedule": "cosine"},
    "guided_wide": {"heads": 4, "head_channels": 0},
    "improved": {"heads": 2, "schedule": "cosine", "steps": 4000, "rescale": True},
}


def bare(weights):
    """Return a state dict as torch makes it, with the versions of its modules beside it."""
    state = OrderedDict(weights)
    state._metadata = OrderedDict({"": {"version": 1}})
    return state


@pytest.fixture(params=["zip", "legacy", "wrapped"])
def write(request, tmp_path):
    """Return a function that writes a checkpoint with an ending that says nothing."""

    def written(weights, name="some.bin"):
        if request.param == "wrapped":
            weights = {f"module.{name}": tensor.half().float() for name, tensor in weights.items()}
            value = {"state_dict": bare(weights), "step": 3}
        else:
            value = bare(weights)
        legacy = request.param == "legacy"
        torch.save(value, tmp_path / name, _use_new_zipfile_serialization=not legacy)
        return tmp_path / name

    return written


@pytest.mark.parametrize("name", CASES)
def test_the_denoiser_is_that_of_the_original(name, write, request):
    case = original(name)
    path = write(case.weights)
    choose(path, {"side": SIDE, **CASES[name]})
    model = load_model(path, "cpu")
    labels = case.kept.get("y")
    denoised = model.denoise(case["x"], case["sigma"].float(), labels)
    coarse = "wrapped" in request.node.name  # it was rounded to half precision
    for ours, theirs in zip(denoised, case["denoised"], strict=True):
        near = (2e-2 if coarse else 1e-5) * theirs.abs().max().item()
        torch.testing.assert_close(ours, theirs, rtol=0, atol=near)
    x = case["x"][:1] / case["x"].abs().max()
    torch.testing.assert_close(model.denoise(x, 1e-5), x, rtol=0, atol=1e-3)


def test_its_levels_are_those_of_its_schedule(write):
    case = original("guided_new")
    path = write(case.weights)
    choose(path, {"side": SIDE, **CASES["guided_new"]})
    info = inspect_model(path)
    assert len(info.table) == 1000
    assert info.table[0] == info.sigma_max == pytest.approx(20291.17, rel=1e-6)
    assert info.sigma_min == pytest.approx(0.0064254, rel=1e-5)
    assert info.prediction == "ε, learned variance"
    assert info.classes == ("0", "1", "2", "3", "4")
    # The original drew its own levels: those of its steps 0, 400, 950 and 7.
    for step, sigma in zip((0, 400, 950, 7), case["sigma"].tolist(), strict=True):
        assert info.table[999 - step] == pytest.approx(sigma, rel=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_it_samples(name, tmp_path):
    path = tmp_path / "ema_0.9999_300000.pt"
    torch.save(bare(original(name).weights), path)
    choose(path, {"side": SIDE, **CASES[name]})
    model = load_model(path, "cpu")
    sigmas = schedule("simple", 4, model.sigma_min, 80, table=model.table)
    start = torch.randn(2, 3, SIDE, SIDE, generator=torch.manual_seed(0)) * sigmas[0]
    with torch.inference_mode():
        *_, last = sample(model.denoise, start, sigmas, "euler")
    assert last.x.isfinite().all()


def test_a_classless_row_adds_nothing(tmp_path):
    case = original("guided_new")
    path = tmp_path / "some.pt"
    torch.save(bare({**case.weights, "label_emb.weight": torch.zeros(5, 128)}), path)
    choose(path, {"side": SIDE, **CASES["guided_new"]})
    without = load_model(path, "cpu").denoise(case["x"], 1.0, case["y"])
    torch.save(bare(case.weights), tmp_path / "other.pt")
    choose(tmp_path / "other.pt", {"side": SIDE, **CASES["guided_new"]})
    none = load_model(tmp_path / "other.pt", "cpu").denoise(case["x"], 1.0)
    torch.testing.assert_close(none, without)


def test_what_the_shapes_leave_open_is_asked(write):
    path = write(original("guided_wide").weights)
    with pytest.raises(SettingsNeeded) as raised:
        inspect_model(path)
    asked = {knob.id: knob.default for knob in raised.value.questions}
    assert asked["side"] == 32  # no published network has its levels
    assert {"heads", "head_channels", "order", "schedule", "steps", "rescale"} <= asked.keys()
    with pytest.raises(SettingsNeeded):
        load_model(path, "cpu")


def test_safetensors_of_the_same_names_open_too(tmp_path):
    case = original("improved")
    save_file(dict(case.weights), tmp_path / "converted.safetensors")
    choose(tmp_path / "converted.safetensors", {"side": SIDE, **CASES["improved"]})
    denoised = load_model(tmp_path / "converted.safetensors", "cpu").denoise(
        case["x"], case["sigma"].float()
    )
    torch.testing.assert_close(denoised[1], case["denoised"][1], rtol=0, atol=1e-5)


def test_settings_that_make_no_network_are_refused(tmp_path):
    torch.save(bare(original("guided_wide").weights), tmp_path / "some.pt")
    choose(tmp_path / "some.pt", {"side": SIDE, "head_channels": 0, "heads": 7})
    with pytest.raises(ModelError, match="do not divide into 7 heads"):
        load_model(tmp_path / "some.pt", "cpu")
    choose(tmp_path / "some.pt", {"side": 18, "heads": 4})
    with pytest.raises(ModelError, match="no multiple of 4"):
        inspect_model(tmp_path / "some.pt")


def test_a_missing_tensor_is_named(tmp_path):
    weights = dict(original("guided_wide").weights)
    del weights["out.0.bias"]
    torch.save(bare(weights), tmp_path / "some.pt")
    choose(tmp_path / "some.pt", {"side": SIDE, "head_channels": 0})
    with pytest.raises(ModelError, match=r"out_norm\.bias is missing"):
        load_model(tmp_path / "some.pt", "cpu")


def test_a_classifier_says_that_it_is_one(tmp_path):
    torch.save(bare(original("classifier_attention").weights), tmp_path / "some.pt")
    assert guided_diffusion.probe(tmp_path / "some.pt")
    with pytest.raises(ModelError, match="is a classifier"):
        inspect_model(tmp_path / "some.pt")


def test_other_files_are_not_taken_for_it(tmp_path, tiny_model):
    torch.save({"time_embed.0.weight": torch.zeros(3, 3)}, tmp_path / "other.pt")
    assert not guided_diffusion.probe(tmp_path / "other.pt")
    assert not guided_diffusion.probe(tiny_model)
    assert not guided_diffusion.probe(tmp_path)


def shapes_of(file):
    every = json.loads(gzip.decompress((FOLDER / f"published_{file}.json.gz").read_bytes()))
    return {id: {name: tuple(shape) for name, shape in pairs} for id, pairs in every.items()}


PUBLISHED = {**shapes_of("guided"), **shapes_of("improved")}
COUNTS = {
    "64x64_diffusion": 295_904_454,
    "128x128_diffusion": 421_529_606,
    "256x256_diffusion": 553_838_086,
    "256x256_diffusion_uncond": 552_814_086,
    "512x512_diffusion": 558_997_638,
    "cifar10_uncond": 52_546_438,
    "imagenet64_uncond": 121_063_942,
    "imagenet64_cond": 273_049_350,
    "lsun_uncond": 113_676_678,
}


@pytest.mark.parametrize("id", COUNTS)
def test_published_networks_are_rebuilt_exactly(id, tmp_path):
    shapes = PUBLISHED[id]
    assert is_encoder(shapes) and not is_classifier(shapes)
    found = inferred(shapes)
    path = tmp_path / f"{id}_2M.pt"
    form = form_for(path, found)
    assert form.recognised.id == id
    header = header_for(path, found, form.answers)
    with torch.device("meta"):
        network = header.kind.build(header.kwargs)
    ours = {name: tuple(each.shape) for name, each in network.named_parameters()}
    assert sum(math.prod(shape) for shape in ours.values()) == COUNTS[id]
    for name, shape in shapes.items():
        ours_shape = ours[our_name(name)]
        if name == "label_emb.weight":
            assert ours_shape == shape[::-1]
        else:
            assert ours_shape in (shape, (*shape, 1)), name


def test_a_network_that_anyone_may_have_trained_is_not_taken_for_the_published(tmp_path):
    found = inferred(PUBLISHED["cifar10_uncond"])
    form = form_for(tmp_path / "ema_0.9999_500000.pt", found)
    assert form.recognised is None
    assert [preset.id for preset in form.presets] == ["cifar10_uncond"]


def test_large_networks_are_known_by_their_shapes(tmp_path):
    form = form_for(tmp_path / "model.pt", inferred(PUBLISHED["256x256_diffusion_uncond"]))
    assert form.recognised.id == "256x256_diffusion_uncond"
    assert [preset.id for preset in form.presets] == ["256x256_diffusion_uncond", "lsun"]


@pytest.mark.parametrize(
    ("file", "name"),
    [("256x256_diffusion_uncond.pt", "ADM, ImageNet 256 without classes"), ("comics.pt", "comics")],
)
def test_a_known_network_has_its_name_only_where_the_file_says_it(
    file, name, tmp_path, monkeypatch
):
    path = tmp_path / file
    path.write_bytes(b"")
    named = NamedTensors(path, PUBLISHED["256x256_diffusion_uncond"], {})
    monkeypatch.setattr(guided_diffusion, "guided_tensors", lambda path: named)
    info = inspect_model(path)
    assert (info.name, info.shape) == (name, (3, 256, 256))
    assert info.sigma_max == pytest.approx(157.407, rel=1e-5)


def test_an_upsampler_is_refused(tmp_path):
    shapes = PUBLISHED["64_256_upsampler"]
    assert is_encoder(shapes)
    found = inferred(shapes)
    form = form_for(tmp_path / "64_256_upsampler.pt", found)
    answers = form.checked({})
    with pytest.raises(ModelError, match="enlarges small pictures"):
        header_for(tmp_path / "64_256_upsampler.pt", found, answers)
