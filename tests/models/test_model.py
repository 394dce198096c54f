import math
from dataclasses import replace

import pytest
import torch

from studio.models.errors import ModelError
from studio.models.info import ModelInfo
from studio.models.model import Model

INFO = ModelInfo(
    path="p", name="Probe", format="f", family="f", shape=(1, 2, 2), classes=("a", "b", "c")
)


class Probe(Model):
    """A denoiser whose answer shows what it was asked, and that counts how often."""

    def __init__(self):
        super().__init__(INFO, torch.device("cpu"), torch.float64)
        self.calls = []

    def estimate(self, x, sigma, given):
        labels = given.get("labels")
        self.calls.append((len(x), sigma, labels))
        shift = (
            0.0 if labels is None else labels.double() @ torch.tensor([1.0, 20.0, 300.0]).double()
        )
        return x / (1 + sigma[:, None, None, None]) + torch.as_tensor(shift).reshape(-1, 1, 1, 1)


@pytest.fixture
def probe():
    return Probe()


@pytest.fixture
def x():
    return torch.randn(3, 1, 2, 2, dtype=torch.float64)


LABELS = torch.tensor([2, -1, 0])


def test_guidance_is_the_formula_and_one_call_of_both_halves(probe, x):
    D = probe.denoise(x, 2.0, LABELS, guidance=1.5)
    assert [call[0] for call in probe.calls] == [6]
    probe.calls.clear()
    conditional = probe.denoise(x, 2.0, LABELS)
    unconditional = probe.denoise(x, 2.0)
    assert [call[0] for call in probe.calls] == [3, 3]
    torch.testing.assert_close(D, unconditional + 1.5 * (conditional - unconditional))


@pytest.mark.parametrize(
    ("sigma", "interval", "size"),
    [
        (2.0, (0.0, math.inf), 6),
        (2.0, (0.5, 2.0), 6),
        (2.0, (2.0, 5.0), 3),
        (2.0, (3.0, 5.0), 3),
        (torch.tensor(2.0), (3.0, 5.0), 3),
        (torch.tensor(2.0), (1.0, 5.0), 6),
        (torch.tensor([4.0, 0.1, 0.1]), (1.0, 5.0), 6),
        (torch.tensor([0.1, 0.1, 0.1]), (1.0, 5.0), 3),
        (torch.tensor([0.1, 0.1, 0.1]), (0.0, math.inf), 6),
    ],
)
def test_guidance_doubles_the_call_only_where_it_acts(probe, x, sigma, interval, size):
    probe.denoise(x, sigma, LABELS, guidance=2.0, interval=interval)
    assert [call[0] for call in probe.calls] == [size]


def test_each_picture_is_guided_at_its_own_level_only(probe, x):
    sigma = torch.tensor([4.0, 0.1, 0.2])
    D = probe.denoise(x, sigma, LABELS, guidance=3.0, interval=(1.0, 5.0))
    guided = probe.denoise(x, sigma, LABELS, guidance=3.0)
    plain = probe.denoise(x, sigma, LABELS)
    torch.testing.assert_close(D, torch.cat([guided[:1], plain[1:]]))


def test_without_labels_or_with_guidance_1_there_is_one_plain_call(probe, x):
    probe.denoise(x, 2.0, guidance=4.0)
    probe.denoise(x, 2.0, LABELS, guidance=1.0)
    assert [call[0] for call in probe.calls] == [3, 3]
    assert probe.calls[0][2] is None


@pytest.mark.parametrize(
    "sigma", [2, 2.0, torch.tensor(2.0), torch.tensor([2.0]), torch.tensor([2.0, 2.0, 2.0])]
)
def test_sigma_in_every_form_is_one_level_per_picture(probe, x, sigma):
    torch.testing.assert_close(probe.denoise(x, sigma), x / 3)
    assert probe.calls[0][1].shape == (3,)
    assert probe.calls[0][1].dtype == torch.float64


def test_sigma_0_is_a_tiny_level(probe, x):
    assert probe.denoise(x, 0.0).isfinite().all()
    assert (probe.calls[0][1] > 0).all()
    probe.denoise(x, torch.zeros(3))
    assert (probe.calls[1][1] > 0).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_the_result_has_the_type_of_x(probe, x, dtype):
    assert probe.denoise(x.to(dtype), 2.0).dtype == dtype
    assert probe.denoise(x.to(dtype), 2.0, LABELS, guidance=2.0).dtype == dtype


def test_gradients_flow_to_x(probe, x):
    probe.denoise(x.requires_grad_(), 3.0, LABELS, guidance=2.0).sum().backward()
    torch.testing.assert_close(x.grad, torch.full_like(x, 0.25))


@pytest.mark.parametrize(
    "wrong",
    [torch.zeros(1, 2, 2), torch.zeros(1, 3, 2, 2), torch.zeros(1, 1, 2, 2, dtype=torch.int64)],
    ids=["no batch", "three channels", "integers"],
)
def test_other_shapes_are_refused_in_plain_words(probe, wrong):
    with pytest.raises(
        ModelError, match=r"“Probe” works on float tensors of the shape \(B, 1, 2, 2"
    ):
        probe.denoise(wrong, 1.0)


def test_the_range_is_that_of_the_facts(probe):
    assert (probe.sigma_min, probe.sigma_max) == (INFO.sigma_min, INFO.sigma_max)
    assert probe.table is None


def test_what_was_made_once_serves_every_step(probe, x):
    condition = probe.condition(3, LABELS)
    D = probe.denoise(x, 2.0, condition=condition, guidance=1.5)
    assert torch.equal(D, probe.denoise(x, 2.0, LABELS, guidance=1.5))
    part = probe.denoise(x[1:], 2.0, condition=condition.part(slice(1, 3)))
    torch.testing.assert_close(part, probe.denoise(x, 2.0, LABELS)[1:])


def test_a_model_of_many_sizes_takes_the_multiples_of_its_own():
    info = replace(INFO, shape=(4, 8, 8), pixels=8, multiple=16)
    assert info.takes((4, 8, 8))
    assert info.takes((4, 2, 6))
    for wrong in [(4, 3, 8), (4, 0, 8), (3, 8, 8), (4, 8)]:
        assert not info.takes(wrong)
    assert not INFO.takes((1, 4, 4))
