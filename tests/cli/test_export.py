"""`elucidate export` on the take of a real run."""

import json

import pytest

from studio.cli.main import run
from studio.engine.job import Job
from studio.engine.run import Run
from studio.library import Recipe, write_take
from tests.fakes import FakeModel


@pytest.fixture
def take(tmp_path):
    sampling = Run(Job(1, Recipe(steps=4, seeds=(1, 2))), FakeModel())
    while sampling.advance():
        pass
    end = sampling.finish()
    return write_take(
        tmp_path, end.recipe, end.pictures, end.trajectory, status="finished", nfe=7, seconds=1.0
    )


@pytest.mark.parametrize("ending", ["mp4", "gif", "png", "csv", "py"])
def test_a_take_is_exported(take, tmp_path, capsys, ending):
    out = tmp_path / f"out.{ending}"
    options = ["--picture", "1", "--view", "eps", "--width", "64", "--plain", "--json"]
    assert run(["export", str(take.folder), "--out", str(out), *options]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": str(out)}
    assert out.stat().st_size > 100


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--out", "x.avi"], 1, ".mp4"),
        (["--out", "x.gif", "--picture", "2"], 2, "0 to 1"),
        (["--out", "x.gif", "--fps", "0"], 2, "--fps"),
        (["--out", "x.gif", "--view", "y"], 2, "--view"),
        ([], 2, "--out"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(take, capsys, options, code, words):
    try:
        assert run(["export", str(take.folder), *options]) == code
    except SystemExit as end:
        assert end.code == code
    said = capsys.readouterr().err
    assert words in said and said.strip().count("\n") == 0


def test_a_folder_without_a_take_says_so(tmp_path, capsys):
    assert run(["export", str(tmp_path), "--out", "x.gif"]) == 1
    assert "take" in capsys.readouterr().err
