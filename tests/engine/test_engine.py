import time

import pytest
import torch

from studio.engine import worker as worker_module
from studio.engine.engine import Engine
from studio.library import Recipe
from tests.fakes import FakeModel


@pytest.fixture
def model():
    return FakeModel()


@pytest.fixture
def engine(qtbot, model, monkeypatch):
    def load(path, device, dtype, running=None):
        if path == "broken":
            raise ValueError("“broken” is not a model.")
        return model

    monkeypatch.setattr(worker_module, "load_model", load)
    monkeypatch.setattr(worker_module, "inspect_model", lambda path: None)
    engine = Engine()
    engine.start()
    with qtbot.waitSignal(engine.model_loaded):
        engine.open_model("fake")
    yield engine
    assert engine.close()


@pytest.fixture
def run(qtbot, engine):
    def submit(recipe):
        with qtbot.waitSignal(engine.run_ended, timeout=30_000) as ended:
            engine.submit(recipe)
        return ended.args[0]

    return submit


def slow(model, x, sigma):
    time.sleep(0.01)


def test_a_job_starts_reports_and_finishes(qtbot, engine, model):
    started, progress, ended = [], [], []
    engine.run_started.connect(started.append)
    engine.progressed.connect(progress.append)
    engine.run_ended.connect(ended.append)
    job = engine.submit(Recipe(steps=5, seeds=(1, 2)))
    qtbot.waitUntil(lambda: bool(ended))
    assert [live.job for live in started] == [job]
    assert progress[-1].index == 4 and progress[-1].nfe == 9
    assert ended[0].outcome == "finished" and ended[0].job == job


def test_the_network_runs_off_the_windows_thread(run, model):
    import threading

    run(Recipe(steps=2))
    assert threading.get_ident() not in model.threads


def test_progress_is_newest_wins_while_the_window_is_busy(qtbot, engine):
    progress = []
    engine.progressed.connect(progress.append)
    engine.submit(Recipe(steps=60, seeds=(1,)))
    time.sleep(0.4)  # the window's thread does not turn its loop
    qtbot.waitUntil(lambda: bool(progress) and progress[-1].index == 59)
    assert len(progress) < 10


def test_stop_ends_the_job_and_keeps_its_steps(qtbot, engine, model):
    model.hook = slow
    with qtbot.waitSignal(engine.run_ended) as ended:
        engine.submit(Recipe(steps=500, seeds=(1,)))
        qtbot.waitUntil(lambda: len(model.calls) > 10)
        engine.stop()
    ending = ended.args[0]
    assert ending.outcome == "stopped"
    assert 0 < len(ending.trajectory) < 500
    assert ending.pictures is not None


def test_a_new_job_replaces_the_running_one(qtbot, engine, model):
    model.hook = slow
    ended = []
    engine.run_ended.connect(ended.append)
    first = engine.submit(Recipe(steps=500))
    qtbot.waitUntil(lambda: len(model.calls) > 4)
    second = engine.submit(Recipe(steps=2))
    qtbot.waitUntil(lambda: len(ended) == 2)
    assert [(e.job, e.outcome) for e in ended] == [(first, "stopped"), (second, "finished")]


def test_clicking_fast_ends_every_job_exactly_once(qtbot, engine, model):
    ended = []
    engine.run_ended.connect(ended.append)
    jobs = [engine.submit(Recipe(steps=3)) for _ in range(50)]
    qtbot.waitUntil(lambda: len(ended) >= 50)
    qtbot.wait(20)
    assert [e.job for e in ended] == jobs
    assert ended[-1].outcome == "finished"


@pytest.mark.parametrize(
    ("hook", "title"),
    [
        (lambda m, x, s: 1 / 0, "Sampling 1 image failed: ZeroDivisionError"),
        (lambda m, x, s: torch.full_like(x, torch.nan), "NaN or infinity at step 1"),
        (lambda m, x, s: x[:, :1], "step 1 (sigma 80)"),
        (lambda m, x, s: "nonsense", "step 1 (sigma 80)"),
    ],
)
def test_a_bad_denoiser_gives_one_message_and_the_next_job_works(run, model, hook, title):
    model.hook = hook
    ending = run(Recipe(steps=3))
    assert ending.outcome == "failed"
    assert title in ending.fault.title
    assert "Traceback" in ending.fault.details
    model.hook = None
    assert run(Recipe(steps=3)).outcome == "finished"


def test_running_out_of_memory_says_what_to_do(run, model):
    def none(model, x, sigma):
        raise torch.OutOfMemoryError("tried to allocate 1 TB")

    model.hook = none
    ending = run(Recipe(steps=3, seeds=tuple(range(4096))))
    assert ending.fault.title == "Sampling 4096 images ran out of memory."
    assert "Lower the number of images" in ending.fault.advice
    model.hook = None
    assert run(Recipe(steps=3)).outcome == "finished"


def test_a_recipe_that_cannot_run_fails_as_a_job(run):
    ending = run(Recipe(steps=4, schedule="nothing"))
    assert ending.outcome == "failed"
    assert "nothing" in ending.fault.title


def test_a_model_that_cannot_be_opened_is_reported(qtbot, engine):
    with qtbot.waitSignal(engine.model_failed) as failed:
        engine.open_model("broken")
    path, fault = failed.args
    assert path == "broken" and "not a model" in fault.title


def test_closing_while_sampling_delivers_the_end(qtbot, model, monkeypatch):
    monkeypatch.setattr(worker_module, "load_model", lambda *_: model)
    monkeypatch.setattr(worker_module, "inspect_model", lambda path: None)
    engine = Engine()
    engine.start()
    engine.open_model("fake")
    ended = []
    engine.run_ended.connect(ended.append)
    model.hook = slow
    engine.submit(Recipe(steps=1000))
    qtbot.waitUntil(lambda: len(model.calls) > 3)
    assert engine.close()
    assert [e.outcome for e in ended] == ["stopped"]
    assert not engine.running
