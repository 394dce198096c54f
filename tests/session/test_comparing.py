"""The comparison of a session on a fake model."""

import time

import pytest

from studio.library.comparison import FITTED
from studio.preferences import load_settings, settings_path


@pytest.fixture
def compare(qtbot):
    """Return a function that compares and waits for the end."""

    def compare(studio, **choice):
        studio.cell_work.prepare(studio.comparing)
        studio.comparing.choose(**choice)
        with qtbot.waitSignal(studio.comparing.ended, timeout=20_000) as ended:
            studio.comparing.start()
        return ended.args[0]

    return compare


SMALL = {"samplers": ("heun", "exp_ab3"), "budgets": (6, 8), "seeds": (0, 1)}


def test_a_comparison_fills_its_cells_and_keeps_them(studio, compare):
    ending = compare(studio, **SMALL)
    desk = studio.comparing
    assert (ending.outcome, ending.done, ending.total) == ("finished", 4, 4)
    assert len(desk.results) == 4 and all(r.error is not None for r in desk.results.values())
    assert desk.outlook.cells == 0 and not desk.running


def test_no_take_comes_of_a_comparison(studio, compare):
    compare(studio, **SMALL)
    assert studio.shelf.count() == 0


def test_results_are_there_again_when_the_choice_comes_back(studio, compare):
    compare(studio, **SMALL)
    studio.comparing.choose(seeds=(5,))
    assert studio.comparing.results == {} and studio.comparing.outlook.cells == 4
    studio.comparing.choose(seeds=(0, 1))
    assert len(studio.comparing.results) == 4


def test_the_recipes_own_sampler_is_compared_with_its_knobs(studio):
    studio.editor.edit("knobs.s_churn", 30.0)
    studio.cell_work.prepare(studio.comparing)
    studio.comparing.choose(**SMALL)
    heun = studio.comparing.comparison.solvers[0]
    assert heun.knobs == {"s_churn": 30.0}
    assert studio.comparing.comparison.solvers[1].knobs == {}


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"samplers": ()}, "No solver"),
        ({"schedules": ()}, "No schedule"),
        ({"samplers": ("gone",)}, "No solver"),
    ],
)
def test_what_is_missing_is_said(studio, choice, said):
    studio.cell_work.prepare(studio.comparing)
    studio.comparing.choose(**choice)
    assert said in studio.comparing.problem
    studio.comparing.start()
    assert not studio.comparing.running


def test_a_stopped_comparison_keeps_what_is_done(qtbot, studio, model):
    model.hook = lambda model, x, sigma: time.sleep(0.002)
    studio.cell_work.prepare(studio.comparing)
    studio.comparing.choose(**SMALL)
    with qtbot.waitSignal(studio.comparing.ended, timeout=20_000) as ended:
        studio.comparing.start()
        qtbot.waitUntil(lambda: len(studio.comparing.results) >= 1, timeout=10_000)
        studio.stop()
    assert ended.args[0].outcome == "stopped"
    assert 1 <= len(studio.comparing.results) < 4


def test_generate_takes_the_device_over_from_a_comparison(qtbot, studio, model):
    model.hook = lambda model, x, sigma: time.sleep(0.002)
    studio.cell_work.prepare(studio.comparing)
    studio.comparing.choose(**SMALL)
    with qtbot.waitSignals([studio.comparing.ended, studio.shelf.take_added], timeout=20_000):
        studio.comparing.start()
        qtbot.waitUntil(lambda: len(model.calls) > 5)
        studio.generate()
    assert not studio.comparing.running


def test_the_choice_is_remembered(start, compare):
    studio = start()
    studio.cell_work.prepare(studio.comparing)
    studio.comparing.choose(**SMALL)
    assert studio.close()
    settings, _ = load_settings(settings_path())
    again = start(comparison=settings.comparison)
    assert again.comparing.choice.samplers == SMALL["samplers"]
    assert again.comparing.choice.budgets == SMALL["budgets"]


def test_a_fitted_schedule_is_offered_where_it_is_better_and_used_exactly(studio, compare):
    compare(studio, samplers=("exp_ab3",), schedules=(FITTED,), budgets=(6,), seeds=(0,))
    studio.editor.edit("sampler", "exp_ab3")
    assert studio.fitting.offered() is None
    studio.editor.edit("steps", 6)
    fit = studio.fitting.offered()
    assert fit is not None and fit.better
    before = studio.editor.recipe
    studio.fitting.use()
    assert studio.editor.plan.sigmas == fit.sigmas
    assert studio.fitting.offered() is None
    studio.editor.undo()
    assert studio.editor.recipe == before


def test_a_fit_that_is_not_better_is_not_offered(studio, compare):
    from studio.library.fits import Fits

    compare(studio, samplers=("exp_ab3",), schedules=(FITTED,), budgets=(6,), seeds=(0,))
    fits = Fits(settings_path().parent, studio.models.digest)
    fit = fits.find("exp_ab3", {}, 6)
    fits.add(fit.model_copy(update={"error": 2 * fit.public_error}))
    studio.editor.edit("sampler", "exp_ab3")
    studio.editor.edit("steps", 6)
    assert studio.fitting.offered() is None


def test_a_full_disk_ends_the_comparison_with_the_reason(qtbot, studio, monkeypatch):
    from studio.library.comparison import folder

    def full(path, content):
        raise OSError(28, "No space left on device")

    studio.cell_work.prepare(studio.comparing)
    studio.comparing.choose(**SMALL)
    monkeypatch.setattr(folder, "write_atomically", full)
    with qtbot.waitSignal(studio.failed, timeout=10_000) as failed:
        studio.comparing.start()
    assert "the disk is full" in str(failed.args[0])
    assert not studio.comparing.running
