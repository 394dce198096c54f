import pytest
import torch

from studio.models import devices
from studio.models.errors import ModelError


def only(monkeypatch, *kinds):
    for kind, module in (
        ("cuda", torch.cuda),
        ("mps", torch.backends.mps),
        ("xpu", torch.xpu),
    ):
        monkeypatch.setattr(module, "is_available", lambda kind=kind: kind in kinds)


@pytest.mark.parametrize(
    ("kinds", "chosen"),
    [
        (("cuda", "mps", "xpu"), "cuda"),
        (("mps", "xpu"), "mps"),
        (("xpu",), "xpu"),
        ((), "cpu"),
    ],
)
def test_auto_is_the_fastest_kind_that_is_here(monkeypatch, kinds, chosen):
    only(monkeypatch, *kinds)
    assert devices.choose_device("auto").type == chosen


@pytest.mark.parametrize("wish", ["cuda", "cuda:0", "mps", "toaster", "", "cpu:1"])
def test_a_device_that_is_not_here_is_refused(monkeypatch, wish):
    only(monkeypatch)
    with pytest.raises(ModelError, match=r"choose one of: auto, cpu\.$"):
        devices.choose_device(wish)


def test_a_device_that_is_here_is_taken():
    assert devices.choose_device("cpu") == torch.device("cpu")
    assert devices.choose_device(torch.device("cpu")) == torch.device("cpu")


def test_dtypes_by_name_and_by_themselves():
    assert devices.choose_dtype("auto") is torch.float32
    assert devices.choose_dtype("bfloat16") is torch.bfloat16
    assert devices.choose_dtype(torch.float16) is torch.float16
    with pytest.raises(ModelError, match="“int8”; choose one of: auto, float32"):
        devices.choose_dtype("int8")


@pytest.mark.parametrize(
    ("kind", "able", "chosen"),
    [
        ("cpu", True, torch.float32),
        ("mps", True, torch.float32),
        ("cuda", True, torch.bfloat16),
        ("cuda", False, torch.float16),
        ("xpu", False, torch.bfloat16),
    ],
)
def test_the_automatic_type_is_what_the_device_is_quick_in(monkeypatch, kind, able, chosen):
    def supported(*, including_emulation):
        return able or including_emulation

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    assert devices.choose_dtype("auto", torch.device(kind)) is chosen


@pytest.mark.parametrize(
    ("can", "quick"),
    [({"avx512_bf16": True}, True), ({"amx_bf16": True}, True), ({"avx2": True}, False)],
)
def test_a_processor_tells_whether_it_knows_bfloat16(monkeypatch, can, quick):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: can, raising=False)
    assert devices.quick_in_bfloat16() == quick


def test_exact_is_float64_wherever_it_exists():
    assert devices.exact_dtype(torch.device("cpu")) is torch.float64
    assert devices.exact_dtype(torch.device("cuda")) is torch.float64
    assert devices.exact_dtype(torch.device("mps")) is torch.float32
