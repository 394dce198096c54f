"""What every test relies on: no screen, no personal folders, no thread left behind."""

import gc
import itertools
import os
import sys
import threading

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

# Garbage is looked for between tests only: what Qt made must not die in whichever thread is busy.
gc.disable()
_FINISHED = itertools.count(1)
_COLLECT_EVERY = 10  # tests


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep settings and library of a test in a folder of its own."""
    folder = tmp_path / "home"
    monkeypatch.setenv("ELUCIDATE_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _nothing_left_behind():
    """Fail a test that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    left = [t for t in set(threading.enumerate()) - before if not t.daemon and t.is_alive()]
    for thread in left:
        thread.join(2)
    names = [t.name for t in left if t.is_alive()] + _samplers()
    assert not names, f"threads left running: {names}"
    if next(_FINISHED) % _COLLECT_EVERY == 0:
        gc.collect()


def _samplers():
    """Return the worker threads of engines that still run; Python does not know Qt's threads.

    Those of this test are among the objects made since garbage was last looked for.
    """
    core = sys.modules.get("PySide6.QtCore")
    if core is None:
        return []
    threads = [thing for thing in gc.get_objects(generation=0) if type(thing) is core.QThread]
    return [thread.objectName() for thread in threads if thread.isRunning()]


@pytest.fixture
def stand_in(monkeypatch):
    """Let every model that is opened be this fake one."""
    from tests.fakes import FakeModel

    return put_in_place(monkeypatch, FakeModel())


def put_in_place(monkeypatch, model):
    """Let every model that is opened be this one, and return it."""
    from studio.engine import worker
    from studio.session import modeldesk, studio

    monkeypatch.setattr(worker, "load_model", lambda path, device, dtype, running=None: model)
    monkeypatch.setattr(worker, "inspect_model", lambda path: model.info)
    monkeypatch.setattr(modeldesk, "file_digest", lambda path: "ab" * 32)
    monkeypatch.setattr(studio, "findable", lambda path: "fake")
    return model


@pytest.fixture(scope="session")
def tiny_sd_folder(tmp_path_factory):
    """Return a whole Stable Diffusion of noise in a folder of diffusers; not to be changed."""
    from tests import tiny_sd

    return tiny_sd.stable_diffusion(tmp_path_factory.mktemp("pipelines") / "tiny-sd")
