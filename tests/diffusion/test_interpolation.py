import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.diffusion.interpolation import along, blend, norms, shift, slerp


def noises(count, seed=0, shape=(3, 8, 8)):
    return torch.randn(count, *shape, dtype=torch.float64, generator=seeded(seed))


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def test_the_ends_of_an_arc_are_what_it_joins():
    a, b = noises(2).split(1)
    assert torch.allclose(slerp(a, b, 0.0), a, rtol=0, atol=1e-12)
    assert torch.allclose(slerp(a, b, 1.0), b, rtol=0, atol=1e-12)


def test_a_right_angle_is_halved():
    a = torch.tensor([[2.0, 0.0]], dtype=torch.float64)
    b = torch.tensor([[0.0, 4.0]], dtype=torch.float64)
    middle = slerp(a, b, 0.5)
    assert torch.allclose(middle, torch.full((1, 2), 3 / math.sqrt(2), dtype=torch.float64))


@settings(max_examples=40, deadline=None)
@given(st.floats(-0.5, 1.5), st.integers(0, 100))
def test_norm_and_angle_change_evenly(amount, seed):
    a, b = noises(2, seed).split(1)
    between = slerp(a, 1.5 * b, amount)
    length_a, length_b = float(norms(a)), 1.5 * float(norms(b))
    assert float(norms(between)) == pytest.approx(length_a + amount * (length_b - length_a))
    assert angle(a, between) == pytest.approx(abs(amount) * angle(a, b), abs=1e-6)


def angle(a, b):
    return math.acos(max(-1.0, min(1.0, float((a / norms(a) * (b / norms(b))).sum()))))


def test_what_lies_between_unit_noises_has_unit_variance():
    a, b = noises(2, shape=(3, 64, 64)).split(1)
    assert float(slerp(a, b, 0.5).var()) == pytest.approx(1, abs=0.02)
    assert float((0.5 * a + 0.5 * b).var()) < 0.6  # which the straight line has not


def test_each_pair_has_an_amount_of_its_own():
    a, b = noises(3, 1), noises(3, 2)
    together = slerp(a, b, torch.tensor([0.1, 0.5, 0.9]))
    alone = [slerp(a[i : i + 1], b[i : i + 1], share) for i, share in enumerate((0.1, 0.5, 0.9))]
    assert torch.allclose(together, torch.cat(alone), atol=1e-6)


@pytest.mark.parametrize("factor", [1.0, 1 + 1e-12, -1.0])
def test_the_same_and_the_opposite_give_numbers(factor):
    a = noises(1)
    assert slerp(a, factor * a, 0.25).isfinite().all()
    assert torch.allclose(slerp(a, 1.0 * a, 0.25), a)


def test_a_row_of_latents_is_gone_through_evenly():
    row = noises(3)
    assert torch.allclose(along(row, 0.0), row[:1])
    assert torch.allclose(along(row, 0.5), row[1:2])
    assert torch.allclose(along(row, 1.0), row[2:])
    assert torch.allclose(along(row, 0.75), slerp(row[1:2], row[2:], 0.5))


def test_a_blend_has_the_norm_of_what_it_is_made_of():
    row = noises(4, shape=(3, 64, 64))
    mixed = blend(row, [1.0, 2.0, 3.0, 2.0])
    assert float(mixed.var()) == pytest.approx(1, abs=0.02)
    assert torch.allclose(blend(row, [0, 0, 1.0, 0]), row[2:3])


@pytest.mark.parametrize("weights", [[1.0], [0.0, 0.0, 0.0, 0.0]])
def test_weights_that_cannot_be_are_refused(weights):
    with pytest.raises(ValueError, match="one weight for each"):
        blend(noises(4), weights)


def test_a_shift_adds_the_difference_of_two_means():
    x, one, other = noises(3).split(1)
    free = shift(x, one[0], other[0], 0.5, keep=False)
    assert torch.allclose(free, x + 0.5 * other - 0.5 * one)
    kept = shift(x, one[0], other[0], 0.5)
    assert float(norms(kept)) == pytest.approx(float(norms(x)))
    assert angle(kept, free) == pytest.approx(0, abs=1e-6)
