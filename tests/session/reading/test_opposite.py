"""Which take another one is compared with: the chosen one, the parent, the one before."""

import numpy as np
import pytest


def generate(qtbot, studio, **changes):
    for field, value in changes.items():
        studio.editor.edit(field, value)
    with qtbot.waitSignal(studio.shelf.take_added) as added:
        studio.generate()
    return added.args[0].id


@pytest.fixture
def two(qtbot, studio):
    """A studio with two takes of the same noise by different solvers, the second one shown."""
    studio.editor.edit("seeds", (3, 4))
    ids = [generate(qtbot, studio, sampler=sampler) for sampler in ("heun", "dpmpp_2m")]
    return studio, *ids


def developed(qtbot, reading, index):
    """Return the difference at a step, once the other take is open."""
    made = []
    reading.develop("diff", index, made.append)
    if made[-1].pixels is None:
        with qtbot.waitSignal(reading.renewed):
            pass
        reading.develop("diff", index, made.append)
    return made[-1]


def test_the_take_looked_at_before_is_the_other_one(qtbot, two):
    studio, first, second = two
    reading = studio.reading
    assert studio.shown.id == second and reading.opposite.id == first
    made = developed(qtbot, reading, 10)
    mine, other = studio.shown.trajectory, reading.opposite.frames
    gap = (mine.estimate(10) - other.estimate(10)).reshape(2, -1)
    assert made.gap.rms == pytest.approx(np.sqrt((gap**2).mean(axis=1)), rel=1e-4)
    assert made.spot.exact and made.spot.low == 10


def test_of_a_branch_it_is_the_parent_also_when_opened_again(qtbot, two):
    studio, first, second = two
    studio.shelf.reopen(first)
    qtbot.waitUntil(lambda: studio.shown.id == first)
    assert studio.reading.opposite.id == second
    studio.editor.edit("sampler", "euler")
    with qtbot.waitSignal(studio.shelf.take_added) as added:
        studio.branch(8)
    branch = added.args[0].id
    assert studio.shown.id == branch and studio.reading.opposite.id == first
    made = developed(qtbot, studio.reading, 7)
    assert np.abs(made.gap.map).max() == 0  # the steps that both have
    studio.shelf.reopen(second)
    qtbot.waitUntil(lambda: studio.shown.id == second)
    studio.shelf.reopen(branch)
    qtbot.waitUntil(lambda: studio.shown.id == branch)
    assert studio.reading.opposite.id == first


def test_the_one_that_was_chosen_stays(qtbot, two):
    studio, first, _ = two
    third = generate(qtbot, studio, sampler="ddim")
    studio.reading.opposite.choose(first)
    assert studio.reading.opposite.id == first
    assert studio.shown.id == third
    fourth = generate(qtbot, studio, sampler="euler")
    assert (studio.shown.id, studio.reading.opposite.id) == (fourth, first)


def test_a_take_whose_steps_are_gone_says_so(qtbot, two):
    studio, first, _ = two
    (studio.shelf.get(first).folder / "trajectory.safetensors").unlink()
    assert "steps of that take are gone" in developed(qtbot, studio.reading, 3).problem


def test_the_choice_is_remembered(qtbot, studio):
    studio.reading.choose(measure="noise", tolerance=0.25)
    assert studio.settings.reading.measure == "noise"
    assert studio.settings.reading.tolerance == 0.25


def test_a_run_that_was_never_kept_is_not_the_one_before(qtbot, two):
    studio, _, second = two
    opposite = studio.reading.opposite
    opposite.follow("f" * 12, None, stored=False)  # a live run, overtaken by the next
    opposite.follow("e" * 12, None, stored=False)
    assert opposite.id == second


def test_a_parent_that_is_still_being_saved_is_opened_once_it_is(qtbot, studio):
    opposite = studio.reading.opposite
    opposite.follow("e" * 12, "d" * 12, stored=False)
    opposite.need()
    assert "no longer there" in opposite.problem
    id = generate(qtbot, studio)
    opposite.follow("e" * 12, id, stored=False)
    opposite._opened, opposite.take = id, None  # as if asked for just before
    opposite._on_added(studio.shelf.page(1, 0)[0].take, None)
    with qtbot.waitSignal(opposite.changed):
        opposite.need()
    assert opposite.take.id == id and not opposite.problem
