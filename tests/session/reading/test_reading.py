"""What the session reads of what is shown: off the window's thread, growing, the newest wish."""

import threading

import numpy as np
import pytest

from studio.library import Frame, Recipe, Trajectory
from studio.library.measures import Against, Along
from studio.preferences import ReadingChoice
from studio.session.reading import darkroom as darkroom_module
from studio.session.reading.darkroom import Darkroom
from studio.session.reading.figures import MEASURES, expected
from studio.session.reading.reading import Reading
from studio.session.sampling import Shown
from studio.session.shelf import Shelf

SIGMAS = (80.0, 8.0, 1.0, 0.1, 0.0)


def frames_of(count, shape=(2, 3, 4, 5)):
    draw = np.random.default_rng(0).standard_normal
    frames = Trajectory(draw(shape), 4)
    for index in range(count):
        add(frames, index)
    return frames


def add(frames, index):
    draw = np.random.default_rng(index + 1).standard_normal
    shape = frames.shape
    x, x0 = draw(shape), draw(shape)
    change = None if index == 0 else np.full(shape[0], float(index))
    error = None if index == 2 else np.arange(1.0, shape[0] + 1)
    preview = np.full((shape[0], *shape[2:], 3), 10 * index, np.uint8)
    levels = SIGMAS[index], SIGMAS[index + 1]
    frames.append(Frame(index, *levels, index + 1, x, x0, preview, error, change=change))


def shown(frames, id="a" * 12, seeds=(0, 1)):
    return Shown(Recipe(seeds=seeds), frames, id)


@pytest.fixture
def reading(qtbot, tmp_path):
    from studio.engine.background import Background

    disk = Background()
    shelf = Shelf(tmp_path, disk, 10**9)
    reading = Reading(shelf, ReadingChoice())
    yield reading
    reading.close()
    disk.close()


def wait_for(qtbot, reading, measure, count):
    qtbot.waitUntil(lambda: len(reading.lines(measure)) == count, timeout=5000)
    return reading.lines(measure)


def test_recorded_measures_are_there_at_once_with_gaps(reading):
    reading.follow(shown(frames_of(4)))
    assert reading.lines("error")[:, 1].tolist()[:2] == [2, 2]
    assert np.isnan(reading.lines("error")[2]).all()
    assert np.isnan(reading.lines("change")[0]).all()
    bent = reading.lines("curvature")
    assert np.isnan(bent[0]).all()
    assert bent[1:, 0] == pytest.approx([1 / np.log(10), 2 / np.log(8), 3 / np.log(10)])


@pytest.mark.parametrize("measure", ["noise", "cosine", "distance"])
def test_other_measures_are_walked_off_the_windows_thread(qtbot, reading, measure, monkeypatch):
    frames, threads = frames_of(4), set()
    for walk in (Along, Against):
        advance = walk.advance

        def noted(self, advance=advance):
            threads.add(threading.get_ident())
            advance(self)

        monkeypatch.setattr(walk, "advance", noted)
    reading.follow(shown(frames))
    assert len(reading.lines(measure)) <= 4
    lines = wait_for(qtbot, reading, measure, 4)
    assert threads and threading.get_ident() not in threads
    walk = Against(frames, 4, 1 / 8) if measure == "distance" else Along(frames)
    while walk.place < 4:
        walk.advance()
    by_hand = {"noise": "norms", "cosine": "cosines", "distance": "distances"}[measure]
    assert np.array_equal(lines, getattr(walk, by_hand), equal_nan=True)


def test_measures_grow_with_a_run_and_end_against_its_last_picture(qtbot, reading):
    frames = frames_of(1)
    reading.follow(shown(frames))
    wait_for(qtbot, reading, "noise", 1)
    wait_for(qtbot, reading, "distance", 1)
    for index in (1, 2, 3):
        add(frames, index)
        wait_for(qtbot, reading, "noise", index + 1)
    distances = wait_for(qtbot, reading, "distance", 4)
    gap = (frames.estimate(0) - frames.state(3)).reshape(2, -1)
    qtbot.waitUntil(
        lambda: np.allclose(reading.lines("distance")[0], np.sqrt((gap**2).mean(axis=1)))
    )
    assert distances.shape == (4, 2)


def test_another_take_begins_anew(qtbot, reading):
    reading.follow(shown(frames_of(4)))
    wait_for(qtbot, reading, "noise", 4)
    reading.pin(2)
    reading.follow(shown(frames_of(2, (3, 1, 6, 6)), "b" * 12, (0, 1, 2)))
    assert reading.pinned is None
    assert wait_for(qtbot, reading, "noise", 2).shape == (2, 3)


def test_nothing_shown_has_no_lines(reading):
    assert reading.lines("noise").size == reading.lines("error").size == 0
    assert isinstance(reading.pair(0, 0), str)


def test_the_tolerance_changes_the_map(qtbot, reading):
    reading.follow(shown(frames_of(4)))
    made = []
    reading.develop("settle", 3, made.append)
    assert made[0].pixels is None and made[0].problem
    with qtbot.waitSignal(reading.mapped):
        pass
    reading.develop("settle", 3, made.append)
    strict = made[-1].pixels
    reading.choose(tolerance=1.0)
    reading.develop("settle", 3, made.append)
    with qtbot.waitSignal(reading.mapped):
        pass
    reading.develop("settle", 3, made.append)
    assert made[-1].pixels.shape == strict.shape == (2, 4, 5, 3)
    assert not np.array_equal(made[-1].pixels, strict)


def test_every_measure_says_what_it_is_and_only_noise_is_expected():
    frames = frames_of(1)
    assert all(m.label and m.tip and m.sign and m.short for m in MEASURES.values())
    low, middle, high = expected("noise", frames)
    assert middle == 1 and high - low == pytest.approx(2 / np.sqrt(2 * 60))
    assert expected("distance", frames) is None


def test_without_another_take_the_difference_says_so(reading):
    reading.follow(shown(frames_of(4)))
    made = []
    reading.develop("diff", 1, made.append)
    assert made[0].pixels is None and "Compare with" in made[0].problem


def test_the_onion_skin_is_part_of_the_choice(reading):
    reading.follow(shown(frames_of(4)))
    made = []
    reading.develop("x0", 2, made.append)
    reading.choose(onion=True, onion_before=1, onion_opacity=0.5)
    reading.develop("x0", 2, made.append)
    assert made[0].pixels[0, 0, 0, 0] == 20 and made[1].pixels[0, 0, 0, 0] == 15


def test_small_pictures_are_made_at_once_and_of_large_ones_the_newest_wins(qtbot, monkeypatch):
    darkroom, seen, begun = Darkroom(), [], []
    gate = threading.Event()
    darkroom.develop(lambda: "small", seen.append, 10)
    assert seen == ["small"]

    def work(name):
        begun.append((name, threading.get_ident()))
        gate.wait(5)
        return name

    for name in ("first", "second", "third"):
        darkroom.develop(lambda name=name: work(name), seen.append, darkroom_module.AT_ONCE + 1)
    gate.set()
    qtbot.waitUntil(lambda: "third" in seen)
    assert seen == ["small", "third"]
    assert [name for name, _ in begun] == ["first", "third"]
    assert threading.get_ident() not in {thread for _, thread in begun}
    darkroom.close()


def test_a_step_that_cannot_be_read_is_told_and_does_not_stop_the_next(qtbot, tmp_path):
    frames = frames_of(3)
    frames.save(tmp_path / "t.safetensors")
    opened = Trajectory.open(tmp_path / "t.safetensors")
    opened.close()
    darkroom, told, seen = Darkroom(), [], []
    darkroom.failed.connect(told.append)
    for values in (1, darkroom_module.AT_ONCE + 1):
        darkroom.develop(lambda: opened.state(0), seen.append, values)
        qtbot.waitUntil(lambda: not darkroom.busy)
    darkroom.develop(lambda: "next", seen.append, 1)
    assert len(told) == 2 and "cannot be read" in str(told[0]) and seen == ["next"]
    darkroom.close()


def test_a_trajectory_that_cannot_be_read_is_told_once(qtbot, reading, tmp_path):
    frames = frames_of(3)
    frames.save(tmp_path / "t.safetensors")
    opened = Trajectory.open(tmp_path / "t.safetensors")
    reading.follow(shown(opened))
    opened.close()
    told = []
    reading.failed.connect(told.append)
    with qtbot.waitSignal(reading.failed):
        reading.lines("noise")
    assert len(told) == 1
