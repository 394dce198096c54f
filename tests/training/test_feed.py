"""Sample k is the same whoever asks for it."""

from collections import Counter

import numpy as np
import pytest
import torch

from studio.training.augmentations import AUGMENTATIONS
from studio.training.augmenting import Augmenter
from studio.training.feed import Feed
from studio.training.pictures import Pictures

CPU = torch.device("cpu")


def make(count=10, stratified=True, p=0.5, seed=1, **options):
    rng = np.random.default_rng(0)
    pixels = torch.from_numpy(rng.integers(0, 256, (count, 3, 8, 8), dtype=np.uint8))
    labels = torch.arange(count) % 3 - 1
    numbers = torch.arange(count)
    pictures = Pictures(
        pixels, labels, numbers, numbers[:0], ("a", "b"), (0, 0, 0), Counter({(8, 8): count})
    )
    defaults = {"mirror": False, "label_dropout": 0.25} | options
    return pictures, Feed(
        pictures,
        Augmenter(p, tuple(AUGMENTATIONS)),
        lambda u: u.float(),
        seed=seed,
        batch=8,
        stratified=stratified,
        device=CPU,
        **defaults,
    )


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True) if x is not None)


def test_neither_the_batch_nor_the_start_changes_a_sample():
    whole = make(mirror=True)[1].batch(0, 40)
    parts = [make(mirror=True)[1].batch(first, 8) for first in range(0, 40, 8)]
    joined = [torch.cat(rows) for rows in zip(*parts, strict=True)]
    assert same(whole, joined)
    assert not same(whole, make(mirror=True, seed=2)[1].batch(0, 40))


def test_an_epoch_has_every_picture_once():
    pictures, feed = make(p=0.0)
    assert feed.batch(0, 5).augment_labels is None
    originals = (pictures.pixels.float() / 127.5 - 1).flatten(1)
    seen = feed.batch(0, 30).clean.flatten(1)
    which = torch.cdist(seen, originals).argmin(1).view(3, 10)
    assert [sorted(epoch) for epoch in which.tolist()] == [list(range(10))] * 3
    assert len({tuple(epoch) for epoch in which.tolist()}) == 3


def test_labels_are_those_of_the_pictures_and_some_are_hidden():
    feed = make(count=9, p=0.0, label_dropout=0.0)[1]
    hot = feed.batch(0, 9).labels
    assert sorted(hot.tolist()) == sorted([[0, 0], [1, 0], [0, 1]] * 3)
    feed = make(count=9, p=0.0, label_dropout=0.25)[1]
    share = feed.batch(0, 9000).labels.sum() / 6000
    assert share.item() == pytest.approx(0.75, abs=0.02)


def test_stratified_levels_fall_one_into_each_part_of_a_batch():
    levels = make()[1].batch(16, 8).sigma
    assert (levels * 8).floor().tolist() == list(range(8))
    levels = make(stratified=False)[1].batch(0, 4000).sigma
    assert levels.mean().item() == pytest.approx(0.5, abs=0.02)


def test_mirrored_pictures_are_half_of_them():
    pictures, feed = make(p=0.0, mirror=True)
    clean = feed.batch(0, 2000).clean.flatten(1)
    originals = (pictures.pixels.float() / 127.5 - 1).flatten(1)
    still = (clean[:, None] == originals).all(2).any(1)
    assert still.float().mean().item() == pytest.approx(0.5, abs=0.04)


def pictures(count=1):
    generator = torch.Generator().manual_seed(0)
    return torch.rand(count, 3, 16, 16, generator=generator) * 2 - 1


def only(name, **draws):
    """Return the pictures and labels of one augmentation at chosen uniform numbers."""
    augmenter = Augmenter(1.0, [name])
    u = torch.tensor([[0.0, *draws["u"]]], dtype=torch.float64)
    return augmenter(pictures(), u)


def test_nothing_is_done_and_told_where_nothing_is_due():
    augmenter = Augmenter(0.3, tuple(AUGMENTATIONS))
    assert (augmenter.labels, augmenter.draws) == (9, 15)
    u = torch.full((1, 15), 0.9, dtype=torch.float64)
    images, labels = augmenter(pictures(), u)
    assert torch.equal(images, pictures()) and labels.abs().max() == 0


def test_flips_are_exact_and_told():
    images, labels = only("x_flip", u=[0.2])
    assert torch.equal(images, pictures().flip(3)) and labels.tolist() == [[1.0]]
    images, labels = only("y_flip", u=[0.2])
    assert torch.equal(images, pictures().flip(2)) and labels.tolist() == [[1.0]]
    images, labels = only("y_flip", u=[0.8])
    assert torch.equal(images, pictures()) and labels.tolist() == [[0.0]]


def test_a_quarter_turn_is_a_transposition():
    images, labels = only("rotate", u=[0.75])  # π/2
    torch.testing.assert_close(images, torch.rot90(pictures(), -1, (2, 3)), atol=1e-4, rtol=0)
    torch.testing.assert_close(labels, torch.tensor([[-1.0, 1.0]]))


def test_a_shift_moves_pixels_by_an_eighth_of_the_side():
    one = torch.special.ndtr(torch.tensor(1.0, dtype=torch.float64)).item()
    images, labels = only("translate", u=[one, 0.5])
    torch.testing.assert_close(images[..., 2:], pictures()[..., :-2], atol=1e-4, rtol=0)
    torch.testing.assert_close(labels, torch.tensor([[1.0, 0.0]]))


def test_stretching_along_an_axis_scales_the_sides():
    wave = torch.special.ndtr(torch.tensor(2.0, dtype=torch.float64)).item()
    ramp = torch.linspace(-15 / 16, 15 / 16, 16)
    image = (ramp[None, :] + 0 * ramp[:, None]).expand(1, 1, 16, 16) * 0.5
    u = torch.tensor([[0.0, wave, 0.5, 0.9]], dtype=torch.float64)
    images, labels = Augmenter(1.0, ["stretch"])(image, u)
    middle = images[0, 0, 8, 4:12]
    # Cubic convolution keeps a ramp to a part of a step between two pixels, which is .06 here.
    torch.testing.assert_close(middle, image[0, 0, 8, 4:12] * 2**-0.4, atol=0.008, rtol=0)
    torch.testing.assert_close(labels, torch.tensor([[2.0, 0.0]]))
    images, labels = Augmenter(1.0, ["scale"])(image, u[:, :2])
    torch.testing.assert_close(images[0, 0, 8, 4:12], middle)
    torch.testing.assert_close(labels, torch.tensor([[2.0]]))
