import pickle

import pytest
import torch

from studio.diffusion import sample, schedule
from studio.models import ModelError, inspect_model, load_model
from studio.models.describe import describe
from tests.snapshots import EDM, EDM2, Fixture, programs_at_hand, tiny_vae, write


@pytest.fixture
def canary(tmp_path):
    return tmp_path / "canary"


@pytest.fixture
def snapshot(tmp_path, canary):
    def make(name, **options):
        fixture = Fixture(name)
        if name == "edm2-latent":
            tiny_vae(tmp_path / "vae")
        return write(tmp_path / f"{name}.pkl", fixture, canary, **options), fixture

    return make


def error(found, wanted, sigma):
    """Return the largest difference, as a part of the noise where that is above 1."""
    return ((found - wanted) / sigma[:, None, None, None].clamp(min=1)).abs().max()


def test_the_code_inside_is_run_by_pickle_and_never_here(snapshot, canary):
    path, _ = snapshot("edm-ddpmpp")
    inspect_model(path)
    load_model(path, "cpu")
    assert not canary.exists()
    with programs_at_hand(), path.open("rb") as file:
        pickle.load(file)
    assert canary.exists()


@pytest.mark.parametrize("name", [*EDM, *EDM2])
def test_it_denoises_as_the_original_does(snapshot, canary, name):
    path, fixture = snapshot(name)
    model = load_model(path, "cpu")
    x, sigma = fixture["x"], fixture["sigma"]
    assert error(model.denoise(x, sigma, fixture["labels"]), fixture["D"], sigma) < 1e-5
    if fixture["D_none"] is not None:
        assert error(model.denoise(x, sigma), fixture["D_none"], sigma) < 1e-5
        assert (fixture["D_none"] - fixture["D"]).abs().max() > 1e-3
    assert not canary.exists()


def test_augmentation_labels_reach_the_network(snapshot):
    path, fixture = snapshot("edm-ddpmpp")
    network = load_model(path, "cpu").network
    denoised = network(
        fixture["x"], fixture["sigma"], fixture["labels"], augment_labels=fixture["augment"]
    )
    assert torch.allclose(denoised, fixture["D_augment"], atol=1e-5)
    assert not torch.allclose(fixture["D"], fixture["D_augment"], atol=1e-3)


@pytest.mark.parametrize("name", [*EDM, *EDM2])
def test_without_noise_the_picture_comes_back(snapshot, name):
    model = load_model(snapshot(name)[0], "cpu")
    x = torch.rand(2, *model.info.shape) * 2 - 1
    assert (model.denoise(x, 1e-4) - x).abs().max() < 1e-3


@pytest.mark.parametrize("name", [*EDM, *EDM2])
def test_it_samples_from_its_highest_level_down(snapshot, name):
    model = load_model(snapshot(name)[0], "cpu")
    sigmas = schedule("karras", 4, model.sigma_min, min(model.sigma_max, 80))
    steps = list(sample(model.denoise, torch.randn(1, *model.info.shape) * sigmas[0], sigmas))
    assert len(steps) == 4
    assert steps[-1].x.isfinite().all()


@pytest.mark.parametrize(
    ("name", "kind", "levels", "classes", "parameters"),
    [
        ("edm-ddpmpp", ("DDPM++", "EDM precond"), (0.002, 160), 3, 48_379),
        ("edm-adm", ("ADM", "EDM precond"), (0.002, 160), 4, 2_826_307),
        ("vp-ddpmpp", ("DDPM++", "VP precond"), (0.0010005, 152.167), 0, 48_275),
        ("ve-ncsnpp", ("NCSN++", "VE precond"), (0.02, 100), 0, 48_755),
        ("iddpm-adm", ("ADM", "iDDPM precond, learned variance"), (0.0064254, 160), 0, 1_086_086),
        ("edm2-pixel", ("EDM2", "EDM precond"), (0.002, 160), 0, 177_275 - 128),
    ],
)
def test_it_says_what_it_is(snapshot, name, kind, *, levels, classes, parameters):
    info = inspect_model(snapshot(name)[0])
    assert ((info.family, info.prediction), info.shape) == (kind, (3, 8, 8))
    assert (info.sigma_min, info.sigma_max) == pytest.approx(levels, rel=1e-4)
    assert info.classes == tuple(str(index) for index in range(classes))
    assert info.parameters == parameters
    assert info.trainable


@pytest.mark.parametrize("name", ["edm-ddpmpp", "iddpm-adm", "edm2-pixel"])
def test_loaded_and_inspected_it_is_the_same(snapshot, name):
    path, _ = snapshot(name)
    assert load_model(path, "cpu").info == inspect_model(path)


def test_its_network_is_described_for_training(snapshot):
    header = describe(snapshot("edm-ddpmpp")[0])
    assert (header.network, header.kwargs.augment_dim, header.kwargs.label_dim) == (
        "SongUNet",
        9,
        3,
    )


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_every_protocol_that_holds_bytes_is_read(snapshot, protocol):
    path, fixture = snapshot("vp-ddpmpp", protocol=protocol)
    x, sigma = fixture["x"], fixture["sigma"]
    assert error(load_model(path, "cpu").denoise(x, sigma), fixture["D"], sigma) < 1e-5


def test_half_precision_is_widened(snapshot):
    path, fixture = snapshot("edm2-pixel", half=True)
    model = load_model(path, "cpu")
    assert all(each.dtype == torch.float32 for each in model.network.parameters())
    close = model.denoise(fixture["x"], fixture["sigma"])
    assert torch.allclose(close, fixture["D"], atol=2e-2)


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("edm-ddpmpp", {"model_channels": 16}, "does not hold the network"),
        ("edm-ddpmpp", {"model_channels": 10**9}, "model_channels"),
        ("edm-ddpmpp", {"surprise": 1}, "surprise"),
        ("edm-ddpmpp", {"model_type": "OtherUNet"}, "OtherUNet"),
        ("edm-ddpmpp", {"img_resolution": "8"}, "img_resolution|image"),
        ("edm-ddpmpp", {"sigma_data": None}, "not a number"),
        ("vp-ddpmpp", {"beta_d": 1e9}, "not a number|knobs|sigma"),
        ("iddpm-adm", {"M": 10**12}, "not a number|M"),
        ("edm2-pixel", {"num_blocks": 99}, "num_blocks"),
        ("edm2-pixel", {"resample_filter": [1, -1]}, "resample_filter"),
        ("edm2-pixel", {"sigma_data": "a"}, "sigma_data"),
    ],
)
def test_a_network_that_cannot_be_is_refused(snapshot, name, changes, reason):
    path, _ = snapshot(name, **changes)
    with pytest.raises(ModelError, match=reason):
        load_model(path, "cpu")


@pytest.mark.parametrize("name", ["edm-ddpmpp", "edm2-pixel"])
def test_a_weight_that_is_missing_or_added_is_named(snapshot, tmp_path, canary, name):
    key = "model.map_layer0.weight" if name == "edm-ddpmpp" else "unet.emb_noise.weight"
    for change in (lambda w: w.pop(key), lambda w: w.update(more=torch.ones(2))):
        fixture = Fixture(name)
        change(fixture.weights)
        path = write(tmp_path / "changed.pkl", fixture, canary)
        with pytest.raises(ModelError, match=r"missing|not part of the network"):
            load_model(path, "cpu")


def test_a_class_of_another_program_is_named(tmp_path, canary):
    fixture = Fixture("edm-ddpmpp")
    fixture.class_name = "Generator"
    path = write(tmp_path / "gan.pkl", fixture, canary)
    with pytest.raises(ModelError, match="“Generator”, which is none of the networks"):
        inspect_model(path)


def test_half_a_download_is_refused_wherever_it_ends(snapshot, tmp_path):
    data = snapshot("edm-ddpmpp")[0].read_bytes()
    for part in (3, 40, 1000, len(data) // 3, len(data) // 2, len(data) - 1):
        path = tmp_path / f"{part}.pkl"
        path.write_bytes(data[:part])
        with pytest.raises(ModelError):
            inspect_model(path)
