"""Seeds as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ui.seeds import (
    MOST_SEED,
    SeedTextError,
    format_seeds,
    parse_seeds,
    resize_seeds,
    short_seeds,
)

seed = st.integers(0, MOST_SEED)
runs = st.tuples(st.integers(0, 10**6), st.integers(1, 9)).map(lambda r: range(r[0], r[0] + r[1]))
seed_lists = st.lists(runs, min_size=1, max_size=6).map(lambda rs: tuple(s for r in rs for s in r))


@given(seed_lists)
def test_text_reads_back(seeds):
    assert parse_seeds(format_seeds(seeds), len(seeds)) == seeds


@given(st.lists(seed, min_size=2, max_size=5).map(tuple))
def test_any_seeds_read_back(seeds):
    assert parse_seeds(format_seeds(seeds), 1) == seeds


@pytest.mark.parametrize(
    ("text", "images", "seeds"),
    [
        ("5", 1, (5,)),
        ("5", 3, (5, 6, 7)),
        ("5,", 2, (5, 6)),
        ("5, 9, 12-14", 16, (5, 9, 12, 13, 14)),
        ("5–7", 1, (5, 6, 7)),
        ("5 … 7", 1, (5, 6, 7)),
        ("5..7", 1, (5, 6, 7)),
        ("5 to 7; 1", 1, (5, 6, 7, 1)),
        ("3, 3", 1, (3, 3)),
        ("007", 1, (7,)),
    ],
)
def test_reads(text, images, seeds):
    assert parse_seeds(text, images) == seeds


@pytest.mark.parametrize(
    "text",
    ["", " , ", "x", "1.5", "-3", "5-", "20-5", "0-4096", "0-99999999999999", str(2**64), "1e3"],
)
def test_refuses(text):
    with pytest.raises(SeedTextError) as caught:
        parse_seeds(text, 1)
    assert str(caught.value).endswith(".")


def test_the_most_pictures():
    assert len(parse_seeds("0-4095", 1)) == 4096
    with pytest.raises(SeedTextError, match=r"4,097 seeds"):
        parse_seeds("0-4095, 7", 1)


@pytest.mark.parametrize(
    ("seeds", "text"),
    [
        ((5,), "5"),
        (tuple(range(5, 21)), "5 … 20"),
        ((5, 6), "5 … 6"),
        ((5, 9, 12, 13, 14), "5, 9, 12–14"),
    ],
)
def test_short_text(seeds, text):
    assert short_seeds(seeds) == text


@given(seed_lists, st.integers(1, 60))
def test_resizing_keeps_the_first_and_counts_on(seeds, images):
    resized = resize_seeds(seeds, images)
    assert len(resized) == images
    kept = min(images, len(seeds))
    assert resized[:kept] == seeds[:kept]
    assert all(b == a + 1 for a, b in zip(resized[kept - 1 :], resized[kept:], strict=False))


def test_resizing_at_the_largest_seed_stays_in_bounds():
    assert resize_seeds((MOST_SEED,), 3) == (MOST_SEED, 0, 1)


def test_a_very_long_number_is_refused_in_few_words():
    with pytest.raises(SeedTextError, match="too large") as refusal:
        parse_seeds("9" * 5000)
    assert len(str(refusal.value)) < 120
