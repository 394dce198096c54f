import itertools

import pytest
import torch
from torch.nn.functional import interpolate

from studio.models.codecs import tiles

CLOSE = {"atol": 1e-5, "rtol": 1e-5}


def shares(length, side, factor=1):
    """Return (parts, length * factor): what each part has of each pixel, and 0 outside of it."""
    found = torch.zeros(len(tiles.spans(length, side)), length * factor)
    for row, span in zip(found, tiles.spans(length, side), strict=True):
        row[span.start * factor : span.stop * factor] = span.weights(factor)
    return found


@pytest.mark.parametrize(("side", "factor"), [(32, 1), (32, 8), (48, 4), (40, 2)])
def test_parts_cover_every_length_and_their_shares_add_up_to_one(side, factor):
    for length in range(1, 4 * side):
        found = shares(length, side, factor)
        assert ((found >= 0) & (found <= 1)).all()
        torch.testing.assert_close(found.sum(0), torch.ones_like(found[0]), atol=1e-5, rtol=0)


def test_a_part_is_as_long_as_asked_and_shares_a_quarter_or_more():
    for length in range(33, 200):
        found = tiles.spans(length, 32)
        assert all(span.stop - span.start == 32 for span in found)
        assert all(a.stop - b.start >= 7 for a, b in itertools.pairwise(found))
        least = (length - 8) / 24
        assert least <= len(found) < least + 1


def test_the_ends_that_two_parts_share_are_left_to_the_other():
    first, second = tiles.spans(56, 32)
    assert (first.stop, second.start) == (32, 24)
    assert first.weights(1)[-2:].tolist() == second.weights(1)[:2].tolist() == [0, 0]


def test_what_is_done_pixel_by_pixel_is_the_same_in_parts():
    torch.manual_seed(0)
    z = torch.randn(2, 3, 75, 110, dtype=torch.float64)

    def larger(part):
        return interpolate(part.cos(), scale_factor=4, mode="nearest")

    def smaller(part):
        return torch.nn.functional.avg_pool2d(part, 4).sin()

    torch.testing.assert_close(tiles.decoded(larger, z, 32, 4), larger(z), **CLOSE)
    pixels = torch.randn(2, 3, 4 * 75, 4 * 110, dtype=torch.float64)
    torch.testing.assert_close(tiles.encoded(smaller, pixels, 32, 4), smaller(pixels), **CLOSE)


def test_a_budget_decides_how_large_the_parts_are():
    assert tiles.side_for(64 * 64 * 100, 100) == 64
    assert tiles.side_for(64 * 64 * 100 - 1, 100) == 56
    assert tiles.side_for(0, 100) == tiles.side_for(-5, 100) == tiles.LEAST
