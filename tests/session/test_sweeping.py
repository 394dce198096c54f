"""The sweep of a session on a fake model."""

import time

import numpy as np
import pytest

from studio.library.sweeps import Axis
from studio.preferences import load_settings, settings_path

STEPS = Axis(field="steps", values=(3, 5))
CHURN = Axis(field="knobs.s_churn", values=(0.0, 20.0))
SMALL = {"axes": (STEPS, CHURN), "seeds": (0, 1)}


@pytest.fixture
def choose(qtbot):
    """Return a function that chooses what to sweep and waits until all is known of it."""

    def choose(studio, **choice):
        with qtbot.waitSignal(studio.sweeping.cells_changed, timeout=10_000):
            studio.cell_work.prepare(studio.sweeping)
        with qtbot.waitSignal(studio.sweeping.cells_changed, timeout=10_000):
            studio.sweeping.choose(**{**SMALL, **choice})
        return studio.sweeping

    return choose


@pytest.fixture
def sweep(qtbot, choose):
    """Return a function that makes a sweep and waits for the end."""

    def sweep(studio, **choice):
        desk = choose(studio, **choice)
        with qtbot.waitSignals([desk.ended, desk.cells_changed], timeout=20_000) as _:
            desk.start()
        qtbot.waitUntil(lambda: desk.view.forecast.cells == 0, timeout=10_000)
        return desk

    return sweep


def test_count_and_time_are_known_before_the_start(qtbot, studio, choose):
    desk = choose(studio)
    assert (desk.view.forecast.cells, desk.view.forecast.pictures) == (4, 8)
    qtbot.waitUntil(lambda: desk.seconds is not None, timeout=10_000)
    assert desk.seconds > 0 and not desk.view.problem


def test_cells_are_takes_that_do_not_fill_the_list(studio, sweep):
    desk = sweep(studio)
    assert sorted(desk.done) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert studio.shelf.count() == 0


def test_a_cell_opens_as_a_take_and_branches(qtbot, studio, sweep):
    desk = sweep(studio)
    with qtbot.waitSignal(studio.shelf.take_opened, timeout=10_000):
        studio.open_cell(desk.done[1, 1].folder)
    assert studio.editor.recipe.knobs["s_churn"] == 20.0
    assert len(studio.shown.trajectory) == 5
    studio.editor.edit("knobs.s_churn", 5.0)
    with qtbot.waitSignal(studio.shelf.take_added, timeout=10_000) as added:
        studio.branch(2)
    assert added.args[0].parent == desk.done[1, 1].record.id


def test_the_sweep_stays_on_its_recipe_when_a_cell_is_opened(qtbot, studio, sweep):
    desk = sweep(studio)
    with qtbot.waitSignal(studio.shelf.take_opened):
        studio.open_cell(desk.done[1, 0].folder)
    studio.editor.edit("sampler", "dpmpp_2m")
    with qtbot.waitSignal(desk.cells_changed):
        studio.cell_work.prepare(studio.sweeping)
    assert len(desk.done) == 4 and desk.base.sampler == "heun"
    with qtbot.waitSignal(desk.cells_changed):
        desk.unpin()
    assert desk.done == {} and desk.base.sampler == "dpmpp_2m"


def test_an_earlier_sweep_is_reopened_as_it_was(qtbot, studio, sweep, choose):
    desk = sweep(studio)
    choose(studio, axes=(Axis(field="guidance", values=(1.0, 2.0)),), seeds=(7,))
    assert desk.done == {} and len(desk.view.past) == 1
    with qtbot.waitSignal(desk.cells_changed):
        desk.reopen(desk.view.past[0].folder)
    assert len(desk.done) == 4 and desk.choice.axes == (STEPS, CHURN)


def test_a_stopped_sweep_keeps_what_is_done(qtbot, studio, model, choose):
    model.hook = lambda model, x, sigma: time.sleep(0.005)
    desk = choose(studio)
    with qtbot.waitSignal(desk.ended, timeout=20_000) as ended:
        desk.start()
        qtbot.waitUntil(lambda: len(desk.done) >= 1, timeout=10_000)
        studio.stop()
    assert ended.args[0].outcome == "stopped"
    assert 1 <= len(desk.done) < 4


def test_pictures_are_read_beside_the_window(qtbot, studio, sweep):
    desk = sweep(studio)
    with qtbot.waitSignal(desk.pictures_read, timeout=10_000) as read:
        desk.read_pictures(1, [(0, 0), (9, 9)])
        desk.read_pictures(0, [(0, 1)])  # waits for its turn, and the newest wish counts
        desk.read_pictures(1, list(desk.done))
    assert sorted(read.args[0]) == [(0, 0)]
    with qtbot.waitSignal(desk.pictures_read, timeout=10_000) as read:
        pass
    assert sorted(read.args[0]) == sorted(desk.done)
    assert all(picture.shape == (8, 8, 3) for picture in read.args[0].values())
    assert all(picture.dtype == np.uint8 for picture in read.args[0].values())


def test_a_cell_that_cannot_be_made_says_why(studio, sweep):
    axes = (Axis(field="sampler", values=("heun", "dpmpp_2m")), CHURN)
    desk = sweep(studio, axes=axes)
    assert sorted(desk.done) == [(0, 0), (0, 1)]
    assert "no knob" in desk.problems[1, 0]


def test_what_is_missing_is_said(studio, choose):
    desk = choose(studio, axes=())
    assert "Choose what" in desk.view.problem
    desk.start()
    assert not desk.running
    assert "two axes" in choose(studio, axes=(STEPS, STEPS)).view.problem
    desk = choose(studio, metric="frechet", seeds=(0,))
    assert "set of pictures" in desk.view.problem


def test_the_choice_is_remembered(start, choose):
    studio = start()
    choose(studio, metric="nfe", axes=(Axis(field="guidance_high", values=(1.0, float("inf"))),))
    assert studio.close()
    settings, _ = load_settings(settings_path())
    again = start(sweep=settings.sweep)
    assert again.sweeping.choice.metric == "nfe"
    assert again.sweeping.choice.axes[0].values == (1.0, float("inf"))


def test_the_queue_waits_for_a_sweep(qtbot, studio, model, choose):
    model.hook = lambda model, x, sigma: time.sleep(0.002)
    desk = choose(studio)
    with qtbot.waitSignal(studio.shelf.take_added, timeout=20_000):
        desk.start()
        studio.enqueue()
    assert len(desk.done) == 4
