"""Comparisons on a model whose end points are known."""

import threading
from pathlib import Path

import numpy as np
import pytest

from studio.diffusion import KnobError, initial_noise
from studio.engine.batches import Stopped
from studio.engine.cells import outlook, recipe_of, steps_of
from studio.engine.comparing import Comparing
from studio.engine.job import CompareJob
from studio.library import ModelRef, Recipe
from studio.library.comparison import Cell, Comparison, Pick
from studio.library.fits import Fits
from tests.fakes import FakeModel


def pick(id, **knobs):
    return Pick(id=id, knobs=knobs)


def asked(*solvers, schedules=("karras",), budgets=(6, 10), **base):
    base = Recipe(**{"seeds": (0, 1), "model": ModelRef(sha256="ab" * 32)} | base)
    return Comparison(
        base=base,
        solvers=tuple(pick(s) if isinstance(s, str) else s for s in solvers),
        schedules=tuple(pick(s) for s in schedules),
        budgets=budgets,
    )


def begun(comparison, root, model=None, stop=None):
    results = []
    job = CompareJob(1, comparison, Path(root), Path(root))
    comparing = Comparing(job, model or FakeModel(), stop or threading.Event(), results.append)
    return comparing, results


def finished(comparison, root, model=None):
    comparing, results = begun(comparison, root, model)
    while comparing.advance():
        pass
    return comparing, results


def test_errors_are_distances_from_the_exact_end_points(tmp_path):
    comparison = asked("heun", "euler", "exp_ab3")
    _, results = finished(comparison, tmp_path)
    x = initial_noise((0, 1), (3, 8, 8)).double().numpy() * 80
    exact = x * 0.5 / np.hypot(0.5, 80)  # of the Gaussian that the fake model stands for
    model = FakeModel()
    for result in results:
        from studio.diffusion import sample

        *_, last = sample(model.denoise, torch_of(x), result.sigmas, result.cell.solver.id)
        ours = np.sqrt(np.square(last.x.numpy() - exact).mean())
        assert result.error == pytest.approx(ours, rel=0.02)
    errors = {r.cell.key: r.error for r in results}
    assert errors["heun-karras-10"] < errors["heun-karras-6"]


def torch_of(x):
    import torch

    return torch.from_numpy(x)


def test_each_cell_takes_the_most_steps_that_its_budget_pays(tmp_path):
    model = FakeModel()
    _, results = finished(asked("heun", "euler"), tmp_path, model)
    assert [(r.cell.solver.id, len(r.sigmas) - 1, r.nfe) for r in results] == [
        ("heun", 3, 5),
        ("heun", 5, 9),
        ("euler", 6, 6),
        ("euler", 10, 10),
    ]
    assert len(model.calls) == 200 + 5 + 9 + 6 + 10


def test_a_solver_that_draws_noise_has_no_error_and_says_why(tmp_path):
    churned = pick("heun", s_churn=20.0)
    quiet = pick("euler_ancestral", eta=0.0)
    _, results = finished(asked("euler_ancestral", churned, quiet, budgets=(6,)), tmp_path)
    assert [r.error is None for r in results] == [True, True, False]
    assert "draws noise" in results[0].remark


def test_a_stopped_comparison_goes_on_where_it_was(tmp_path):
    stop = threading.Event()
    comparison = asked("heun", "euler")
    comparing, results = begun(comparison, tmp_path, stop=stop)
    while len(results) < 2:
        comparing.advance()
    stop.set()
    with pytest.raises(Stopped):
        while comparing.advance():
            pass
    assert comparing.end("stopped").done == 2
    model = FakeModel()
    again, rest = finished(comparison, tmp_path, model)
    assert [r.cell.solver.id for r in rest] == ["euler", "euler"]
    assert len(model.calls) == 16  # neither the reference nor a finished cell is sampled again
    whole, _ = finished(comparison, tmp_path / "other")
    errors = {r.cell.key: r.error for r in whole.folder.results()}
    assert {r.cell.key: r.error for r in again.folder.results()} == errors


def test_another_solver_adds_its_cells_only(tmp_path):
    finished(asked("heun"), tmp_path)
    _, results = finished(asked("heun", "euler", budgets=(6, 8, 10)), tmp_path)
    names = [r.cell.key for r in results]
    assert names == ["heun-karras-8", "euler-karras-6", "euler-karras-8", "euler-karras-10"]


def test_a_cell_that_fails_does_not_stop_the_others(tmp_path):
    def hook(model, x, sigma):
        return x * float("nan") if len(model.calls) == 202 else None

    comparing, results = finished(
        asked("heun", "euler", budgets=(6,)), tmp_path, FakeModel(hook=hook)
    )
    assert not results[0].sampled and "NaN" in results[0].remark
    assert results[1].error is not None
    assert [r.cell.solver.id for r in comparing.folder.results()] == ["euler"]


def test_a_budget_that_pays_no_step_is_a_remark(tmp_path):
    cell = Cell(solver=pick("heun", churn=1), schedule=pick("karras"), budget=3)
    with pytest.raises(KnobError, match="no knob"):
        steps_of(cell)
    restart = Cell(solver=pick("restart"), schedule=pick("karras"), budget=1)
    assert steps_of(restart) == 1


def test_all_schedules_share_the_ends_of_the_range(tmp_path):
    model = FakeModel()
    comparison = asked("euler", schedules=("karras", "vp", "ve", "iddpm"), budgets=(8,))
    recipes = [
        recipe_of(cell, comparison, model.info, Fits(tmp_path, "")) for cell in comparison.cells()
    ]
    assert {(r.sigma_min, r.sigma_max) for r in recipes} == {(0.002, 80.0)}


def test_a_fitted_cell_is_fitted_first_and_kept_with_the_model(tmp_path):
    comparison = asked("exp_ab3", schedules=("karras", "fitted"), budgets=(6,))
    model = FakeModel()
    before = outlook(comparison, model.info, Fits(tmp_path, "ab" * 32), (), begun=False)
    assert (before.cells, before.fits) == (2, 1)
    _, results = finished(comparison, tmp_path, model)
    assert results[1].error < results[0].error
    fit = Fits(tmp_path, "ab" * 32).find("exp_ab3", {}, 6, 80.0)
    assert fit.better and fit.sigmas == results[1].sigmas
    assert len(model.calls) <= before.calls + before.small_calls


def test_no_schedule_is_fitted_to_a_solver_that_draws_noise(tmp_path):
    comparison = asked("euler_ancestral", schedules=("fitted",), budgets=(6,))
    _, results = finished(comparison, tmp_path)
    assert not results[0].sampled and "draws noise" in results[0].remark


def test_a_fit_stops_before_the_next_call(tmp_path):
    stop = threading.Event()

    def hook(model, x, sigma):
        if len(model.calls) == 450:
            stop.set()

    comparison = asked("exp_ab3", schedules=("fitted",), budgets=(6,))
    model = FakeModel(hook=hook)
    comparing, results = begun(comparison, tmp_path, model, stop)
    with pytest.raises(Stopped):
        while comparing.advance():
            pass
    assert len(model.calls) == 450 and results == []


def test_progress_never_goes_back_and_ends_at_the_end(tmp_path):
    comparing, _ = begun(asked("heun", "rk45"), tmp_path)
    shares, more = [], True
    while more:
        more = comparing.advance()
        shares.append(comparing.progress().calls)
    assert shares == sorted(shares)
    assert comparing.end("finished").done == comparing.end("finished").total == 3
