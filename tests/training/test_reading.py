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


def test_all_that_the_window_shows_is_told(tiny):
    folder = tiny(kimg=0.032, loop="micro_batch = 3", more="[average]\nhalf_life_kimg = 0.001\n")
    text = (folder / "run.toml").read_text()
    text = text.replace('"set.npz"', '"set.npz"\nheld_out = 0.4').replace(
        "samples = 0", "samples = 1"
    )
    (folder / "run.toml").write_text(text)
    said = go(folder)
    last = [line for line in said if line["event"] == "stats"][-1]
    status = read_status(folder)
    assert (last["micro_batch"], last["accumulation"], status.batch) == (3, 3, 8)
    assert last["half_life_kimg"] == 0.001 and last["learning_rate"] > 0
    assert last["images_per_second"] > 0 and last["eta"] == 0 and last["gradient_norm"] > 0
    assert last["memory"] > 50 << 20
    (held_out,) = [line for line in said if line["event"] == "held_out"]
    assert status.held_out_loss == held_out["loss"] > 0
    levels = [loss for loss in held_out["loss_by_level"] if loss is not None]
    assert min(levels) <= held_out["loss"] <= max(levels)
