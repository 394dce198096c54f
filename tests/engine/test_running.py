"""How the worker opens, hears of and lets go of models that are compiled or in parts."""

from types import SimpleNamespace

import pytest

from studio.engine import worker as worker_module
from studio.engine.engine import Engine
from studio.engine.fill import precision_of
from studio.engine.job import Job
from studio.engine.run import Run
from studio.library import Recipe
from studio.models import Running
from tests.fakes import FakeModel


@pytest.fixture
def opened(monkeypatch):
    """Return what models were opened with, and which of them were let go."""
    found = SimpleNamespace(running=[], let_go=[])

    def load(path, device, dtype, running):
        model = FakeModel()
        model.let_go = lambda: found.let_go.append(path)
        found.running.append(running)
        running.tell("Compiling the network…")
        running.warn("It could not be compiled.")
        return model

    monkeypatch.setattr(worker_module, "load_model", load)
    monkeypatch.setattr(worker_module, "inspect_model", lambda path: None)
    return found


def test_a_model_is_opened_as_wished_and_the_one_before_let_go(qtbot, opened):
    engine, told, warned = Engine(), [], []
    engine.told.connect(told.append)
    engine.warned.connect(warned.append)
    engine.start()
    for path in ("one", "two"):
        with qtbot.waitSignal(engine.model_loaded):
            engine.open_model(path, "cpu", "float32", Running(compile=True, offload="on"))
    assert engine.close()
    assert opened.running == 2 * [Running(compile=True, offload="on")]
    assert opened.let_go == ["one"]
    assert (told[0], warned[0]) == ("Compiling the network…", "It could not be compiled.")


@pytest.mark.parametrize(("failed", "said"), [(False, True), (True, False)])
def test_a_recipe_says_that_the_network_was_compiled(failed, said):
    model = FakeModel()
    assert precision_of(model).compiled is False
    model.compiled = SimpleNamespace(failed=failed, seconds=1.0)
    assert precision_of(model).compiled is said


def test_the_time_of_compiling_is_told_apart():
    compiled = SimpleNamespace(failed=False, seconds=3.0)

    def compile_at_first(model, x, sigma):
        if len(model.calls) == 1:
            compiled.seconds += 2.5

    model = FakeModel(hook=compile_at_first)
    model.compiled = compiled
    run = Run(Job(1, Recipe(steps=2, sampler="euler")), model)
    while run.advance():
        pass
    assert run.finish().compiling == 2.5
