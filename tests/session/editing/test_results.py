"""Restorations that are remembered, and a comparison of methods."""

from dataclasses import replace

import numpy as np
import pytest

from studio.library import InputRef, OperatorRef, Recipe, RestorationTask
from studio.session.editing.restored import Restored, measured, way_of
from studio.session.editing.results import Results
from studio.session.editing.subjects import Subject

PIXELS = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
MASK = np.zeros((8, 8), np.uint8)
MASK[2:5, 3:7] = 255


def recipe(**changes):
    task = RestorationTask(picture=InputRef(sha256="a" * 64, name="one"))
    return Recipe(task="restore", sampler="ddrm", restoration=task).model_copy(update=changes)


def test_a_way_is_told_by_all_but_the_seeds():
    assert way_of(recipe(seeds=(1, 2))) == way_of(recipe(seeds=(5,)))
    for change in ({"sampler": "dps"}, {"steps": 7}, {"knobs": {"eta": 0.5}}, {"guidance": 2.0}):
        assert way_of(recipe(**change)) != way_of(recipe())


def test_what_is_measured_is_told_by_content_and_not_by_name():
    task = recipe().restoration
    renamed = task.model_copy(update={"picture": InputRef(sha256="a" * 64, name="two")})
    assert measured(recipe(restoration=renamed)) == measured(recipe())
    noisier = task.model_copy(update={"noise": 0.1})
    assert measured(recipe(restoration=noisier)) != measured(recipe())
    assert measured(Recipe()) is None


def test_figures_are_those_of_the_finished_pictures_once_there_are_any():
    series = {"psnr": np.array([[10.0, 12.0], [20.0, 22.0]])}
    running = Restored(recipe(), series=series)
    assert running.figure("psnr") == 21
    assert running.figure("ssim") is None
    assert replace(running, final={"psnr": np.array([30.0, 32.0])}).figure("psnr") == 31


def test_a_gap_is_no_figure():
    assert Restored(recipe(), series={"psnr": np.array([[np.nan, 1.0]])}).figure("psnr") is None


@pytest.fixture
def results(studio, qtbot):
    desk = studio.editing
    found = Results(desk, studio.sampling)
    desk.editor.edit_all({"seeds": (1,), "steps": 3})
    with qtbot.waitSignal(desk.picture_changed):
        desk.take_whole(Subject("noise", PIXELS))
    desk.set_mask(MASK)
    qtbot.waitUntil(lambda: desk.seen is not None)
    return found


def restored(results, qtbot):
    with qtbot.waitSignal(results._desk.ended):
        results._desk.restore()
    return results.shown


def test_the_same_way_takes_the_place_of_the_one_before(results, qtbot):
    first = restored(results, qtbot)
    results._desk.editor.edit("seeds", (9,))
    second = restored(results, qtbot)
    assert results.rows == (second,)
    assert first.seeds != second.seeds
    results._desk.editor.edit("steps", 5)
    third = restored(results, qtbot)
    assert results.rows == (second, third)
    assert results.shown is third


def test_what_was_just_painted_counts(results, qtbot, studio):
    desk = results._desk
    wider = MASK.copy()
    wider[:, 0] = 255
    desk.set_mask(wider)
    recipes = []
    studio.sampling.started.connect(lambda live: recipes.append(live.recipe))
    with qtbot.waitSignal(desk.ended):
        desk.restore()  # before the mask is on the disk
    assert recipes[0].restoration.mask == desk.task.mask
    known = np.abs(results.shown.pictures[0].astype(int) - PIXELS).max(2)
    assert known[wider == 0].max() <= 2
    assert known[:, 0].max() > 2


def test_a_take_that_is_opened_again_is_known(results, qtbot, studio):
    with qtbot.waitSignal(studio.shelf.take_added):
        first = restored(results, qtbot)
    results._desk.edit_task(operators=(OperatorRef(id="colourise"),))
    assert results.stale
    with qtbot.waitSignal(results._desk.shown_changed):
        studio.shelf.reopen(first.take)
    assert results.shown is first


def test_a_comparison_leaves_out_what_cannot_serve_and_begins_with_what_is_chosen(
    results, qtbot, monkeypatch
):
    monkeypatch.setattr(Results, "candidates", lambda self: ("diffpir", "ilvr"))
    methods = []
    results._desk.started.connect(lambda live: methods.append(live.recipe.sampler))
    results._desk.choose_method("ilvr")
    results.compare()
    assert results.left == 2
    qtbot.waitUntil(lambda: not results.comparing)
    assert methods == ["ilvr", "diffpir"]


def test_a_plain_run_ends_a_comparison(results, qtbot, studio, monkeypatch):
    monkeypatch.setattr(Results, "candidates", lambda self: ("ddrm", "ilvr"))
    results._desk.editor.edit("steps", 2000)
    with qtbot.waitSignal(results._desk.progressed):
        results.compare()
    with qtbot.waitSignal(studio.sampling.ended):
        studio.generate()
    qtbot.waitUntil(lambda: not results.comparing)
    assert not studio.sampling.running
