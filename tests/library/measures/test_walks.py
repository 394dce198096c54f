"""Walks along trajectories: in memory, spilled and saved; with restarts, and while they grow."""

from itertools import pairwise

import numpy as np
import pytest

from studio.library import Frame, Trajectory
from studio.library.measures import Against, Along, final_picture, walks

SIGMAS = (80.0, 5.0, 1.0, 0.1, 0.0)
LEVELS = tuple(pairwise(SIGMAS))


def frame(index, levels, x, denoised):
    preview = np.zeros((*x.shape[:1], *x.shape[2:], 3), np.uint8)
    return Frame(index, *levels, index + 1, x, denoised, preview)


def grown(levels=LEVELS, shape=(5, 3, 4, 6), **how):
    """Return a trajectory of random states, and what it was made of."""
    draw = np.random.default_rng(0).standard_normal
    start = draw(shape) * levels[0][0]
    steps = [(draw(shape), draw(shape).astype(np.float32)) for _ in levels]
    frames = Trajectory(start, len(levels), **how)
    for index, (level, (x, denoised)) in enumerate(zip(levels, steps, strict=True)):
        frames.append(frame(index, level, x, denoised))
    return frames, [start, *(x for x, _ in steps)], [d for _, d in steps]


def walked(walk):
    while walk.place < walk.end:
        walk.advance()
    return walk


def flat(array):
    return array.reshape(len(array), -1)


def restated(states, estimates, levels):
    """Return ‖ε‖/√d and cosines by hand, all steps at once."""
    pairs = zip(states, estimates, levels, strict=False)
    ways = [flat(x - estimate) / level for x, estimate, level in pairs]
    norms = [np.linalg.norm(way, axis=1) / np.sqrt(way.shape[1]) for way in ways]
    units = [way / np.linalg.norm(way, axis=1, keepdims=True) for way in ways]
    cosines = [(a * b).sum(axis=1) for a, b in pairwise(units)]
    return norms, cosines


@pytest.fixture(params=["memory", "spilled", "saved", "in small pieces"])
def trajectory(request, tmp_path, monkeypatch):
    how = {"budget": 1, "spill": tmp_path} if request.param == "spilled" else {}
    if request.param == "in small pieces":
        monkeypatch.setattr(walks, "PIECE", 3 * 4 * 6 * 8 * 2)
    frames, states, estimates = grown(**how)
    if request.param == "spilled":
        assert list(tmp_path.glob("elucidate-*/*.safetensors"))
    if request.param == "saved":
        frames.save(tmp_path / "t.safetensors")
        frames = Trajectory.open(tmp_path / "t.safetensors")
    yield frames, states, estimates
    frames.close()


def test_norms_and_cosines_are_those_of_the_directions(trajectory):
    frames, states, estimates = trajectory
    walk = walked(Along(frames))
    norms, cosines = restated(states, estimates, SIGMAS)
    assert np.allclose(walk.norms, norms, rtol=1e-6)
    assert np.isnan(walk.cosines[0]).all()
    assert np.allclose(walk.cosines[1:], cosines, atol=1e-6)


def test_distances_lead_to_the_final_state(trajectory):
    frames, states, estimates = trajectory
    walk = walked(Against(frames, 4, 0.5))
    for step, estimate in enumerate(estimates):
        gap = flat(estimate - states[-1])
        expected = np.sqrt((gap**2).mean(axis=1))
        assert walk.distances[step] == pytest.approx(expected, rel=1e-6)


def test_a_pixel_settles_after_the_last_step_in_which_it_was_away(trajectory):
    frames, states, estimates = trajectory
    walk = walked(Against(frames, 4, 1.5))
    for index in np.ndindex(walk.settled.shape):
        b, row, column = index
        away = [
            step
            for step, estimate in enumerate(estimates)
            if np.abs(estimate[b, :, row, column] - states[-1][b, :, row, column]).max() > 1.5
        ]
        assert walk.settled[index] == (away[-1] + 1 if away else 0)


def test_a_run_that_stopped_is_measured_against_its_newest_estimate():
    frames, _, estimates = grown(((80.0, 5.0), (5.0, 1.0)))
    assert np.array_equal(final_picture(frames, 2), estimates[1])
    walk = walked(Against(frames, 2, 0.1))
    assert walk.distances[1] == pytest.approx(np.zeros(5))
    assert walk.settled.max() <= 1


def test_a_walk_goes_on_with_the_steps_that_come():
    whole, states, estimates = grown()
    frames = Trajectory(states[0], None)
    walk = Along(frames)
    for index, level in enumerate(LEVELS):
        frames.append(frame(index, level, states[index + 1], estimates[index]))
        walked(walk)
        assert walk.place == index + 1
    assert np.array_equal(walk.norms, walked(Along(whole)).norms)


def test_after_a_restart_the_noise_is_measured_in_the_state_that_was_recorded():
    """The solver raises σ from 0.1 to 0.3 before the third step; the record has the 0.1."""
    levels = ((1.0, 0.1), (0.3, 0.1), (0.1, 0.0))
    frames, states, estimates = grown(levels)
    assert [frames.level_before(i) for i in range(3)] == [1.0, 0.1, 0.1]
    norms, cosines = restated(states, estimates, (1.0, 0.1, 0.1))
    walk = walked(Along(frames))
    assert np.allclose(walk.norms, norms) and np.allclose(walk.cosines[1:], cosines)


def test_only_some_pictures_are_read_of_a_file(trajectory):
    frames, states, estimates = trajectory
    part = slice(1, 3)
    assert np.array_equal(frames.state(2, part), states[3][part])
    assert np.array_equal(frames.before(0, part), states[0][part])
    assert np.array_equal(frames.before(2, part), states[2][part])
    assert np.array_equal(frames.estimate(-1, part), estimates[-1][part])
    assert frames.preview(1, part).shape == (2, 4, 6, 3)
    assert frames.shape == (5, 3, 4, 6)
