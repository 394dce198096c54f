"""What the command line does with a file that leaves something open."""

import json
from collections import OrderedDict

import pytest
import torch

from studio.cli.main import run
from tests.originals import original


@pytest.fixture
def file(tmp_path):
    """Write a checkpoint of guided diffusion that is none of the published ones."""
    path = tmp_path / "mine.pt"
    torch.save(OrderedDict(original("guided_wide").weights), path)
    return str(path)


SETTINGS = ["--setting", "side=16", "--setting", "head_channels=0"]


def test_it_asks_in_the_words_of_the_options(file, capsys):
    assert run(["inspect", file]) == 1
    said = capsys.readouterr().err
    assert "--setting side=32" in said
    assert "--setting schedule=linear|cosine" in said
    assert said.count("\n") == 1


def test_what_is_answered_once_is_kept(file, capsys):
    assert run(["inspect", file, *SETTINGS]) == 0
    assert "side=16, head_channels=0" in capsys.readouterr().out
    assert run(["inspect", file, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["shape"] == [3, 16, 16]
    assert len(facts["table"]) == 1000


def test_pictures_are_sampled_with_the_answers(file, tmp_path, capsys):
    out = tmp_path / "out"
    arguments = ["--steps", "2", "--seeds", "0", "--schedule", "simple", "--out", str(out)]
    assert run(["sample", file, *arguments]) == 1
    assert "does not say everything" in capsys.readouterr().err
    assert run(["sample", file, *SETTINGS, *arguments]) == 0
    assert [path.name for path in out.iterdir()] == ["seed-000000.png"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--preset", "nope"], "no preset that fits"),
        (["--setting", "foo=1"], "no setting “foo”"),
        (["--setting", "order=newest"], "choose one of: legacy, new"),
        (["--setting", "side=small"], "must be a number"),
    ],
)
def test_wrong_answers_are_bad_arguments(file, options, said, capsys):
    assert run(["inspect", file, *options]) == 2
    assert said in capsys.readouterr().err


def test_a_file_that_says_everything_takes_no_answers(capsys):
    assert run(["inspect", "--preset", "vp"]) == 2
    assert "says everything about itself" in capsys.readouterr().err
