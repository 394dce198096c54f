"""A whole run: what it leaves, how it is stopped and taken up again."""

import json
import os
import signal

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from studio.models import load_model
from studio.models.checkpoints import checkpoints
from studio.training import reporting, scribe
from studio.training.errors import TrainingError
from studio.training.export import export_model
from studio.training.run_folder.commands import send
from studio.training.run_folder.status import read_status
from studio.training.trainer import Trainer
from tests.training.conftest import go, losses


def tensors(folder):
    newest = checkpoints(folder)[0]
    return load_file(newest / "model.safetensors") | load_file(newest / "state.safetensors")


def assert_same(a, b):
    assert a.keys() == b.keys()
    different = [name for name in a if not torch.equal(a[name], b[name])]
    assert not different


def at(kimg, act):
    """Return a listener that acts when so many thousand pictures have been seen."""

    def listen(said):
        if said["event"] == "stats" and said["kimg"] == kimg:
            act()

    return listen


def test_a_run_leaves_a_model_that_opens_and_says_how_it_went(tiny):
    folder = tiny(more="[about]\nname = 'Toy'\n")
    text = (folder / "run.toml").read_text()
    (folder / "run.toml").write_text(text.replace("samples = 0", "samples = 5"))
    said = go(folder)
    status = read_status(folder)
    assert (status.state, status.kimg, status.checkpoint) == (
        "finished",
        0.08,
        "checkpoint-000000.080",
    )
    assert len(losses(folder)) == 10 and said[-1]["text"] == "Finished at 0.08 kimg."
    with Image.open(folder / "samples" / "000000.080.png") as sheet:
        assert sheet.size == (3 * 10 + 2, 2 * 10 + 2)
    for path in (folder, checkpoints(folder)[0]):
        model = load_model(path, "cpu")
        assert (model.info.name, model.info.classes) == ("Toy", ("x", "y", "z"))
        assert model.denoise(torch.zeros(2, 3, 8, 8), 1.0).isfinite().all()
    manifest = json.loads((checkpoints(folder)[0] / "manifest.json").read_text())
    assert manifest["seen"] == 80 and set(manifest["files"]) == {
        "model.safetensors",
        "state.safetensors",
        "run.toml",
    }


def test_stopped_and_taken_up_again_it_is_equal_to_the_last_bit(tiny):
    more = "[augment]\np = 0.3\n[average]\npower = [0.1]\n"
    whole = tiny("whole", kimg=1.6, loop="seed = 3", more=more)
    halves = tiny("halves", kimg=1.6, loop="seed = 3", more=more)
    for folder in (whole, halves):
        text = (folder / "run.toml").read_text().replace("blocks = 1", "blocks = 1\ndropout = 0.2")
        (folder / "run.toml").write_text(text)
    go(whole)
    go(halves, listener=at(0.776, lambda: send(halves, "stop")))
    assert read_status(halves).state == "stopped"
    assert [path.name for path in checkpoints(halves)] == ["checkpoint-000000.776"]
    again = go(halves)
    assert again[0] | {"time": 0} == {
        "event": "resumed",
        "time": 0,
        "kimg": 0.776,
        "checkpoint": "checkpoint-000000.776",
    }
    assert_same(tensors(whole), tensors(halves))
    assert losses(whole) == losses(halves) and len(losses(whole)) == 200


@pytest.mark.parametrize("name", ["SIGTERM", "SIGUSR1", "SIGINT"])
def test_a_signal_saves_and_ends(tiny, name):
    folder = tiny()
    before = signal.getsignal(getattr(signal, name))
    go(folder, listener=at(0.04, lambda: os.kill(os.getpid(), getattr(signal, name))))
    assert read_status(folder).state == "stopped"
    assert checkpoints(folder)[0].name == "checkpoint-000000.040"
    assert signal.getsignal(getattr(signal, name)) is before


def test_commands_are_obeyed_between_steps(tiny, monkeypatch):
    folder = tiny(kimg=0.12)
    slept = []

    def sleep(seconds):
        slept.append((seconds, read_status(folder).state))
        send(folder, "resume")

    monkeypatch.setattr("studio.training.loop.time.sleep", sleep)

    def act():
        for command in ("pause", "save"):
            send(folder, command)

    said = go(folder, listener=at(0.04, act))
    assert [line["name"] for line in said if line["event"] == "checkpoint"] == [
        "checkpoint-000000.040",
        "checkpoint-000000.120",
    ]
    assert [state for _, state in slept] == ["paused"]
    texts = [line.get("text") for line in said]
    assert texts.index("Paused.") < texts.index("Resumed.") and losses(folder)[-1]


def test_without_resume_an_old_run_is_not_touched(tiny):
    folder = tiny()
    go(folder)
    before = (folder / "stats.jsonl").read_bytes()
    with pytest.raises(TrainingError, match=r"checkpoint-000000\.080; add --resume"):
        go(folder, go_on=False)
    assert (folder / "stats.jsonl").read_bytes() == before


def test_two_trainers_on_one_folder(tiny):
    folder, found = tiny(), []

    def second():
        with pytest.raises(TrainingError, match="Another trainer is at work"):
            go(folder)
        found.append(read_status(folder).state)

    go(folder, listener=at(0.04, second))
    assert found == ["running"] and read_status(folder).state == "finished"


@pytest.mark.parametrize("damage", ["cut", "flip", "manifest", "seen", "missing"])
def test_a_damaged_checkpoint_falls_back_to_the_one_before(tiny, damage):
    folder = tiny(kimg=0.08, checkpoint=0.04)
    go(folder)
    newest, before = checkpoints(folder)
    file = newest / "state.safetensors"
    data = bytearray(file.read_bytes())
    if damage == "cut":
        file.write_bytes(data[:-4096])
    elif damage == "flip":
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    elif damage == "missing":
        file.unlink()
    elif damage == "seen":
        manifest = newest / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"seen": 80', '"seen": 88'))
    else:
        (newest / "manifest.json").write_text("{")
    said = go(folder)
    assert said[0]["text"].startswith(f"{newest.name} is damaged and was put aside")
    assert said[1]["checkpoint"] == before.name
    assert (folder / f"broken-{newest.name}").is_dir()
    assert checkpoints(folder)[0].name == newest.name and read_status(folder).state == "finished"


def test_rotation_leaves_the_newest_and_a_failed_save_all(tiny, monkeypatch):
    folder = tiny(kimg=0.08, checkpoint=0.016)
    text = (folder / "run.toml").read_text() + "checkpoints = 1\n"
    (folder / "run.toml").write_text(text)
    seen = []
    go(folder, listener=lambda said: seen.append(len(checkpoints(folder))))
    assert set(seen) == {0, 1} and [p.name for p in checkpoints(folder)] == [
        "checkpoint-000000.080"
    ]
    (folder / "run.toml").write_text(text.replace("kimg = 0.08", "kimg = 0.16"))

    def fail(*_args):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("studio.training.checkpoint.write_through", fail)
    with pytest.raises(OSError, match="Input/output"):
        go(folder)
    assert [path.name for path in checkpoints(folder)] == ["checkpoint-000000.080"]
    assert not list(folder.glob(".writing-*"))
    assert read_status(folder).state == "failed"


def test_a_full_disk_is_waited_for(tiny, monkeypatch):
    folder, states = tiny(checkpoint=0.04), []
    real = scribe.Scribe._wait

    def wait(self, stopped):
        real(self, stopped)
        states.append(read_status(folder).state)
        if len(states) == 3:
            monkeypatch.undo()

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scribe.Scribe, "_wait", wait)
    monkeypatch.setattr("studio.training.checkpoint.write_through", full)
    said = go(folder)
    texts = [line["text"] for line in said if line["event"] == "log"]
    assert states == ["waiting"] * 3
    assert sum("is full" in text for text in texts) == 1
    assert sum("There is room on the disk again" in text for text in texts) == 1
    assert read_status(folder).state == "finished" and len(checkpoints(folder)) == 2


def test_on_a_full_disk_one_can_stop(tiny, monkeypatch):
    folder = tiny(checkpoint=0.04)

    def full(*_args):
        raise OSError(28, "No space left on device")

    def stop(said):
        if "is full" in said.get("text", ""):
            send(folder, "stop")

    monkeypatch.setattr("studio.training.checkpoint.write_through", full)
    said = go(folder, listener=stop)
    assert said[-1]["text"] == "Stopped without a last checkpoint: the disk is full."


@pytest.mark.parametrize("when", ["between", "step", "save"])
def test_a_folder_that_is_deleted_ends_the_run_with_a_message(tiny, monkeypatch, when):
    folder = tiny(checkpoint=0.04)

    def delete():
        folder.rename(folder.with_name("elsewhere"))

    def delete_before(real):
        return lambda *args: (delete(), real(*args))[1]

    if when == "step":
        monkeypatch.setattr(Trainer, "step", delete_before(Trainer.step))
    elif when == "save":
        real = delete_before(reporting.save_checkpoint)
        monkeypatch.setattr(reporting, "save_checkpoint", real)
    act = delete if when == "between" else lambda: None
    with pytest.raises(TrainingError, match="was deleted or moved"):
        go(folder, listener=at(0.04, act))


def test_a_gradient_that_is_no_number_changes_nothing(tiny, monkeypatch):
    folder, states = tiny(kimg=0.04), []
    step = Trainer.step

    def poisoned(self):
        real = self._feed.batch
        if self.seen == 16:
            self._feed.batch = lambda first, count: real(first, count)._replace(
                noise=torch.full((count, 3, 8, 8), np.nan)
            )
        before = {name: tensor.clone() for name, tensor in self.state().items()}
        step(self)
        if self.seen == 24:
            after = self.state()
            states.append([n for n in before if not torch.equal(before[n], after[n])])
        self._feed.batch = real

    monkeypatch.setattr(Trainer, "step", poisoned)
    said = [line for line in go(folder) if line["event"] == "stats"]
    assert states == [[]]
    assert [line["skipped"] for line in said] == [0, 0, 1, 0, 0]
    assert said[2]["loss"] is None and said[3]["loss"] > 0
    assert all(t.isfinite().all() for t in tensors(folder).values())


def test_where_memory_ends_fewer_are_trained_on_at_once(tiny, monkeypatch):
    whole, small = tiny("whole", kimg=0.04), tiny("small", kimg=0.04)
    go(whole)
    real = torch.autograd.backward
    tries = []

    def backward(loss, *args, **kwargs):
        tries.append(1)
        if len(tries) == 1 or len(tries) == 3:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        real(loss, *args, **kwargs)

    monkeypatch.setattr(torch.autograd, "backward", backward)
    go(small)
    assert read_status(small).micro_batch == 2
    np.testing.assert_allclose(losses(whole), losses(small), rtol=1e-5)


def test_a_checkpoint_of_another_network_is_refused(tiny):
    folder = tiny()
    go(folder)
    text = (folder / "run.toml").read_text().replace("channels = 8", "channels = 12")
    (folder / "run.toml").write_text(text)
    with pytest.raises(TrainingError, match="of another network"):
        go(folder)


def test_its_model_can_be_taken_out(tiny, tmp_path):
    folder = tiny(kimg=0.08, checkpoint=0.016, more="[average]\npower = [0.05, 0.1]\n")
    with pytest.raises(TrainingError, match="no checkpoint yet"):
        export_model(folder, tmp_path / "out.safetensors")
    go(folder)
    plain = load_model(export_model(folder, tmp_path / "plain.safetensors"), "cpu")
    other = load_model(export_model(folder, tmp_path / "other.safetensors", 0.1), "cpu")
    x = torch.randn(1, 3, 8, 8)
    wanted = load_model(folder, "cpu").denoise(x, 1.0)
    torch.testing.assert_close(plain.denoise(x, 1.0), wanted, atol=2e-3, rtol=0)
    kept = tensors(folder)
    names = [name.removeprefix("power1.") for name in kept if name.startswith("power1.")]
    state = other.network.state_dict()
    for name in names:
        torch.testing.assert_close(state[name], kept[f"power1.{name}"], atol=2e-3, rtol=5e-3)
    assert (tmp_path / "plain.safetensors").stat().st_size < 0.6 * (
        checkpoints(folder)[0] / "model.safetensors"
    ).stat().st_size
    with pytest.raises(TrainingError, match="no such average"):
        export_model(folder, tmp_path / "out.safetensors", 0.5)


@pytest.mark.parametrize(
    ("loop", "error"),
    [
        ("channels_last = true", 1e-4),
        ('precision = "bfloat16"', 0.05),
        ('precision = "float16"', 0.05),
    ],
)
def test_other_ways_to_compute_come_to_nearly_the_same(tiny, loop, error):
    plain, other = tiny("plain", kimg=0.08), tiny("other", kimg=0.08)
    text = (other / "run.toml").read_text()
    (other / "run.toml").write_text(text.replace('precision = "float32"', loop))
    for folder in (plain, other):
        go(folder)
    np.testing.assert_allclose(losses(plain), losses(other), rtol=error)
    assert all(t.dtype == torch.float32 for t in tensors(other).values())
    again = (other / "run.toml").read_text().replace("kimg = 0.08", "kimg = 0.12")
    (other / "run.toml").write_text(again)
    assert go(other)[0]["event"] == "resumed" and len(losses(other)) == 15
