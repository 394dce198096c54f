import json
import struct

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from studio.models.errors import ModelError
from studio.models.formats import native
from studio.models.shipped import default_model

CPU = torch.device("cpu")
SMALL = default_model()


@pytest.fixture(scope="module")
def bundled():
    return native.load(SMALL, CPU, torch.float32)


@pytest.fixture
def x():
    noise = np.random.RandomState(0).randn(2, 3, 32, 32)
    return torch.from_numpy(2 * noise).float()


def test_the_bundled_network_gives_its_check_values(bundled, x):
    D = bundled.denoise(x, 2.0, torch.tensor([0, 8]))
    np.testing.assert_allclose(D[0, 0, 0, :4], [-0.21691, -0.10186, -0.11495, 0.05955], atol=1e-5)
    np.testing.assert_allclose(D[1, 2, 16, :4], [0.27916, 0.17964, -0.04862, 0.17256], atol=1e-5)
    assert D.mean().item() == pytest.approx(-0.05633, abs=1e-5)
    assert D.std().item() == pytest.approx(0.16773, abs=1e-5)


@pytest.mark.parametrize(
    ("dtype", "error"), [(torch.float64, 1e-5), (torch.bfloat16, 0.05), (torch.float16, 0.005)]
)
def test_other_types_give_nearly_the_same(bundled, x, dtype, error):
    labels = torch.tensor([0, 8])
    wanted = bundled.denoise(x, 2.0, labels)
    model = native.load(SMALL, CPU, dtype)
    D = model.denoise(x, 2.0, labels)
    assert model.dtype == dtype
    assert model.network.model.enc["16x16_conv"].weight.dtype == dtype
    assert D.dtype == torch.float32
    assert 0 < (D - wanted).abs().max() < error


def test_guidance_is_one_call_of_the_network(bundled, x):
    labels, sizes = torch.tensor([0, 8]), []
    hook = bundled.network.register_forward_hook(lambda _, given, __: sizes.append(len(given[0])))
    guided = bundled.denoise(x, 2.0, labels, guidance=1.7)
    conditional, unconditional = bundled.denoise(x, 2.0, labels), bundled.denoise(x, 2.0)
    hook.remove()
    wanted = unconditional + 1.7 * (conditional - unconditional)
    torch.testing.assert_close(guided, wanted, atol=1e-5, rtol=1e-5)
    assert sizes == [4, 2, 2]


def test_the_result_does_not_depend_on_the_other_pictures(bundled, x):
    labels, sigma = torch.tensor([0, -1]), torch.tensor([2.0, 0.3])
    both = bundled.denoise(x, sigma, labels)
    alone = bundled.denoise(x[1:], 0.3)
    torch.testing.assert_close(both[1:], alone, atol=1e-5, rtol=1e-4)


def test_facts(tiny_model, tiny_tensors):
    info = native.inspect(tiny_model)
    assert native.load(tiny_model, CPU, torch.float32).info == info
    trained = [t for name, t in tiny_tensors.items() if "resample_filter" not in name]
    assert info.parameters == sum(t.numel() for t in trained)
    assert (info.name, info.format, info.family) == ("Tiny", "native", "DDPM++")
    assert (info.shape, info.sigma_data, info.classes) == ((3, 16, 16), 0.44, ("a", "b", "c"))
    assert (info.licence, info.size) == ("CC0-1.0 (Nobody)", tiny_model.stat().st_size)
    assert "invents new pictures" in info.note
    assert not info.reproduces


def test_a_network_is_ready_to_use_and_fixed(tiny_model):
    network = native.load(tiny_model, CPU, torch.float32).network
    assert not network.training
    assert not any(p.requires_grad for p in network.parameters())
    assert not any(t.is_meta for t in network.state_dict().values())


def test_the_file_may_be_replaced_while_the_model_is_open(tiny_model):
    model = native.load(tiny_model, CPU, torch.float32)
    x = torch.randn(1, 3, 16, 16)
    before = model.denoise(x, 1.0)
    with tiny_model.open("r+b") as file:
        file.seek(-20_000, 2)
        file.write(b"\x7f" * 20_000)
    assert torch.equal(model.denoise(x, 1.0), before)


@pytest.fixture
def save(tmp_path, tiny_config, tiny_tensors):
    """Return a function that writes the tiny model with some entries and tensors replaced."""

    def save(kwargs=(), tensors=(), without=(), **entries):
        config = tiny_config | entries
        config["kwargs"] = config["kwargs"] | dict(kwargs)
        kept = {k: v for k, v in (tiny_tensors | dict(tensors)).items() if k not in without}
        path = tmp_path / "changed.safetensors"
        save_file(kept, path, metadata={"config": json.dumps(config)})
        return path

    return save


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"network": "Transformer"}, "network: "),
        ({"preconditioning": "Magic"}, "preconditioning: "),
        ({"preconditioning": "vp", "knobs": {"magic": 3.0}}, "no such knobs"),
        ({"sigma_data": 0}, "sigma_data: "),
        ({"sigma_data": "0.5"}, "sigma_data: "),
        ({"image": [3, 32, 32]}, "32x32 do not fit a network of 8"),
        ({"image": [1, 16, 16]}, "1 channels need a network of 4"),
        ({"space_to_depth": 1}, "3 channels need a network of 3"),
        ({"classes": ["a", "b"]}, "2 class names for 3 classes"),
        ({"classes": ["x" * 201, "b", "c"]}, "classes.0: "),
        ({"kwargs": {"model_channels": 10**12}}, "kwargs: model_channels: "),
        ({"kwargs": {"num_blocks": 10**9}}, "kwargs: num_blocks: "),
        ({"kwargs": {"os": "system"}}, "kwargs: os: "),
        ({"sigma_min": 90.0, "sigma_max": 80.0}, "sigma_min is not below"),
    ],
    ids=str,
)
def test_a_description_that_makes_no_sense_is_refused_at_once(save, change, said):
    path = save(**change)
    for read in (native.inspect, lambda path: native.load(path, CPU, torch.float32)):
        with pytest.raises(ModelError, match=said) as caught:
            read(path)
    assert str(caught.value).startswith("“changed.safetensors” describes a network that cannot be")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"without": ["model.map_layer0.bias"]}, "model.map_layer0.bias is missing"),
        (
            {"without": ["model.map_layer0.bias", "model.map_label.bias"]},
            "model.map_label.bias and 1 more are missing",
        ),
        ({"tensors": {"model.extra": torch.zeros(1)}}, "model.extra is not part of the network"),
        (
            {"tensors": {"model.map_label.bias": torch.zeros(9)}},
            "model.map_label.bias is 9, not 8",
        ),
        (
            {"tensors": {"model.map_label.bias": torch.zeros(8, dtype=torch.int8)}},
            "model.map_label.bias is I8, not floating point",
        ),
        ({"kwargs": {"model_channels": 4096}}, "more. Export it again"),
        ({"kwargs": {"channel_mult": [1, 2, 4, 8], "num_blocks": 16}}, "are missing"),
        ({"kwargs": {"model_channels": 132}}, r"132 channels do not divide into 32 groups"),
    ],
    ids=str,
)
def test_tensors_must_be_exactly_those_of_the_network(save, change, said):
    path = save(**change)
    with pytest.raises(ModelError, match=said) as caught:
        native.load(path, CPU, torch.float32)
    assert "“changed.safetensors”" in str(caught.value)


def test_a_file_cut_anywhere_is_damaged(tiny_model, tmp_path):
    data = tiny_model.read_bytes()
    length = int.from_bytes(data[:8], "little")
    path = tmp_path / "cut.safetensors"
    for size in (length + 8, length + 100, len(data) - 1):
        path.write_bytes(data[:size])
        assert native.probe(path)
        with pytest.raises(ModelError, match=r"“cut\.safetensors” is damaged: .* Copy or download"):
            native.inspect(path)


def test_other_files_are_not_claimed(tmp_path, tiny_tensors):
    path = tmp_path / "other.safetensors"
    for metadata in (
        None,
        {"format": "pt"},
        {"config": "no json"},
        {"config": json.dumps({"model": {}, "dataset": {}})},
        {"config": "[" * 1000},
        {"config": json.dumps({"network": "", "preconditioning": ""}) + " " * (1 << 20)},
    ):
        save_file(tiny_tensors, path, metadata=metadata)
        assert not native.probe(path)
    assert not native.probe(tmp_path)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
fields = st.sampled_from(["network", "kwargs", "sigma_data", "image", "space_to_depth", "classes"])


def facts_or_error(path):
    """Return the facts if the file is of this format and sound, else None."""
    if not native.probe(path):
        return None
    try:
        return native.inspect(path)
    except ModelError:
        return None


@settings(max_examples=200, deadline=None)
@given(field=fields, value=values)
def test_any_description_gives_facts_or_a_model_error(tmp_path_factory, tiny_bytes, field, value):
    length = int.from_bytes(tiny_bytes[:8], "little")
    header = json.loads(tiny_bytes[8 : 8 + length])
    config = json.loads(header["__metadata__"]["config"])
    header["__metadata__"]["config"] = json.dumps(config | {field: value})
    text = json.dumps(header).encode()
    path = tmp_path_factory.getbasetemp() / "fuzzed.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + tiny_bytes[8 + length :])
    facts_or_error(path)


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, 20_000), byte=st.integers(0, 255))
def test_any_changed_byte_gives_facts_or_a_model_error(tmp_path_factory, tiny_bytes, place, byte):
    data = bytearray(tiny_bytes)
    data[place % (int.from_bytes(tiny_bytes[:8], "little") + 8)] = byte
    path = tmp_path_factory.getbasetemp() / "fuzzed.safetensors"
    path.write_bytes(data)
    facts_or_error(path)
