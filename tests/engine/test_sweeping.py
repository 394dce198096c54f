"""Sweeps on a model whose end points are known."""

import threading

import numpy as np
import pytest
from PIL import Image

from studio.diffusion import initial_noise
from studio.engine.batches import Stopped
from studio.engine.forecast import forecast
from studio.engine.job import SweepJob
from studio.engine.sweeping import Sweeping
from studio.library import ModelRef, Recipe, read_take
from studio.library.sweeps import Axis, Sweep, SweepFolder, found_places
from tests.fakes import FakeModel


def asked(*axes, seeds=(0, 1), **rest):
    base = Recipe(seeds=seeds, steps=4, model=ModelRef(path="fake", sha256="ab" * 32))
    return Sweep(base=base, axes=tuple(Axis(field=f, values=v) for f, v in axes), **rest)


STEPS = ("steps", (3, 5))
CHURN = ("knobs.s_churn", (0.0, 20.0))


def begun(sweep, root, model=None, stop=None, **job):
    cells, problems = [], {}
    sweeping = Sweeping(
        SweepJob(1, sweep, root, **job),
        model or FakeModel(),
        stop or threading.Event(),
        on_cell=lambda id, entry: cells.append((id, entry)),
        on_problem=problems.__setitem__,
    )
    return sweeping, cells, problems


def finished(sweep, root, model=None, **job):
    sweeping, cells, problems = begun(sweep, root, model, **job)
    while sweeping.advance():
        pass
    sweeping.end("finished")
    return sweeping, cells, problems


def picture_bytes(root):
    """Return the pixels of every picture by the id of its take and its name."""
    return {
        (path.parent.name.rpartition("-")[2], path.name): np.asarray(Image.open(path)).tobytes()
        for path in root.glob("sweeps/*/[0-9]*/*/[0-9]*.png")
    }


def test_every_cell_is_a_take_with_its_own_recipe(tmp_path):
    sweep = asked(STEPS, CHURN)
    sweeping, cells, _ = finished(sweep, tmp_path)
    assert len(cells) == 4
    for cell in sweep.cells():
        take = read_take(sweeping.folder.takes()[cell.id])
        assert take.recipe.steps == cell.recipe.steps == (3, 5)[cell.place[0]]
        assert take.recipe.knobs["s_churn"] == (0.0, 20.0)[cell.place[1]]
        assert len(take.recipe.sigmas) == take.recipe.steps + 1
        assert len(take.trajectory()) == take.recipe.steps and take.status == "finished"


def test_all_cells_start_from_the_same_noise(tmp_path):
    sweeping, _, _ = finished(asked(STEPS), tmp_path)
    starts = [read_take(t).trajectory().start for t in sweeping.folder.takes().values()]
    expected = initial_noise((0, 1), (3, 8, 8)).numpy() * 80
    for start in starts:
        np.testing.assert_allclose(start, expected, rtol=1e-6)


def test_a_stopped_sweep_goes_on_where_it_was(tmp_path):
    sweep, stop = asked(STEPS, CHURN), threading.Event()
    sweeping, cells, _ = begun(sweep, tmp_path, stop=stop)
    while len(cells) < 2:
        sweeping.advance()
    stop.set()
    with pytest.raises(Stopped):
        while sweeping.advance():
            pass
    assert sweeping.end("stopped").done == 2
    model = FakeModel()
    _, rest, _ = finished(sweep, tmp_path, model)
    assert {id for id, _ in rest} & {id for id, _ in cells} == set() and len(rest) == 2
    # Heun takes two calls a step but one in the last.
    assert len(model.calls) == 9 + 9


def test_more_values_add_their_cells_only(tmp_path):
    finished(asked(STEPS), tmp_path)
    _, cells, _ = finished(asked(("steps", (3, 4, 5))), tmp_path)
    assert len(cells) == 1


def test_the_error_is_the_distance_from_the_exact_end_points(tmp_path):
    sweep = asked(("steps", (4, 8)), metrics=("error",))
    _, cells, _ = finished(sweep, tmp_path)
    x = initial_noise((0, 1), (3, 8, 8)).double().numpy() * 80
    exact = x * 0.5 / np.hypot(0.5, 80)  # of the Gaussian that the fake model stands for
    for _, entry in cells:
        ours = read_take(entry.folder).trajectory().state(-1)
        distance = np.sqrt(np.square(ours - exact).mean())
        assert entry.record.figure("error") == pytest.approx(distance, rel=0.03)
    assert cells[1][1].record.figure("error") < cells[0][1].record.figure("error")


def test_a_cell_that_draws_noise_has_no_error(tmp_path):
    _, cells, _ = finished(asked(CHURN, metrics=("error",)), tmp_path)
    assert [entry.record.figure("error") is None for _, entry in cells] == [False, True]


def test_a_cell_that_cannot_be_made_does_not_stop_the_others(tmp_path):
    sweep = asked(("sampler", ("heun", "dpmpp_2m")), ("knobs.s_churn", (5.0,)))
    _, cells, problems = finished(sweep, tmp_path)
    assert len(cells) == 1 and "no knob" in problems[1, 0]

    def hook(model, x, sigma):
        return x * float("nan") if len(model.calls) == 3 else None

    _, cells, problems = finished(asked(STEPS), tmp_path, FakeModel(hook=hook))
    assert "NaN" in problems[0,] and len(cells) == 1


def test_pieces_of_a_cell_are_joined_in_order(tmp_path):
    seeds = tuple(range(5))
    whole = finished(asked(STEPS, seeds=seeds), tmp_path / "whole")[0]
    parts = finished(asked(STEPS, seeds=seeds, batch=2), tmp_path / "parts")[0]
    assert picture_bytes(tmp_path / "whole") == picture_bytes(tmp_path / "parts")
    assert not list(parts.folder.path.glob("pieces/*"))
    for id, folder in parts.folder.takes().items():
        assert read_take(folder).recipe.seeds == seeds
        assert read_take(folder).nfe == whole.folder.record(id).nfe


@pytest.mark.parametrize("world", [2, 3])
def test_processes_that_share_the_cells_write_what_one_does(tmp_path, world):
    sweep = asked(STEPS, seeds=tuple(range(5)), batch=2, metrics=("error",))
    one, shared = tmp_path / "one", tmp_path / "shared"
    calls = []
    finished(sweep, one)
    for rank in range(world):
        model = FakeModel()
        finished(sweep, shared, model, rank=rank, world=world)
        calls.append(len(model.calls))
    assert picture_bytes(one) == picture_bytes(shared)
    errors = [
        {
            id: e.record.figure("error")
            for id, e in SweepFolder(root, sweep.key("")).entries().items()
        }
        for root in (one, shared)
    ]
    assert errors[0] == pytest.approx(errors[1])
    assert all(calls)


def test_what_another_process_is_making_is_left_to_it(tmp_path):
    sweep = asked(STEPS)
    cell = sweep.cells()[0]
    with SweepFolder(tmp_path, sweep.key("")).claim(f"{cell.id}-0") as ours:
        assert ours
        _, cells, _ = finished(sweep, tmp_path)
    assert [id for id, _ in cells] == [sweep.cells()[1].id]


def test_pieces_that_were_all_there_at_a_crash_are_joined(tmp_path, monkeypatch):
    sweep = asked(("steps", (3,)), seeds=tuple(range(4)), batch=2)
    monkeypatch.setattr(Sweeping, "_join", lambda *_: None)
    finished(sweep, tmp_path)
    monkeypatch.undo()
    model = FakeModel()
    _, cells, _ = finished(sweep, tmp_path, model)
    assert len(cells) == 1 and model.calls == []
    assert len(read_take(cells[0][1].folder).pictures) == 4


def test_the_distance_of_old_cells_is_measured_from_their_pictures(tmp_path):
    tiles = tmp_path / "tiles"
    tiles.mkdir()
    rng = np.random.default_rng(0)
    for i in range(40):
        Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8)).save(tiles / f"{i}.png")
    finished(asked(STEPS), tmp_path)
    sweep = asked(STEPS, metrics=("frechet",), against=str(tiles))
    model = FakeModel()
    _, cells, _ = finished(sweep, tmp_path, model)
    assert model.calls == [] and len(cells) == 2
    fresh = finished(sweep, tmp_path / "fresh")[0]
    for id, entry in cells:
        assert entry.record.figure("frechet") > 0
        again = fresh.folder.record(id)
        assert again.figure("frechet") == pytest.approx(entry.record.figure("frechet"))
        assert again.against == entry.record.against == str(tiles)


def test_pictures_smaller_than_the_set_have_no_distance(tmp_path):
    tiles = tmp_path / "tiles"
    tiles.mkdir()
    for i in range(4):
        Image.new("RGB", (20, 20), (i * 50, 9, 9)).save(tiles / f"{i}.png")
    cells = finished(asked(STEPS, metrics=("frechet",), against=str(tiles)), tmp_path)[1]
    assert [entry.record.without for _, entry in cells] == [("frechet",)] * 2


def test_the_error_of_old_cells_is_measured_where_their_steps_were_kept(tmp_path):
    finished(asked(STEPS, CHURN), tmp_path)
    finished(asked(STEPS, keep_steps=False), tmp_path / "bare")
    late = finished(asked(STEPS, CHURN, metrics=("error",)), tmp_path)[1]
    fresh = finished(asked(STEPS, CHURN, metrics=("error",)), tmp_path / "fresh")[1]
    errors = [{id: e.record.figure("error") for id, e in cells} for cells in (late, fresh)]
    assert errors[0] == pytest.approx(errors[1])
    assert sum(error is None for error in errors[0].values()) == 2  # those that draw noise
    sweep, model = asked(STEPS, keep_steps=False, metrics=("error",)), FakeModel()
    for _ in range(2):  # what cannot be measured is not tried again and again
        sweeping, cells, _ = finished(sweep, tmp_path / "bare", model)
    assert cells == [] and model.calls == []
    assert all(e.record.without == ("error",) for e in sweeping.folder.entries().values())


def test_a_forecast_counts_what_is_left(tmp_path):
    sweep, model = asked(STEPS, CHURN), FakeModel()
    cells = sweep.cells()
    ahead = forecast(sweep, cells, {}, lambda _ref: model.info)
    assert (ahead.total, ahead.cells, ahead.pictures) == (4, 4, 8)
    assert ahead.nfe == 2 * 2 * (5 + 9) and ahead.seconds(0.5) == ahead.nfe / 2
    sweeping, _, _ = finished(sweep, tmp_path, model)
    assert sum(n for n, _ in model.calls) == ahead.nfe
    assert sweeping.progress().share == 1.0
    done, problems = found_places(sweep, sweeping.folder, "")
    assert sorted(done) == [c.place for c in cells] and not problems
    after = forecast(sweep, cells, sweeping.folder.entries(), lambda _ref: model.info)
    assert (after.cells, after.nfe) == (0, 0)


def test_a_value_that_the_model_does_not_reach_is_a_problem(tmp_path):
    sweep = asked(("sigma_max", (80.0, 500.0)))
    ahead = forecast(sweep, sweep.cells(), {}, lambda _ref: FakeModel().info)
    assert ahead.cells == 1 and "above" in ahead.problems[1,]
    _, cells, problems = finished(sweep, tmp_path)
    assert len(cells) == 1 and "above" in problems[1,]
