"""Reading the pictures can be watched and stopped."""

import pytest

from studio.training import gathering, loop
from studio.training.run_folder.commands import send
from studio.training.run_folder.status import read_status
from tests.training.conftest import go


@pytest.fixture
def often(monkeypatch):
    """Let what is read be told after every block."""
    monkeypatch.setattr(gathering, "_INTERVAL_S", -1.0)


def test_it_is_said_how_far_it_is(tiny, often):
    folder, messages = tiny(kimg=0.008), []

    def listen(said):
        if said["event"] == "reading":
            messages.append((read_status(folder).state, said["done"], said["total"]))

    go(folder, listener=listen)
    assert messages == [("starting", 24, 24)]
    assert '"reading"' not in (folder / "stats.jsonl").read_text()
    assert read_status(folder).message == "Finished at 0.008 kimg."


def test_it_can_be_stopped(tiny, often, monkeypatch):
    folder = tiny()
    real = loop.receive
    monkeypatch.setattr(loop, "receive", lambda path: (real(path), send(path, "stop"))[0])
    said = go(folder)
    assert said[-1]["text"] == "Stopped while the pictures were read."
    assert read_status(folder).state == "stopped" and not (folder / "data.png").exists()
