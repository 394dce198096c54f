import json
import zipfile

import numpy as np
import pytest

from studio.models.errors import ModelError
from studio.models.pictures.source import read_pictures, survey_pictures


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (6, 5, 7, 3), dtype=np.uint8)


@pytest.fixture
def save(tmp_path):
    def save(**arrays):
        path = tmp_path / "set.npz"
        np.savez(path, **arrays)
        return path

    return save


@pytest.mark.parametrize("name", ["images", "pixels", "x_train", "arr_0", "something"])
def test_pictures_by_any_usual_name(save, images, name):
    path = save(**{name: images, "other": np.zeros(3)})
    np.testing.assert_array_equal(read_pictures(path).pixels, images.transpose(0, 3, 1, 2))
    assert survey_pictures(path).shape == (3, 5, 7)
    assert survey_pictures(path).count == 6


def test_every_layout(save, images):
    planar = images.transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(read_pictures(save(images=planar)).pixels, planar)
    grey = images[..., 0]
    for stored in (grey, grey[..., None], grey[:, None]):
        found = read_pictures(save(images=stored))
        np.testing.assert_array_equal(found.pixels, grey[:, None])
        assert survey_pictures(save(images=stored)).shape == (1, 5, 7)


def test_transparency_goes_over_the_colour_of_the_card(save, images):
    rgba = np.concatenate([images, np.zeros((6, 5, 7, 1), np.uint8)], axis=3)
    rgba[:3, ..., 3] = 255
    path = save(rgba=rgba)
    found = read_pictures(path)
    np.testing.assert_array_equal(found.pixels[:3], images[:3].transpose(0, 3, 1, 2))
    assert found.pixels[5, :, 0, 0].tolist() == [24, 24, 32]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("card.json", json.dumps({"background": [1, 2, 3], "name": "Six"}))
    assert read_pictures(path).pixels[5, :, 0, 0].tolist() == [1, 2, 3]
    assert survey_pictures(path).card.name == "Six"


def test_labels_and_names(save, images):
    labels = np.array([1, 0, 1, -1, -7, 0], np.int16)
    for read in (read_pictures, survey_pictures):
        assert read(save(images=images, labels=labels)).classes == ("0", "1")
        named = save(images=images, label=labels, names=np.array(["cat", "dog", "owl"]))
        assert read(named).classes == ("cat", "dog", "owl")
    found = read_pictures(named)
    assert found.labels.tolist() == [1, 0, 1, -1, -1, 0]
    assert found.labels.dtype == np.int64
    assert read_pictures(save(images=images)).labels.tolist() == [-1] * 6


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"labels": np.zeros(5, int)}, "one integer for each of the 6"),
        ({"labels": np.zeros(6)}, "labels in “set.npz” are float64"),
        (
            {"labels": np.full(6, 3), "names": np.array(["a", "b"])},
            "A label .* is 3, but there are 2",
        ),
        ({"labels": np.full(6, 10**9)}, "A label .* is 1000000000"),
        ({"labels": np.zeros(6, int), "names": np.array([1, 2])}, "a list of texts is needed"),
    ],
)
def test_labels_that_do_not_fit_are_refused(save, images, wrong, said):
    path = save(images=images, **wrong)
    for read in (read_pictures, survey_pictures):
        with pytest.raises(ModelError, match=said):
            read(path)


@pytest.mark.parametrize(
    "arrays",
    [
        {"images": np.zeros((6, 5, 7, 3), np.float32)},
        {"images": np.zeros((6, 5, 7, 2), np.uint8)},
        {"images": np.zeros((0, 5, 7, 3), np.uint8)},
        {"images": np.zeros((6, 0, 7, 3), np.uint8)},
        {"weights": np.zeros((6, 5), np.uint8)},
    ],
    ids=["float", "two channels", "no pictures", "no height", "matrix"],
)
def test_without_pictures_it_says_what_is_needed(save, arrays):
    with pytest.raises(
        ModelError, match="holds no pictures: it needs a uint8 array called “images”"
    ):
        survey_pictures(save(**arrays))


def test_a_set_too_large_for_memory_is_refused_before_it_is_read(save, images, monkeypatch):
    from studio.models.pictures import picture_set

    monkeypatch.setattr(picture_set, "PIXELS_LIMIT", 100)
    with pytest.raises(ModelError, match="fewer or smaller pictures"):
        read_pictures(save(images=images))
