import pytest
import torch

from studio.models import ModelError, Running, load_model
from studio.models import open as opening
from studio.models.running import place
from studio.models.running.estimate import Estimate

CUDA = torch.device("cuda")


@pytest.fixture
def model(tiny_model):
    return load_model(tiny_model, "cpu")


@pytest.fixture
def said():
    return []


@pytest.fixture
def roomy(monkeypatch):
    monkeypatch.setattr(place, "free_bytes", lambda _device: 10**9)


def given(model, asked):
    def load(device):
        asked.append(device.type)
        return model

    return load


def test_on_a_cpu_a_network_runs_whole_and_as_it_is(model, said):
    short = Estimate("cpu", weights=10, work=10**9, free=20)
    for offload in ("auto", "on", "off"):
        asked = []
        running = Running(offload=offload, warn=said.append)
        opened = place.opened(given(model, asked), torch.device("cpu"), running, short)
        assert (asked, opened.turns, opened.compiled, said) == (["cpu"], None, None, [])


@pytest.mark.parametrize(
    ("offload", "free", "in_turns"),
    [
        ("auto", 10**9, False),
        ("auto", 900, True),
        ("auto", 10, True),
        ("on", 10**9, True),
        ("off", 900, False),
    ],
)
@pytest.mark.usefixtures("roomy")
def test_networks_take_turns_where_memory_is_short(model, offload, free, in_turns):
    asked, said = [], []
    expected = Estimate("cuda", weights=900, work=100, free=free)
    running = Running(offload=offload, warn=said.append)
    opened = place.opened(given(model, asked), CUDA, running, expected)
    assert asked == ["cpu" if in_turns else "cuda"]
    assert (opened.turns is not None) == in_turns
    if in_turns:
        assert opened.device == CUDA
        assert said == ["“Tiny” runs in parts: only what is at work is on cuda"]


def test_more_than_the_host_has_is_refused_before_it_is_read(tiny_model, monkeypatch):
    monkeypatch.setattr(opening, "free_bytes", lambda _device: 100)
    with pytest.raises(ModelError, match="no room for this model: it needs about 1 MB, but only"):
        load_model(tiny_model, "cpu")


def test_half_precision_on_a_gpu_has_the_channels_last(tiny_model):
    model = load_model(tiny_model, "cpu", "bfloat16")
    model.device = CUDA
    place.run_as_wished(model, Running())
    weights = [p for p in model.network.parameters() if p.ndim == 4 and min(p.shape[1:]) > 1]
    assert weights
    assert all(w.is_contiguous(memory_format=torch.channels_last) for w in weights)


def test_float32_keeps_the_layout_of_its_file(model):
    model.device = CUDA
    place.run_as_wished(model, Running())
    assert all(p.is_contiguous() for p in model.network.parameters())


def test_compiling_is_a_wish(model, monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda function, mode=None: function)
    x = torch.randn(2, 3, 16, 16)
    plain = model.denoise(x, 1.0)
    place.run_as_wished(model, Running(compile=True))
    assert model.compiled is not None
    assert model.network.model.forward is model.compiled
    with torch.inference_mode():
        assert torch.equal(model.denoise(x, 1.0), plain)


def test_the_networks_of_a_latent_model_take_turns(tiny_sd_folder, roomy):
    whole = load_model(tiny_sd_folder, "cpu")
    model = load_model(tiny_sd_folder, "cpu")
    place._take_turns(model, torch.device("cpu"))
    assert list(model.parts()) == ["network", "text_encoder", "autoencoder"]
    x = torch.randn(1, *model.info.shape)
    seen = []
    for name, part in model.parts().items():
        part.register_forward_pre_hook(lambda *_, name=name: seen.append((name, model.turns.here)))
    for each in (whole, model):
        each.shown = each.condition(1, prompts=["a"], negatives=[""])
    with torch.inference_mode():
        one, other = (m.denoise(x, 1.0, condition=m.shown, guidance=3.0) for m in (whole, model))
        assert torch.equal(one, other)
        assert torch.equal(whole.codec.decode(one), model.codec.decode(other))
    assert set(seen) == {("text_encoder", "text_encoder"), ("network", "network")}
    assert model.turns.here == "autoencoder"
