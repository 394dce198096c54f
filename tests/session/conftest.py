"""A session on a fake model."""

import dataclasses
import hashlib

import pytest

from studio.engine import worker as worker_module
from studio.preferences import Settings, settings_path
from studio.session import modeldesk
from studio.session.studio import Studio
from tests.fakes import FakeModel


@pytest.fixture
def model(stand_in):
    return stand_in


@pytest.fixture
def start(qtbot, model):
    """Return a function that starts a studio and waits for its model; all are closed at the end."""
    studios = []

    def start(**settings):
        studio = Studio(Settings(**settings), settings_path())
        studios.append(studio)
        with qtbot.waitSignals([studio.models.opened, studio.models.hashed, studio.shelf.reloaded]):
            studio.start()
        return studio

    yield start
    for studio in studios:
        assert studio.close()


@pytest.fixture
def studio(start):
    return start()


@pytest.fixture
def two_models(monkeypatch, tmp_path):
    """Let every path but “broken” open as a fake model of its own; return two that exist."""

    def load(path, device, dtype, running=None):
        if path == "broken" or path.endswith("bad.npz") or device == "nowhere":
            raise ValueError(f"“{path}” is not a model.")
        model = FakeModel()
        model.info = dataclasses.replace(model.info, path=path)
        return model

    def digest(path):
        return hashlib.sha256(str(path).encode()).hexdigest()

    monkeypatch.setattr(worker_module, "load_model", load)
    monkeypatch.setattr(worker_module, "inspect_model", lambda path: None)
    monkeypatch.setattr(modeldesk, "file_digest", digest)
    paths = [tmp_path / name for name in ("one.npz", "two.npz")]
    for path in paths:
        path.write_bytes(b"")
    return [str(path) for path in paths]
