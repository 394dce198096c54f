import numpy as np
import pytest

from studio.library import Frame, Trajectory
from studio.session.reading.difference import difference, estimate_at, partners, spot_of
from studio.session.reading.onion import ghosts, onion
from studio.session.reading.prints import (
    Other,
    difference_print,
    noise_pair,
    settling_print,
    spot_said,
    step_pair,
    take_pair,
    unlike,
)


def trajectory(sigmas, values, shape=(2, 3, 2, 4)):
    """Steps whose x̂₀ are flat: `values` by step; the second picture twice as far."""
    frames = Trajectory(np.zeros(shape), len(sigmas))
    scale = np.array([1.0, 2.0][: shape[0]]).reshape(-1, 1, 1, 1)
    for i, (sigma, value) in enumerate(zip(sigmas, values, strict=True)):
        x0 = np.broadcast_to(value * scale, shape)
        grey = np.clip(x0 * 127.5 + 128, 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)
        preview = np.repeat(grey[..., :1], 3, axis=3)
        frames.append(Frame(i, sigma, sigma / 2, i + 1, x0 + sigma / 2, x0, preview))
    return frames


def test_the_step_of_the_same_sigma_is_found_exactly():
    spot = spot_of((80.0, 10.0, 1.0), 10.0 * (1 + 1e-9))
    assert (spot.low, spot.high, spot.exact) == (1, 1, True)
    assert spot_said(spot, (80.0, 10.0, 1.0)) == "step 2 (the same σ)"


def test_between_two_steps_x0_is_interpolated_in_ln_sigma():
    spot = spot_of((100.0, 10.0, 1.0), np.sqrt(10))
    assert (spot.low, spot.high, spot.exact) == (1, 2, False)
    assert spot.share == pytest.approx(0.5)
    other = trajectory((100.0, 10.0, 1.0), (0.0, 0.2, 0.6))
    found = estimate_at(other, spot, np.array([1, -1, 0]))
    assert found[0] == pytest.approx(np.full((3, 2, 4), 0.8))
    assert np.isnan(found[1]).all()
    assert found[2] == pytest.approx(np.full((3, 2, 4), 0.4))
    assert "steps 2 to 3 (σ 10 to 1, linear in ln σ)" in spot_said(spot, other.sigmas)


def test_outside_of_its_levels_the_nearest_step_stands():
    assert spot_of((10.0, 1.0), 80.0) == spot_of((10.0, 1.0), 11.0)
    assert spot_of((10.0, 1.0), 80.0).low == 0
    assert spot_of((10.0, 1.0), 0.01).low == 1
    assert "nearest, σ 10" in spot_said(spot_of((10.0, 1.0), 80.0), (10.0, 1.0))


def test_where_sigma_rises_again_the_last_place_counts():
    sigmas = (10.0, 1.0, 3.0, 1.0, 0.1)
    assert spot_of(sigmas, 1.0).low == 3
    assert spot_of(sigmas, 2.0).low == 2
    assert spot_of(sigmas, 5.0).low == 0


def test_pictures_of_one_seed_are_partners():
    assert partners((5, 6, 7), (7, 5)).tolist() == [1, -1, 0]
    assert partners((1, 2, 3), (8, 9)).tolist() == [0, 1, -1]


@pytest.mark.parametrize(("kind", "sign"), [("signed", -1), ("rms", 1)])
def test_the_difference_is_that_of_the_estimates(kind, sign):
    mine, other = trajectory((4.0, 2.0), (0.1, 0.2)), trajectory((4.0, 2.0), (0.3, 0.7))
    found = difference(mine, 1, other, spot_of(other.sigmas, 2.0), np.array([0, 1]), kind=kind)
    assert found.map[0] == pytest.approx(np.full((2, 4), sign * 0.5))
    assert found.map[1] == pytest.approx(np.full((2, 4), sign * 1.0))
    assert found.rms == pytest.approx([0.5, 1.0]) and found.largest == pytest.approx([0.5, 1.0])


def test_channels_that_cancel_show_in_the_root_mean_square_only():
    mine, other = trajectory((4.0,), (0.0,)), Trajectory(np.zeros((2, 3, 2, 4)), 1)
    x0 = np.zeros((2, 3, 2, 4))
    x0[:, 0], x0[:, 1] = 0.3, -0.3
    other.append(Frame(0, 4.0, 0.0, 1, x0, x0, np.zeros((2, 2, 4, 3), np.uint8)))
    args = (mine, 0, other, spot_of((4.0,), 4.0), np.array([0, 1]))
    assert difference(*args, kind="signed").map == pytest.approx(np.zeros((2, 2, 4)))
    assert difference(*args, kind="rms").map == pytest.approx(
        np.full((2, 2, 4), 0.3 * np.sqrt(2 / 3))
    )


def test_the_print_has_a_scale_with_round_ends_and_the_numbers():
    mine, other = trajectory((4.0,), (0.1,)), trajectory((4.0,), (0.4,))
    made = difference_print(mine, 0, (1, 2), Other(other, (2, 3)), "signed")
    assert [text for _, text in made.legend.marks] == ["−0.2", "0", "+0.2"]
    assert np.isnan(made.gap.rms[0]) and made.gap.rms[1] == pytest.approx(0.2)  # 0.2 of … 0.4
    assert np.array_equal(made.pixels[0, 0, 0], made.legend.table[128])  # no partner: as if 0
    rms = difference_print(mine, 0, (1, 2), Other(other, (1, 2)), "rms")
    assert [text for _, text in rms.legend.marks] == ["0", "1"]  # 0.6 rounded up


def test_pictures_of_other_sizes_are_not_compared():
    one, two = trajectory((1.0,), (0,)), trajectory((1.0,), (0,), (2, 3, 4, 4))
    assert "3×2×4 and 3×4×4" in unlike(one, two) and not unlike(one, one)


def test_the_settling_map_names_its_levels():
    settled = np.array([[[0, 1], [2, 2]]], np.uint16)
    made = settling_print(settled, (10.0, 1.0, 0.1))
    assert [text for _, text in made.legend.marks] == ["σ 10", "σ 1", "σ 0.1"]
    assert np.array_equal(made.pixels[0, 0, 0], made.legend.table[0])
    assert np.array_equal(made.pixels[0, 1, 1], made.legend.table[255])
    assert made.halfway.tolist() == [1]


def test_pairs_are_what_they_say():
    mine, other = trajectory((4.0, 1.0), (0.0, 0.5)), trajectory((4.0, 1.0), (0.2, 0.1))
    pair = step_pair(mine, 0, 1, 1)
    assert pair.a[0, 0, 0] == 128 and pair.b[0, 0, 0] == 255
    assert pair.names == ("step 1 · σ 4", "step 2 · σ 1")
    pair = take_pair(mine, 1, (1, 2), Other(other, (1, 2)), picture=0, name="Heun")
    assert (pair.a[0, 0, 0], pair.b[0, 0, 0]) == (191, 140)
    between = trajectory((2.0, 0.5), (0.0, 0.5))
    pair = take_pair(mine, 1, (1, 2), Other(between, (1, 2)), picture=0, name="Heun")
    assert pair.b[0, 0, 0] == round((128 + 191) / 2)
    assert take_pair(mine, 1, (1, 2), Other(other, (2,)), picture=0, name="") is None
    pair = noise_pair(mine, 0, 0)
    assert (
        pair.a[0, 0, 0] == int(128 + 127.5 * np.clip(2 / np.sqrt(5), 0, 1))
        and pair.b[0, 0, 0] == 128
    )


def test_ghosts_halve_with_each_step_and_end_with_the_run():
    assert ghosts(5, 9, 2, 1) == pytest.approx({4: 0.4, 3: 0.2, 6: 0.4})
    assert ghosts(0, 9, 3, 0) == {}
    assert ghosts(1, 2, 3, 3) == {0: 1.0}


def test_the_onion_skin_is_a_mean_weighted_by_the_opacity():
    frames = trajectory((4.0, 2.0, 1.0), (-0.5, 0.0, 0.5))
    before, now, after = (int(frames.preview(i)[0, 0, 0, 0]) for i in range(3))
    assert onion(frames, 1, 1, 0, 0.4)[0, 0, 0, 0] == round(0.6 * now + 0.4 * before)
    both = onion(frames, 1, 1, 1, 0.4)[0, 0, 0, 0]
    assert both == round(0.6 * now + 0.4 * (before + after) / 2)
    assert np.array_equal(onion(frames, 0, 2, 0, 0.9), frames.preview(0))
