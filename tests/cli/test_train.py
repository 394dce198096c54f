import json

import numpy as np
import pytest
import torch

from studio.cli.bench.child import run_module
from studio.cli.main import run
from studio.training.losses import LOSSES
from studio.training.run_folder.commands import receive


@pytest.fixture
def made(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("studio.engine.device.set_threads", lambda *_: torch.set_num_threads(1))
    monkeypatch.setattr("studio.cli.sample.set_threads", lambda *_: torch.set_num_threads(1))
    images = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 3), dtype=np.uint8)
    np.savez(tmp_path / "set.npz", images=images)
    folder = tmp_path / "run"
    assert run(["train", "--new", str(folder), "--data", str(tmp_path / "set.npz")]) == 0
    assert capsys.readouterr().out == f"written: {folder / 'run.toml'}\n"
    text = (folder / "run.toml").read_text()
    for old, new in (
        ("channels = 64", "channels = 8"),
        ("attention = [8]", "attention = []"),
        ("kimg = 400.0", "kimg = 0.016"),
        ("batch = 64", "batch = 8"),
        ('precision = "auto"', 'precision = "float32"'),
        ("stats_kimg = 1.0", "stats_kimg = 0.008"),
        ("samples = 16", "samples = 1"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "run.toml").write_text(text)
    return folder


def test_it_trains_and_the_result_is_a_model(made, capsys, tmp_path):
    assert run(["train", str(made / "run.toml"), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    events = [line["event"] for line in lines]
    assert events == ["log", "stats", "stats", "checkpoint", "sheet", "log"]
    assert run(["sample", str(made), "--seeds", "0", "--steps", "2", "--out", str(tmp_path)]) == 0
    assert run(["inspect", str(made / "checkpoint-000000.016")]) == 0
    assert run(["train", str(made)]) == 1
    assert "add --resume" in capsys.readouterr().err
    assert run(["train", str(made), "--resume"]) == 0
    assert "Going on at checkpoint-000000.016." in capsys.readouterr().out


def test_mistakes_are_told_in_a_line(made, capsys, tmp_path):
    assert run(["train"]) == 2
    assert run(["train", str(tmp_path)]) == 2
    assert "is no run" in capsys.readouterr().err
    assert run(["train", "--new", str(tmp_path / "other")]) == 2
    assert run(["train", "--new", str(made), "--data", "x"]) == 1
    assert "there is a run already" in capsys.readouterr().err
    text = (made / "run.toml").read_text().replace("p_mean", "p_maen")
    (made / "run.toml").write_text(text)
    assert run(["train", str(made)]) == 1
    said = capsys.readouterr().err
    assert "Did you mean “p_mean”?" in said and said.count("\n") == 1


def test_a_trainer_can_be_told_something(made):
    assert run(["train", str(made), "--tell", "stop"]) == 0
    assert receive(made) == {"stop"} and receive(made) == set()


def test_every_loss_is_listed_with_its_formula_and_knobs(capsys):
    assert run(["train", "--losses"]) == 0
    text = capsys.readouterr().out
    assert run(["train", "--losses", "--json"]) == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [facts["id"] for facts in listed] == list(LOSSES)
    for facts in listed:
        assert f"{facts['id']}: {facts['label']}. {facts['source']}." in text
        assert facts["formula"].splitlines()[0] in text and facts["help"] and facts["for"]
        assert all(knob["help"] and f"{knob['id']} = " in text for knob in facts["knobs"])
    assert max(map(len, text.splitlines())) <= 96
    by_id = {facts["id"]: facts["for"] for facts in listed}
    assert by_id["sliced"] == ["points"] and by_id["hybrid"] == ["pictures"]


def test_kills_lose_nothing():
    (facts,) = run_module("studio.cli.bench.training_kills", "20", timeout=500)
    assert facts["rounds"] == 20 and facts["kimg"] > 0.01
    assert facts["lost"] == 0 and facts["worst"] <= 1


def test_one_can_look_before_training(made, capsys):
    assert run(["train", str(made), "--look"]) == 0
    said = capsys.readouterr().out
    assert f"written: {made / 'data.png'}" in said and "8 pictures of 8x8\n" in said
    assert run(["train", str(made), "--look", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    written = json.loads((made / "data.json").read_text())
    assert {"event": "data", **written} == {**facts, "grid": written["grid"]}
    assert not (made / "stats.jsonl").exists()
