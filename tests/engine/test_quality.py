import numpy as np
import pytest

from studio.diffusion.frechet import frechet_distance, moments
from studio.engine.efficient import efficient_features
from studio.engine.features import shrunk
from studio.engine.quality import Scale, nearest, pairs


@pytest.fixture
def noise():
    return np.random.default_rng(0).integers(0, 256, (80, 8, 8, 3), dtype=np.uint8)


def test_the_nearest_is_found_also_mirrored(noise):
    wanted = np.stack([noise[7], noise[41][:, ::-1]])
    found = nearest(wanted, noise)
    assert found.index.tolist() == [7, 41]
    assert found.mirrored.tolist() == [False, True]
    assert found.distance == pytest.approx([0, 0], abs=1e-3)
    both = pairs(wanted, noise, found)
    assert (both[:, :8] == both[:, 8:]).all()


def test_the_distance_is_the_root_mean_square_in_units_of_the_model(noise):
    off = noise.copy()
    off[0] = np.where(noise[0] > 127, noise[0] - 51, noise[0] + 51)
    assert nearest(off[:1], noise).distance == pytest.approx([51 / 127.5], rel=1e-4)


def test_a_scale_knows_what_it_measures_by(noise):
    other = np.random.default_rng(1).integers(0, 256, (70, 8, 8, 3), dtype=np.uint8)
    scale = Scale(shrunk, noise, other)
    assert scale(other) == pytest.approx(0, abs=1e-6)
    assert scale(noise) == scale.of_training() > 0
    assert scale(noise // 4) > scale(noise)


def test_all_components_are_kept_of_few(noise):
    # 8x8 grey has 64 of them: nothing is projected away, and the distance is that of the pixels.
    def grey(pictures):
        return pictures.mean(axis=3).reshape(len(pictures), -1)

    expected = frechet_distance(*moments(grey(noise)), *moments(grey(noise // 2)))
    assert Scale(grey, noise, noise // 2).of_training() == pytest.approx(expected, rel=1e-9)


def test_features_of_the_network_tell_texture_from_flat_colour(noise):
    flat = np.full((2, 8, 8, 3), 128, np.uint8)
    rows = efficient_features(np.concatenate([flat, noise[:2]]))
    assert rows.shape == (4, 1280)
    assert np.array_equal(rows[0], rows[1])
    apart = np.linalg.norm(rows[:, None] - rows, axis=2)
    assert apart[0, 2] > apart[2, 3] > 0
