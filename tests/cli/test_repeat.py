"""`elucidate repeat` makes a picture again and says whether it is the same."""

import json

import numpy as np
import pytest
from PIL import Image

from studio.cli.main import run
from studio.library import read_recipe, write_picture
from studio.models import default_model

NETWORK = str(default_model())


@pytest.fixture
def picture(tmp_path):
    options = ["--steps", "3", "--seeds", "4,9", "--s-churn", "9", "--out", str(tmp_path)]
    assert run(["sample", NETWORK, *options, "--json"]) == 0
    return tmp_path / "seed-000009.png"


def test_a_picture_is_the_same_again(picture, tmp_path, capsys):
    capsys.readouterr()
    out = tmp_path / "again"
    assert run(["repeat", str(picture), "--out", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"same": True, "largest": 0, "unlike_here": []}
    made = sorted(out.iterdir())
    assert len(made) == 2
    assert np.array_equal(np.asarray(Image.open(made[1])), np.asarray(Image.open(picture)))
    assert read_recipe(made[1]).seeds == (4, 9)


def test_another_picture_is_told_from_it(picture, capsys):
    recipe = read_recipe(picture)
    pixels = np.array(Image.open(picture))
    pixels[3, 3] ^= 5
    other = recipe.model_copy(
        update={"precision": recipe.precision.model_copy(update={"network": "float64"})}
    )
    write_picture(picture, pixels, other, 1)
    assert run(["repeat", str(picture)]) == 1
    assert "1 of 1 pictures differ, by up to 5 of 255" in capsys.readouterr().out


def test_a_model_that_is_gone_is_asked_for(picture, capsys):
    recipe = read_recipe(picture)
    gone = recipe.model_copy(update={"model": recipe.model.model_copy(update={"path": "/no/one"})})
    write_picture(picture, np.array(Image.open(picture)), gone, 1)
    assert run(["repeat", str(picture)]) == 1
    assert "--model" in capsys.readouterr().err
    assert run(["repeat", str(picture), "--model", NETWORK]) == 0
