"""Branches and knobs that are turned while a run goes on, as a person meets them."""

import time
from dataclasses import replace

import numpy as np
import pytest

from studio.library import read_recipe
from studio.library.lineage import changes_said
from studio.session.drawing import drawn


@pytest.fixture
def made(qtbot):
    """Return a function that does something and waits for the take that comes of it."""

    def wait(studio, deed):
        with qtbot.waitSignal(studio.shelf.take_added) as added:
            deed()
        return added.args[0]

    return wait


def slow(model, x, sigma):
    time.sleep(0.01)


def states(take):
    return [frame.x for frame in take.trajectory()]


def same(one, other):
    return len(one) == len(other) and all(map(np.array_equal, one, other))


def test_an_unchanged_branch_is_the_same_take_again(studio, made):
    studio.editor.edit("knobs.s_churn", 40.0)
    first = made(studio, studio.generate)
    branch = made(studio, lambda: studio.branch(6))
    assert branch.parent == first.id
    assert branch.recipe == first.recipe
    assert same(states(branch), states(first))
    assert [p.read_bytes() for p in branch.pictures] == [p.read_bytes() for p in first.pictures]
    listed = [(each.take, each.generation) for each in studio.shelf.page(9, 0)]
    assert listed == [(first, 0), (branch, 1)]
    assert studio.shown.id == branch.id and studio.shown.stored


def test_a_branch_does_what_the_knobs_say_from_the_next_step(studio, made):
    first = made(studio, studio.generate)
    studio.editor.edit("sampler", "dpmpp_2m")
    studio.editor.edit("classes", (2,))
    branch = made(studio, lambda: studio.branch(6))
    assert same(states(branch)[:7], states(first)[:7])
    assert not np.array_equal(states(branch)[7], states(first)[7])
    assert changes_said(branch.recipe) == ("@ 7 · DPM++ 2M, class 2",)
    assert branch.nfe == 2 * 7 + 11
    assert studio.editor.whole.segments == ()  # the panel is what it was


def test_a_branched_picture_is_made_again_on_a_new_library(studio, start, made, qtbot, tmp_path):
    made(studio, studio.generate)
    studio.editor.edit("sampler", "dpmpp_3m_sde")
    studio.editor.edit("steps", 30)
    made(studio, lambda: studio.branch(4))
    studio.editor.edit("guidance", 2.0)
    branch = made(studio, lambda: studio.branch(9))
    assert len(branch.recipe.segments) == 2
    fresh = start(output_folder=tmp_path / "elsewhere")
    fresh.open_file(str(branch.pictures[3]))
    assert fresh.editor.whole.segments == branch.recipe.segments
    assert fresh.editor.recipe.sampler == "dpmpp_3m_sde" and fresh.editor.recipe.guidance == 2.0
    again = made(fresh, lambda: fresh.sampling.generate(fresh.editor.whole))
    assert same(states(again), states(branch))
    assert read_recipe(again.pictures[0]) == again.recipe == branch.recipe


def test_a_run_in_progress_can_be_branched(studio, made, model, qtbot):
    model.hook = slow
    studio.editor.edit("steps", 200)
    stopped = []
    studio.sampling.take_made.connect(stopped.append)
    studio.generate()
    qtbot.waitUntil(lambda: studio.shown is not None and len(studio.shown.trajectory) > 5)
    shown = studio.shown
    studio.editor.edit("steps", 6)
    model.hook = None
    with qtbot.waitSignals([studio.shelf.take_added] * 2):
        studio.branch(4)
    parent, branch = stopped
    assert parent.outcome == "stopped" and branch.outcome == "finished"
    assert branch.parent == parent.take == shown.id
    assert same([f.x for f in branch.trajectory][:5], [f.x for f in parent.trajectory][:5])


def test_a_take_whose_steps_are_gone_is_branched_all_the_same(studio, made, qtbot):
    studio.editor.edit("knobs.s_churn", 40.0)
    first = made(studio, studio.generate)
    before = states(first)
    (first.folder / "trajectory.safetensors").unlink()
    with qtbot.waitSignal(studio.shelf.take_opened):
        studio.shelf.reopen(first.id)
    studio.editor.edit("guidance", 2.0)
    branch = made(studio, lambda: studio.branch(5))
    assert same(states(branch)[:6], before[:6])
    assert len(states(branch)) == 18


def test_other_numbers_of_pictures_cannot_branch(studio, made, qtbot):
    made(studio, studio.generate)
    studio.editor.edit("seeds", (1, 2))
    with qtbot.waitSignal(studio.failed) as failed:
        studio.branch(3)
    assert "Set the images to 16" in str(failed.args[0])
    assert not studio.sampling.running


def test_live_knobs_act_on_the_run_that_goes_on(studio, made, model, qtbot):
    model.hook = slow
    studio.editor.edit("steps", 60)
    studio.remember(live=True)

    def turn():
        studio.generate()
        qtbot.waitUntil(lambda: studio.shown is not None and len(studio.shown.trajectory) > 5)
        studio.editor.edit("guidance", 3.0)
        with qtbot.waitSignal(studio.sampling.changed):
            studio.editor.edit("classes", (1,))
        assert studio.shown.recipe.segments

    take = made(studio, turn)
    segments = take.recipe.segments
    assert take.status == "finished" and 1 <= len(segments) <= 2
    assert 5 < segments[0].from_step < 59
    assert take.parent is None
    model.hook = None
    again = made(studio, lambda: studio.sampling.generate(take.recipe))
    assert same(states(again), states(take))


def test_without_live_knobs_wait_for_the_next_generate(studio, made, model, qtbot):
    model.hook = slow
    studio.editor.edit("steps", 40)

    def turn():
        studio.generate()
        qtbot.waitUntil(lambda: studio.shown is not None and len(studio.shown.trajectory) > 5)
        studio.editor.edit("guidance", 3.0)

    assert made(studio, turn).recipe.segments == ()


def test_another_seed_while_live_begins_other_pictures(studio, made, model, qtbot):
    model.hook = slow
    studio.editor.edit("steps", 40)
    studio.remember(live=True)
    ended = []
    studio.sampling.take_made.connect(ended.append)
    studio.generate()
    qtbot.waitUntil(lambda: studio.shown is not None and len(studio.shown.trajectory) > 5)
    with qtbot.waitSignals([studio.shelf.take_added] * 2):
        studio.editor.edit("seeds", (50, 51))
    assert [each.outcome for each in ended] == ["stopped", "finished"]
    assert ended[1].recipe.seeds == (50, 51)


def test_seeds_keep_the_stages_and_knobs_end_them(studio, made, qtbot):
    made(studio, studio.generate)
    studio.editor.edit("guidance", 2.0)
    branch = made(studio, lambda: studio.branch(5))
    with qtbot.waitSignal(studio.shelf.take_opened):
        studio.shelf.reopen(branch.id)
    whole = studio.editor.whole
    assert whole.segments == branch.recipe.segments
    studio.editor.edit("seeds", (4, 5, 6))
    assert studio.editor.whole.seeds == (4, 5, 6) and len(studio.editor.whole.segments) == 1
    studio.editor.edit("guidance", 5.0)
    assert studio.editor.whole.segments == () and studio.editor.whole.seeds == (4, 5, 6)
    studio.editor.undo()
    studio.editor.undo()
    assert studio.editor.whole == whole
    studio.editor.start_afresh()
    assert studio.editor.whole == whole.settled()


def test_a_recipe_with_stages_outlives_the_studio(studio, start, made, qtbot):
    made(studio, studio.generate)
    studio.editor.edit("guidance", 2.0)
    branch = made(studio, lambda: studio.branch(5))
    with qtbot.waitSignal(studio.shelf.take_opened):
        studio.shelf.reopen(branch.id)
    again = start(recipe=studio.settings.recipe)
    assert again.editor.whole.segments == branch.recipe.segments


def test_a_branch_of_another_model_opens_both(studio, made, qtbot, two_models):
    one, two = two_models
    for path in (one, two):
        if path == two:
            first = made(studio, studio.generate)
        with qtbot.waitSignals([studio.models.opened, studio.models.hashed]):
            studio.open_model(path)
    shown = replace(studio.shown)
    branch = made(studio, lambda: studio.branch(4))
    assert branch.parent == first.id and studio.shown.id != shown.id
    assert branch.recipe.model.path == one
    assert branch.recipe.segments[0].changes["model"].path == two
    assert same(states(branch), states(first))  # both are the same fake


def test_live_edits_of_the_schedule_go_on_from_the_first_change(studio, made, model):
    first = made(studio, studio.generate)
    studio.remember(live=True)
    model.calls.clear()
    sigmas = first.recipe.sigmas
    edited = (*sigmas[:12], sigmas[12] * 0.9, *sigmas[13:18])
    assert studio.branching.kept_steps == 18
    take = made(studio, lambda: studio.editor.edit_all(drawn(edited)))
    assert len(model.calls) == 2 * 7 - 1
    assert take.nfe == 35 and take.recipe.segments == () and take.parent is None
    assert same(states(take)[:11], states(first)[:11])
    assert not np.array_equal(states(take)[11], states(first)[11])
    studio.remember(live=False)
    again = made(studio, lambda: studio.sampling.generate(take.recipe))
    assert same(states(again), states(take))


def test_a_take_is_checked_by_making_it_again(studio, made, model, qtbot):
    studio.editor.edit("knobs.s_churn", 40.0)
    first = made(studio, studio.generate)
    studio.editor.edit("sampler", "dpmpp_3m_sde")
    made(studio, lambda: studio.branch(5))
    shown, count = studio.shown, studio.shelf.count()
    with qtbot.waitSignal(studio.noted) as noted:
        studio.check()
    assert "same, to the last bit of its state" in noted.args[0]
    assert studio.shown == shown and studio.shelf.count() == count
    model.hook = lambda _model, x, sigma: x / (1.3 + sigma**2)
    with qtbot.waitSignal(studio.noted) as noted:
        studio.check()
    assert "16 of 16 pictures differ" in noted.args[0]
    assert studio.shelf.count() == count and first.id != shown.id


def test_a_check_names_a_version_that_differs(studio, made, qtbot):
    made(studio, studio.generate)
    precision = studio.shown.recipe.precision
    assert precision.studio and precision.torch
    for before, said in (
        ({"torch": "1.13.1"}, f"the version of torch (1.13.1, here {precision.torch})"),
        ({"studio": "0.0.9"}, f"the version of studio (0.0.9, here {precision.studio})"),
        ({"torch": "", "studio": ""}, "same, to the last bit of its state."),
    ):
        older = precision.model_copy(update=before)
        recipe = studio.shown.recipe.model_copy(update={"precision": older})
        studio._show(replace(studio.shown, recipe=recipe))
        with qtbot.waitSignal(studio.noted) as noted:
            studio.check()
        assert said in noted.args[0]
        assert ("version" in noted.args[0]) == any(before.values())


def test_without_a_take_there_is_nothing_to_check(studio, qtbot):
    with qtbot.waitSignal(studio.noted) as noted:
        studio.check()
    assert "finished take" in noted.args[0]
