"""Large sets are decoded once, into a file that is mapped."""

import os
import threading
import time

import numpy as np
import pytest
import torch
from PIL import Image

from studio.preferences.places import cache_folder
from studio.training import loading
from studio.training.cache import kept
from studio.training.errors import TrainingError
from studio.training.gathering import Gathering
from studio.training.loading import load_pictures
from studio.training.sections import Data


@pytest.fixture
def pictures(tmp_path):
    """Return a folder of 70 pictures in two classes, one of them broken."""
    for number in range(70):
        path = tmp_path / "set" / "ab"[number % 2] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (12 + number % 3, 12), (number, 0, 0)).save(path)
    (tmp_path / "set" / "a" / "04.png").write_bytes(b"no picture")
    return tmp_path / "set"


@pytest.fixture
def slow(monkeypatch):
    """Let every set count as one that takes long to decode."""
    monkeypatch.setattr(loading, "_QUICKLY_DECODED", 0)


def load(path, multiple=4, channels=0, **options):
    data = Data(path=str(path), held_out=0.2, **options)
    return load_pictures(data, path.parent, 0, multiple, channels)


def assert_same(a, b):
    for name in ("pixels", "labels", "trained", "held_out"):
        assert torch.equal(getattr(a, name), getattr(b, name)), name
    for name in ("classes", "sizes", "broken", "remarks", "background"):
        assert getattr(a, name) == getattr(b, name), name


def cached():
    return sorted((cache_folder() / "pictures").glob("[!.]*"))


def test_from_the_cache_it_is_the_same_set(pictures, monkeypatch):
    plain = load(pictures)
    assert not cache_folder().exists() and len(plain.pixels) == 69
    monkeypatch.setattr(loading, "_QUICKLY_DECODED", 0)
    assert_same(load(pictures), plain)
    (only,) = cached()
    assert {path.name for path in only.iterdir()} == {"pixels.npy", "numbers.npy", "facts.json"}
    assert np.load(only / "pixels.npy").shape == (69, 3, 12, 12)
    monkeypatch.setattr(Gathering, "into_folder", None)  # it is not made again
    assert_same(load(pictures), plain)


def test_an_npz_larger_than_memory_is_mapped_too(tmp_path, monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (9, 8, 8, 3), dtype=np.uint8)
    np.savez_compressed(tmp_path / "set.npz", images=images, labels=np.arange(9))
    plain = load(tmp_path / "set.npz")
    monkeypatch.setattr(loading, "IN_MEMORY", 100)
    assert_same(load(tmp_path / "set.npz", cache="here"), plain)
    assert len(list((tmp_path / "here").glob("[!.]*"))) == 1 and not cache_folder().exists()


def test_other_pictures_and_rules_are_decoded_anew(pictures, slow):
    load(pictures)
    load(pictures, fit="pad")
    load(pictures, scaling="nearest", size=8)
    load(pictures, background=(1, 2, 3))
    os.utime(pictures / "a" / "00.png", ns=(1, 1))
    load(pictures)
    assert len(cached()) == 5


def test_a_damaged_cache_is_made_anew(pictures, slow):
    plain = load(pictures)
    for name, content in (("facts.json", b"{"), ("pixels.npy", b"x"), ("numbers.npy", b"")):
        (cached()[0] / name).write_bytes(content)
        assert_same(load(pictures), plain)
    (cached()[0] / "facts.json").unlink()
    assert_same(load(pictures), plain)
    assert len(cached()) == 1


def test_a_full_disk_leaves_nothing_and_says_what_to_do(pictures, slow, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("studio.training.gathering.write_through", full)
    with pytest.raises(TrainingError, match=r"not so much room in .*set \[data\] cache"):
        load(pictures)
    assert cached() == [] and not list((cache_folder() / "pictures").glob(".writing-*"))


def test_grey_pictures_become_coloured_where_the_network_wants_it(tmp_path, slow, monkeypatch):
    np.savez(tmp_path / "set.npz", images=np.full((3, 4, 4), 9, np.uint8))
    monkeypatch.setattr(loading, "IN_MEMORY", 0)
    assert load(tmp_path / "set.npz", channels=3).pixels.unique().tolist() == [9]
    assert load(tmp_path / "set.npz", channels=3).shape == (3, 4, 4)
    with pytest.raises(TrainingError, match="have 3 channels, but"):
        np.savez(tmp_path / "set.npz", images=np.zeros((3, 4, 4, 3), np.uint8))
        load(tmp_path / "set.npz", channels=1)


def test_of_two_that_want_it_one_makes_it(tmp_path):
    made = []

    def make(folder):
        made.append(folder)
        (folder / "x").write_text("1")

    def take(folder):
        return (folder / "x").read_text()

    threads = [threading.Thread(target=kept, args=(tmp_path, "k", make, take)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1 and [path.name for path in tmp_path.glob("[!.]*")] == ["k"]


def test_what_nobody_wanted_for_long_is_forgotten(tmp_path):
    def make(folder):
        (folder / "x").write_text("1")

    for key in ("old", "new"):
        kept(tmp_path, key, make, lambda folder: (folder / "x").read_text())
    month_ago = time.time() - 31 * 24 * 3600
    os.utime(tmp_path / "old", (month_ago, month_ago))
    kept(tmp_path, "third", make, lambda folder: (folder / "x").read_text())
    assert sorted(path.name for path in tmp_path.glob("[!.]*")) == ["new", "third"]
