import numpy as np
import pytest

from studio.diffusion.likelihood import normal, rademacher, uniform
from studio.diffusion.likelihood.bits import spread

DRAWS = (uniform, rademacher, normal)


@pytest.mark.parametrize("draw", DRAWS)
def test_a_row_depends_on_its_key_alone(draw):
    keys = [(0, 1), (0, 2), (1, 1)]
    together = draw(keys, (3, 4))
    assert all(
        np.array_equal(draw([key], (3, 4))[0], row) for key, row in zip(keys, together, strict=True)
    )
    assert not np.array_equal(together[0], together[1])
    assert not np.array_equal(together[0], together[2])


def test_draws_of_one_key_have_nothing_to_do_with_each_other():
    rows = [draw([(7,)], (5000,))[0] for draw in DRAWS]
    centred = [row - row.mean() for row in rows]
    assert abs(np.corrcoef(centred) - np.eye(3)).max() < 0.06


def test_they_are_what_they_are_called():
    assert set(np.unique(rademacher([(0,)], (1000,)))) == {-1.0, 1.0}
    u = uniform([(0,)], (20_000,))
    assert 0 <= u.min() < u.max() < 1
    assert u.mean() == pytest.approx(0.5, abs=0.01)
    assert normal([(0,)], (20_000,)).var() == pytest.approx(1, abs=0.03)


def test_a_byte_is_spread_over_its_bin():
    pixels = np.array([0, 100, 255], np.uint8)
    low, high = (spread(pixels, np.full(3, u), "uniform") for u in (0.0, 1.0))
    assert low == pytest.approx(2 * ((pixels / 255.0) * 255) / 256 - 1)
    assert high - low == pytest.approx(np.full(3, 2 / 256))
    assert (low[0], high[2]) == (-1, 1)


def test_centred_bins_lie_around_what_a_network_has_learned():
    pixels = np.array([0, 100, 255], np.uint8)
    low, high = (spread(pixels, np.full(3, u), "centred") for u in (0.0, 1.0))
    assert (low + high) / 2 == pytest.approx(pixels / 127.5 - 1)
    assert np.array_equal(spread(pixels, np.full(3, 0.7), "none"), pixels / 127.5 - 1)
