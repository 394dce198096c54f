import numpy as np
import pytest

from studio.engine.features import COMPONENTS, pixel_features, shrunk


def pictures(count, size=(20, 33), seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, *size, 3), dtype=np.uint8)


def test_pictures_are_averaged_over_equal_areas():
    found = shrunk(pictures(2, (32, 48))).reshape(2, 16, 16, 3)
    plain = pictures(2, (32, 48)).reshape(2, 16, 2, 16, 3, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(found, plain / 127.5 - 1, atol=1e-6)


def test_sizes_that_do_not_divide_keep_the_mean():
    found = shrunk(pictures(3))
    np.testing.assert_allclose(
        found.reshape(3, -1, 3).mean(axis=1),
        pictures(3).reshape(3, -1, 3).mean(axis=1) / 127.5 - 1,
        atol=1e-6,
    )


def test_small_pictures_stay_as_they_are():
    found = shrunk(pictures(300, (8, 8)))
    np.testing.assert_allclose(found, pictures(300, (8, 8)).reshape(300, -1) / 127.5 - 1, atol=1e-6)


def test_features_are_the_first_principal_components():
    reference = pictures(400, (16, 16))
    rows = pixel_features(reference)(reference)
    assert rows.shape == (400, COMPONENTS)
    centred = shrunk(reference) - shrunk(reference).mean(axis=0)
    values = np.linalg.svd(centred, compute_uv=False)[:COMPONENTS]
    np.testing.assert_allclose(np.sqrt(np.square(rows).sum(axis=0)), values, rtol=1e-6)
    assert rows.mean() == pytest.approx(0, abs=1e-9)
