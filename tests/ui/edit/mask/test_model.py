"""The mask: painting, its edge, and undo."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erfc

from studio.ui.edit.mask.feather import feathered
from studio.ui.edit.mask.history import Change, Changes
from studio.ui.edit.mask.model import PAINTED, Mask
from studio.ui.edit.mask.shapes import lasso, rectangle, stroke


def block(left, top, right, bottom):
    return rectangle((20, 30), (left, top), (right, bottom))


@pytest.fixture
def mask():
    made = Mask(20, 30)
    made.boxes, made.ends = [], []
    made.changed = made.boxes.append
    made.settled = lambda: made.ends.append(made.values.copy())
    return made


def test_paint_and_erase(mask):
    mask.paint(block(2, 3, 12, 13))
    assert mask.values[3:13, 2:12].min() == PAINTED
    assert mask.values.sum() == 100 * PAINTED
    assert mask.share == pytest.approx(100 / 600)
    mask.paint(block(0, 0, 5, 20), erase=True)
    assert np.count_nonzero(mask.values) == 70
    assert len(mask.ends) == 2


def test_a_stroke_is_undone_in_one_go(mask):
    mask.begin()
    for x in range(5, 25):
        mask.cover(stroke(mask.shape, (x, 10), (x + 1, 10), 4))
    assert not mask.can_undo  # it is not complete
    mask.end()
    after = mask.values.copy()
    mask.undo()
    assert mask.empty
    assert not mask.can_undo
    mask.redo()
    assert np.array_equal(mask.values, after)
    assert len(mask.boxes) == 22


def test_a_stroke_that_is_dropped_leaves_no_trace(mask):
    mask.paint(block(0, 0, 4, 4))
    before = mask.values.copy()
    mask.begin()
    mask.cover(block(2, 2, 9, 9))
    mask.drop()
    assert np.array_equal(mask.values, before)
    mask.undo()
    assert mask.empty


def test_what_changes_nothing_is_no_change(mask):
    mask.clear()
    mask.paint(block(5, 5, 5, 5), erase=True)
    assert not mask.can_undo
    assert mask.ends == []


def test_invert_fill_and_clear(mask):
    mask.paint(block(0, 0, 10, 20))
    mask.invert()
    assert np.array_equal(mask.values[0] == PAINTED, np.arange(30) >= 10)
    mask.fill()
    assert mask.full
    assert mask.share == 1
    mask.clear()
    assert mask.empty
    for _ in range(4):
        mask.undo()
    assert mask.empty
    assert not mask.can_undo


def test_the_edge_fades_outside_and_is_undone_like_a_stroke(mask):
    mask.paint(block(10, 5, 20, 15))
    mask.set_feather(3)
    soft = mask.soft()
    assert soft[5:15, 10:20].min() == PAINTED
    assert 0 < soft[10, 21] < soft[10, 20] < PAINTED
    assert mask.values[10, 20] == 0
    mask.undo()
    assert mask.feather == 0
    assert mask.soft() is mask.values
    mask.redo()
    assert mask.feather == 3


@pytest.mark.parametrize("pixels", [1, 2, 4, 8])
def test_the_edge_is_that_of_a_gaussian(pixels):
    half = np.zeros((60, 60), np.uint8)
    half[:, :30] = 255
    found = feathered(half, pixels)[30, 30:]
    away = np.arange(30) + 0.5
    expected = 255 * erfc(away / (pixels / 2) / 2**0.5)
    # Pillow's blur is several of a box, which is a Gaussian to some hundredths.
    assert np.abs(found - expected).max() < 26


@settings(max_examples=30)
@given(st.lists(st.integers(0, 5), max_size=12), st.randoms(use_true_random=False))
def test_undo_leads_back_through_every_value(deeds, random):
    mask = Mask(9, 11)
    seen = [(mask.values.copy(), mask.feather)]

    def point():
        return random.uniform(-2, 13), random.uniform(-2, 11)

    for deed in deeds:
        (
            lambda: mask.paint(stroke(mask.shape, point(), point(), random.randint(1, 5))),
            lambda: mask.paint(rectangle(mask.shape, point(), point()), erase=True),
            lambda: mask.paint(lasso(mask.shape, [point() for _ in range(5)])),
            mask.invert,
            mask.fill,
            lambda: mask.set_feather(random.randint(0, 6)),
        )[deed]()
        if not np.array_equal(mask.values, seen[-1][0]) or mask.feather != seen[-1][1]:
            seen.append((mask.values.copy(), mask.feather))
    for values, feather in reversed(seen[:-1]):
        mask.undo()
        assert np.array_equal(mask.values, values)
        assert mask.feather == feather
    assert not mask.can_undo
    for values, _ in seen[1:]:
        mask.redo()
        assert np.array_equal(mask.values, values)
    assert not mask.can_redo


def test_a_new_change_forgets_what_was_undone(mask):
    mask.paint(block(0, 0, 4, 4))
    mask.undo()
    mask.paint(block(8, 8, 9, 9))
    assert not mask.can_redo


def test_old_changes_are_forgotten_beyond_the_memory():
    changes = Changes(most=100)
    for length in (60, 60, 30):
        changes.add(Change((0, 0, 1, 1), bytes(length)))
    kept = [changes.undo().packed for _ in range(2)]
    assert list(map(len, kept)) == [30, 60]
    assert changes.undo() is None


def test_a_change_is_small_where_little_changed():
    before = np.zeros((2000, 2000), np.uint8)
    after = before.copy()
    after[100:200, 100:1900] = 255
    change = Change.between(before, after)
    assert change.box == (100, 100, 1900, 200)
    assert len(change.packed) < 2000
    change.apply(before)
    assert np.array_equal(before, after)


def test_grey_masks_survive_undo(mask):
    grey = np.arange(600, dtype=np.uint8).reshape(20, 30)
    mask.replace(grey)
    mask.invert()
    mask.undo()
    assert np.array_equal(mask.values, grey)
