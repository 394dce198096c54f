"""`elucidate takes`: what is listed, packed and brought in."""

import json

import numpy as np
import pytest

from studio.cli.main import run
from studio.library import Recipe, write_take
from studio.library.marks import Marks, write_marks


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "takes"
    pictures = np.zeros((1, 4, 4, 3), np.uint8)
    for seed, sampler in ((1, "heun"), (2, "euler"), (3, "euler")):
        recipe = Recipe(sampler=sampler, seeds=(seed,))
        take = write_take(root, recipe, pictures, None, status="finished", nfe=1, seconds=1.0)
    write_marks(take.folder, Marks(starred=True, tags=("cat",)))
    return root


def listed(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("words", "seeds"),
    [([], [3, 2, 1]), (["euler"], [3, 2]), (["euler", "starred"], [3]), (["tag:dog"], [])],
)
def test_takes_are_searched(root, capsys, words, seeds):
    assert run(["takes", *words, "--folder", str(root), "--json"]) == 0
    assert [take["seeds"] for take in listed(capsys)] == [[seed] for seed in seeds]


def test_the_list_says_how_many_more_there_are(root, capsys):
    assert run(["takes", "--folder", str(root), "--most", "1"]) == 0
    first, more = capsys.readouterr().out.splitlines()
    assert first.startswith("* 2") and first.endswith("Euler · Karras · 18 · seed 3 #cat")
    assert more == "… and 2 more (--most 3)"


def test_takes_are_packed_and_brought_in(root, tmp_path, capsys):
    path, other = tmp_path / "some.zip", tmp_path / "other"
    assert run(["takes", "euler", "--folder", str(root), "--pack", str(path), "--json"]) == 0
    assert listed(capsys) == [{"file": str(path), "takes": 2}]
    for new, known in ((2, 0), (0, 2)):
        assert run(["takes", "--folder", str(other), "--unpack", str(path), "--json"]) == 0
        (facts,) = listed(capsys)
        assert (len(facts["takes"]), facts["known"]) == (new, known)
    assert run(["takes", "cat", "--folder", str(other), "--json"]) == 0
    assert [take["tags"] for take in listed(capsys)] == [["cat"]]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--most", "0"], 2, "--most"),
        (["nothing", "--pack", "x.zip"], 1, "no take is found"),
        (["cat", "--unpack", "x.zip"], 2, "leave the words out"),
        (["--unpack", "missing.zip"], 1, "missing.zip"),
        (["--folder", "/no/such/folder"], 1, "no folder"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(root, capsys, options, code, words):
    where = [] if "--folder" in options else ["--folder", str(root)]
    assert run(["takes", *options, *where]) == code
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1
