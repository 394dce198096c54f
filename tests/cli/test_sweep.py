"""`elucidate sweep`, killed and shared out, on a model of four flat pictures."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli.main import run
from studio.library import read_take

AXES = ("--axis", "steps=4,6", "--axis", "s_churn=0:20:3")


def elucidate(*arguments):
    return run([str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    for name, colour in {"dark/a": 10, "dark/b": 60, "light/a": 180, "light/b": 240}.items():
        path = folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8, 3), colour, np.uint8)).save(path)
    return folder


def takes(out):
    return {path.name.rpartition("-")[2]: path for path in out.glob("sweeps/*/[0-9]*/*")}


def events(text):
    return [json.loads(line) for line in text.splitlines()]


def test_a_dry_run_says_which_cells_cannot_be_made(tiny, tmp_path, capsys):
    arguments = ("sweep", tiny, "--axis", "steps=0,4", "--out", tmp_path, "--dry-run")
    assert elucidate(*arguments) == 0
    assert "Steps 0: " in capsys.readouterr().out
    assert elucidate(*arguments, "--json") == 0
    plan, problem = events(capsys.readouterr().out)
    assert plan["cells"] == 1 and problem["cell"] == "Steps 0" and problem["why"]


def test_a_field_that_is_there_twice_is_refused_in_plain_words(tiny, capsys):
    assert elucidate("sweep", tiny, "--axis", "steps=5", "--axis", "steps=6") == 2
    assert "two axes go over the same field" in (said := capsys.readouterr().err)
    assert "Value error" not in said


def test_a_sweep_makes_every_cell_once_and_writes_table_and_sheet(tiny, tmp_path, capsys):
    arguments = ("sweep", tiny, *AXES, "--seeds", "0-1", "--out", tmp_path)
    assert elucidate(*arguments, "--dry-run", "--json") == 0
    (plan,) = events(capsys.readouterr().out)
    assert (plan["cells"], plan["pictures"]) == (6, 12) and plan["seconds"] >= 0
    assert plan["nfe"] == 2 * 3 * (7 + 11) and not takes(tmp_path)
    assert elucidate(*arguments, "--json", "--metric", "frechet") == 0
    said = events(capsys.readouterr().out)
    assert [event["event"] for event in said] == ["plan", *["cell"] * 6, "done"]
    assert all(Path(path).exists() for path in said[-1]["files"])
    assert {event["id"] for event in said[1:-1]} == takes(tmp_path).keys()
    assert all(event["measures"]["frechet"] > 0 for event in said[1:-1])
    assert elucidate(*arguments) == 0
    assert "S_churn 20" in (out := capsys.readouterr().out) and "pictures.png" in out
    assert elucidate(*arguments, "--json") == 0
    assert [event["event"] for event in events(capsys.readouterr().out)] == ["plan", "done"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--axis", "nothing=1"), "nothing"),
        (("--axis", "steps"), "no values"),
        (("--axis", "steps=1:2"), "no range"),
        (("--axis", "steps=3", "--axis", "steps=4"), "same field"),
        (("--axis", "sampler=huen"), "heun"),
        (("--axis", "steps=3", "--seeds", "x"), "not a seed"),
        (("--axis", "steps=3", "--alpha", "0.5", "--sampler", "lms"), "alpha"),
        (("--axis", "steps=3", "--threads", "0"), "threads"),
        ((), "--axis"),
    ],
)
def test_what_is_wrong_is_one_line_and_code_2(tiny, tmp_path, capsys, arguments, said):
    try:
        code = elucidate("sweep", tiny, "--out", tmp_path, *arguments)
    except SystemExit as stop:
        code = stop.code
    error = capsys.readouterr().err
    assert code == 2 and said in error and error.count("\n") == 1


def test_a_set_that_cannot_be_read_is_one_line_and_code_1(tiny, tmp_path, capsys):
    options = ("--axis", "steps=3", "--metric", "frechet", "--against", tmp_path / "gone")
    assert elucidate("sweep", tiny, "--out", tmp_path, *options) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2  # the plan, then the reason


def test_cells_that_cannot_be_made_are_told_and_the_others_made(tiny, tmp_path, capsys):
    options = ("--axis", "sampler=heun,dpmpp_2m", "--axis", "s_churn=5", "--steps", 4)
    assert elucidate("sweep", tiny, "--out", tmp_path, *options) == 0
    assert "no knob 's_churn'" in capsys.readouterr().out and len(takes(tmp_path)) == 1


# One process loads torch and forks the others: each would spend seconds on that.
_FORKS = """
import os, random, signal, sys, time
from pathlib import Path
sys.modules["PySide6"] = None  # nor is Qt needed
import torch
from studio.cli.main import run
import studio.engine.sweeping

torch.set_num_threads(1)

def begin(arguments, log, **environment):
    pid = os.fork()
    if pid == 0:
        os.environ.update(environment)
        sys.stdout = open(log, "a", buffering=1)
        os._exit(run([*arguments, "--json", "--threads", "1"]))
    return pid

def ended(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""


def forked(script, *arguments):
    command = [sys.executable, "-c", _FORKS + script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
def test_a_sweep_that_is_killed_goes_on_and_loses_nothing(tiny, tmp_path):
    script = """
chance, log, out = random.Random(7), sys.argv[1], sys.argv[2]
arguments = sys.argv[3:]
for turn in range(6):
    pid = begin(arguments, log)
    time.sleep(chance.uniform(0.05, 0.5))
    os.kill(pid, signal.SIGKILL)
    ended(pid)
    folders = sorted(str(p) for p in Path(out).glob("sweeps/*/[0-9]*/*"))
    print(" ".join(folders), flush=True)
assert ended(begin(arguments, log)) == 0
"""
    out, log = tmp_path / "out", tmp_path / "log"
    out.mkdir()
    arguments = ("sweep", tiny, "--out", out, "--seeds", "0-3", "--metric", "error")
    arguments += ("--axis", "steps=20,30,40,50", "--axis", "s_churn=0,5,10")
    seen = [set(line.split()) for line in forked(script, log, out, *arguments).splitlines()]
    assert all(before <= after for before, after in pairwise(seen))
    found = {str(path) for path in takes(out).values()}
    assert seen[-1] <= found
    assert len(takes(out)) == len(found) == 12  # no cell was written twice
    for folder in found:  # and none by half
        take = read_take(Path(folder))
        assert len(take.pictures) == 4 and len(take.trajectory()) == take.recipe.steps
    made = [event["id"] for event in events(log.read_text()) if event["event"] == "cell"]
    assert len(made) == len(set(made)) and set(made) <= takes(out).keys()
    assert not list(out.glob("sweeps/*/.writing-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot fork")
def test_two_processes_write_the_files_of_one(tiny, tmp_path):
    script = """
log, one, two = sys.argv[1:4]
arguments = sys.argv[4:]
assert ended(begin([*arguments, "--out", one], log)) == 0
ranks = [
    begin([*arguments, "--out", two], log + str(rank), RANK=str(rank), WORLD_SIZE="2")
    for rank in range(2)
]
assert [ended(pid) for pid in ranks] == [0, 0]
"""
    one, two, log = tmp_path / "one", tmp_path / "two", tmp_path / "log"
    arguments = ("sweep", tiny, *AXES, "--seeds", "0-4", "--batch", "2", "--metric", "error")
    forked(script, log, one, two, *arguments)

    def contents(out):
        """Return every picture, table, sheet and recipe, but for what the clock says."""
        files = {
            (id, path.name): path.read_bytes()
            for id, folder in takes(out).items()
            for path in folder.glob("*.png")
        }
        for path in out.glob("sweeps/*/pictures.png"):
            files["sheet", path.parent.name] = path.read_bytes()
        for path in out.glob("sweeps/*/cells/*.json"):
            record = json.loads(path.read_text()) | {"seconds": 0}
            files[path.name] = json.dumps(record)
        for path in out.glob("sweeps/*/sweep.json"):
            files["asked", path.parent.name] = path.read_text()
        return files

    assert contents(one) == contents(two) and len(takes(one)) == 6
    shares = [
        [e for e in events(Path(f"{log}{rank}").read_text()) if e["event"] == "cell"]
        for rank in range(2)
    ]
    assert sum(map(len, shares)) == 6
