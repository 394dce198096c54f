"""New networks, and those that begin from a model."""

import pytest
import torch
from safetensors.torch import load_file

from studio.models import load_model
from studio.models.checkpoints import checkpoints
from studio.training.checkpoint import save_tensors
from studio.training.errors import TrainingError
from studio.training.export import export_model
from studio.training.network import Beginning
from studio.training.sections import About, Lora, Network
from tests.training.conftest import go, losses

BASE = "[average]\nhalf_life_kimg = 0.001\nramp_up = 0.0\n"


def begin(folder, init, classes, augment_labels=0, shape=(3, 8, 8), *, outputs=1):
    beginning = Beginning(Network(init=init), Lora(), folder, outputs)
    header = beginning.header(shape, classes, augment_labels, 0.5, About(name="New"))
    return header, beginning.build(header, 1, torch.float32)


@pytest.fixture
def base(tiny):
    folder = tiny("base", kimg=0.08, more=BASE)
    go(folder)
    return folder


def test_it_begins_as_the_model_that_it_begins_from(base, tmp_path):
    header, network = begin(tmp_path, "base", ("x", "y", "z"))
    tensors = load_file(checkpoints(base)[0] / "model.safetensors")
    state = network.state_dict()
    assert state.keys() == tensors.keys()
    assert all(torch.equal(state[name], tensors[name]) for name in tensors)
    assert header.name == "New" and header.classes == ("x", "y", "z")


def test_what_a_model_says_of_itself_is_not_said_of_what_comes_of_it(tmp_path):
    beginning = Beginning(Network(init="dungeon-tiles-small.safetensors"), Lora(), tmp_path)
    assert beginning.base.note
    header = beginning.header((3, 32, 32), (), 3, 0.5, About(name="New"))
    assert (header.name, header.note) == ("New", "")


def test_classes_are_known_by_their_names_and_others_are_no_class(base, tmp_path):
    model = load_model(base, "cpu")
    _, network = begin(tmp_path, "base", ("w", "z"), augment_labels=9)
    torch.manual_seed(0)
    x, sigma = torch.randn(1, 3, 8, 8), torch.tensor([1.0])
    old = model.denoise(x, 1.0, torch.tensor([2]))
    told = torch.zeros(1, 9) + 0.5
    z = network(x, sigma, torch.tensor([[0.0, 1.0]]), told)
    w = network(x, sigma, torch.tensor([[1.0, 0.0]]), told)
    torch.testing.assert_close(z, old, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(w, model.denoise(x, 1.0), atol=1e-5, rtol=1e-5)
    assert not torch.allclose(z, w, atol=1e-4)
    _, network = begin(tmp_path, "base", ())
    torch.testing.assert_close(network(x, sigma), model.denoise(x, 1.0), atol=1e-5, rtol=1e-5)


def test_what_does_not_fit_is_refused_with_the_reason(base, tmp_path):
    beginning = Beginning(Network(init="base"), Lora(rank=2), tmp_path)
    with pytest.raises(TrainingError, match="a LoRA keeps the size of its model, 8x8"):
        beginning.header((3, 16, 16), (), 0, 0.5, About())
    with pytest.raises(TrainingError, match="was told 0 numbers about the augmentations"):
        beginning.header((3, 8, 8), (), 9, 0.5, About())
    with pytest.raises(TrainingError, match="A LoRA changes a model that there is"):
        Beginning(Network(), Lora(rank=2), tmp_path)
    with pytest.raises(TrainingError, match=r"no layer is called “\*.nothing”. Write attention"):
        lora = Lora(rank=2, targets=("*.nothing",))
        beginning = Beginning(Network(init="base"), lora, tmp_path)
        beginning.build(beginning.header((3, 8, 8), (), 0, 0.5, About()), 1, torch.float32)
    with pytest.raises(TrainingError, match="There is no model at"):
        begin(tmp_path, "nowhere", ())
    with pytest.raises(TrainingError, match=r"\[network\] makes no network"):
        beginning = Beginning(Network(multipliers=(1, 2, 2, 2)), Lora(), tmp_path)
        beginning.header((3, 12, 12), (), 0, 0.5, About())


@pytest.mark.parametrize(
    ("init", "reason"),
    [
        ("dungeon-tiles.npz", "ideal denoiser of a set of pictures"),
        ("two-moons.toy.json", "a distribution in the plane"),
    ],
)
def test_what_has_no_weights_cannot_be_trained(init, reason, tmp_path):
    with pytest.raises(TrainingError, match=f"has no weights to train: it is .*{reason}"):
        Beginning(Network(init=init), Lora(), tmp_path)


def test_another_resolution_keeps_every_weight_and_the_levels_that_attend(tmp_path):
    wish = Network(channels=8, blocks=1, multipliers=(1, 2, 2), attention=(4,))
    first = Beginning(wish, Lora(), tmp_path)
    header = first.header((3, 16, 16), (), 0, 0.5, About(name="Small"))
    small = first.build(header, 3, torch.float32)
    save_tensors(tmp_path / "small.safetensors", small.state_dict(), header)
    larger = Beginning(Network(init="small.safetensors"), Lora(), tmp_path)
    assert (larger.multiple, larger.side) == (4, 16)
    described = larger.header((3, 32, 32), (), 0, 0.5, About())
    assert (described.image, described.kwargs.attn_resolutions) == ((3, 32, 32), (8,))
    large = larger.build(described, 4, torch.float32)
    # Layers stand in the same order, whatever they are called.
    pairs = zip(small.state_dict().values(), large.state_dict().values(), strict=True)
    assert all(torch.equal(old, new) for old, new in pairs)
    x = torch.randn(1, 3, 32, 32)
    assert large(x, torch.ones(1)).shape == x.shape


def test_a_run_at_another_resolution_makes_a_model_of_it(base, tiny):
    folder = tiny("larger", kimg=0.016)
    text = (folder / "run.toml").read_text()
    network = text[text.index("[network]") : text.index("[loss]")]
    text = text.replace(network, '[network]\ninit = "../base"\n')
    (folder / "run.toml").write_text(text.replace("[data]\n", "[data]\nsize = 16\n"))
    go(folder)
    assert load_model(folder, "cpu").info.shape == (3, 16, 16)


def test_a_fine_tuned_run_begins_with_the_loss_of_its_base(base, tiny):
    fresh, tuned = tiny("fresh", kimg=0.04), tiny("tuned", kimg=0.04)
    text = (tuned / "run.toml").read_text()
    network = text[text.index("[network]") : text.index("[loss]")]
    (tuned / "run.toml").write_text(text.replace(network, '[network]\ninit = "../base"\n'))
    for folder in (fresh, tuned):
        go(folder)
    assert losses(tuned)[0] < losses(fresh)[0]
    assert load_model(tuned, "cpu").info.classes == ("x", "y", "z")


@pytest.mark.parametrize("kind", ["ddpm++", "ncsn++"])
def test_a_new_network_and_its_header_agree(kind, tmp_path):
    wish = Network(kind=kind, channels=8, blocks=1, attention=(4,), space_to_depth=2)
    beginning = Beginning(wish, Lora(), tmp_path)
    assert (beginning.multiple, beginning.channels) == (4, 0)
    header = beginning.header((3, 16, 16), ("a", "b"), 9, 0.4, About(licence="CC0"))
    assert (header.sigma_data, header.licence, header.kwargs.augment_dim) == (0.4, "CC0", 9)
    network = beginning.build(header, 5, torch.float32)
    again = beginning.build(header, 5, torch.float32)
    x = torch.randn(2, 3, 16, 16)
    found = network(x, torch.tensor([0.1, 9.0]), torch.eye(2), torch.zeros(2, 9))
    assert found.shape == x.shape
    assert torch.equal(found, again(x, torch.tensor([0.1, 9.0]), torch.eye(2), torch.zeros(2, 9)))


def test_a_variance_is_learned_beside_what_the_model_knew(base, tmp_path):
    """Nichol & Dhariwal 2021: the channels of the variance begin at 0 and change no estimate."""
    header, network = begin(tmp_path, "base", ("x", "y", "z"), outputs=2)
    assert header.learned_variance and header.kwargs.out_channels == 6
    x, sigma = torch.randn(2, 3, 8, 8), torch.tensor([0.3, 4.0])
    denoised, variance = network.with_variance(x, sigma)
    torch.testing.assert_close(denoised, load_model(base, "cpu").denoise(x, sigma))
    assert variance.shape == x.shape and not variance.any()


def test_a_hybrid_run_leaves_a_model_that_samples(tiny, tmp_path):
    folder = tiny("hybrid", kimg=0.08)
    text = (folder / "run.toml").read_text().replace("p_mean = -0.5", "kind = 'hybrid'\nm = 50")
    (folder / "run.toml").write_text(text.replace("blocks = 1", "blocks = 1\nspace_to_depth = 2"))
    go(folder)
    assert all(loss is not None for loss in losses(folder))
    out = export_model(folder, tmp_path / "small.safetensors")
    for path in (folder, out):
        model = load_model(path, "cpu")
        assert "learned variance" in model.info.prediction
        x = torch.randn(2, 3, 8, 8)
        assert model.denoise(x, 1.0).shape == x.shape
        assert model.network.with_variance(x, torch.ones(2))[1].abs().max() > 0
    # A model that has the channels keeps them, whatever it is trained on next.
    header, network = begin(tmp_path, str(folder), ("x", "y", "z"))
    assert header.learned_variance and header.space_to_depth == 2
    after = network(x, torch.ones(2))
    torch.testing.assert_close(after, load_model(folder, "cpu").denoise(x, 1.0))


def test_a_lora_cannot_add_a_variance(base, tmp_path):
    beginning = Beginning(Network(init="base"), Lora(rank=2), tmp_path, outputs=2)
    with pytest.raises(TrainingError, match="a LoRA cannot add them"):
        beginning.header((3, 8, 8), ("x", "y", "z"), 0, 0.5, About())
