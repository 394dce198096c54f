"""Errands on the worker's thread, between other work."""

import threading

import pytest
import torch

from studio.engine import worker as worker_module
from studio.engine.engine import Engine
from studio.engine.errands.encoding import Encode
from studio.engine.errands.likelihood import Likelihood
from studio.engine.errands.results import Encoded, Measured
from studio.library import Recipe
from tests.engine.errands.conftest import base, pictures
from tests.fakes import FakeModel

QUICK = {"rtol": 1e-2, "atol": 1e-2}


@pytest.fixture
def model():
    return FakeModel()


@pytest.fixture
def engine(qtbot, model, monkeypatch):
    monkeypatch.setattr(worker_module, "load_model", lambda *_: model)
    monkeypatch.setattr(worker_module, "inspect_model", lambda path: None)
    engine = Engine()
    engine.start()
    with qtbot.waitSignal(engine.model_loaded):
        engine.open_model("fake")
    yield engine
    assert engine.close()


def test_what_is_found_comes_before_the_end_and_names_its_job(qtbot, engine, model):
    found, progress = [], []
    engine.found.connect(lambda job, what: found.append((job, what)))
    engine.errand_progressed.connect(progress.append)
    with qtbot.waitSignal(engine.errand_ended, timeout=30_000) as ended:
        job = engine.errand(Likelihood(base(), pictures(2), ("a", "b"), QUICK))
    ending = ended.args[0]
    assert [(of, type(what), what.name) for of, what in found] == [
        (job, Measured, "a"),
        (job, Measured, "b"),
    ]
    assert (ending.job, ending.outcome, ending.done, ending.total) == (job, "finished", 2, 2)
    assert progress[-1].share == 1
    assert threading.get_ident() not in model.threads


def test_a_run_takes_the_place_of_an_errand(qtbot, engine, model):
    ended = []
    engine.errand_ended.connect(lambda ending: ended.append((ending.job, ending.outcome)))
    engine.run_ended.connect(lambda ending: ended.append((ending.job, ending.outcome)))
    begun = threading.Event()
    model.hook = lambda *_: begun.set()
    errand = engine.errand(Encode(base(steps=1000), pictures(1)))
    assert begun.wait(10)
    run = engine.submit(Recipe(steps=2, seeds=(0,)))
    qtbot.waitUntil(lambda: len(ended) == 2)
    assert ended == [(errand, "stopped"), (run, "finished")]


def test_after_an_errand_a_run_is_what_it_was(qtbot, engine, model):
    pixels = []
    engine.run_ended.connect(lambda ending: pixels.append(ending.pictures))
    for wait in (False, True):
        if wait:
            with qtbot.waitSignal(engine.errand_ended, timeout=30_000):
                engine.errand(Likelihood(base(), pictures(1), knobs=QUICK, bound=True))
        with qtbot.waitSignal(engine.run_ended):
            engine.submit(Recipe(steps=4, seeds=(3,)))
    assert (pixels[0] == pixels[1]).all()


@pytest.mark.parametrize(
    ("errand", "said"),
    [
        (Likelihood(base(), ()), "no picture to work on"),
        (Encode(base(sampler="ddpm"), pictures(1)), "draws noise"),
    ],
)
def test_what_cannot_be_done_ends_with_a_reason(qtbot, engine, errand, said):
    with qtbot.waitSignal(engine.errand_ended) as ended:
        engine.errand(errand)
    assert ended.args[0].outcome == "failed"
    assert said in str(ended.args[0].fault)


def test_a_model_that_returns_nan_fails_and_the_next_errand_works(qtbot, engine, model):
    model.hook = lambda _model, x, _sigma: x * torch.nan
    found = []
    engine.found.connect(lambda _job, what: found.append(what))
    with qtbot.waitSignal(engine.errand_ended, timeout=30_000) as ended:
        engine.errand(Likelihood(base(), pictures(1), knobs=QUICK))
    assert str(ended.args[0].fault).startswith("The adaptive solver cannot get on at σ")
    model.hook = None
    with qtbot.waitSignal(engine.errand_ended, timeout=30_000) as ended:
        engine.errand(Encode(base(), pictures(1)))
    assert ended.args[0].outcome == "finished"
    assert isinstance(found[-1], Encoded)
