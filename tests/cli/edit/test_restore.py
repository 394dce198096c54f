"""`elucidate edit restore` undoes what was done to a picture."""

import json

import numpy as np
import pytest
from PIL import Image

from studio.cli.main import run
from studio.library import read_recipe
from studio.models import default_model

NETWORK = str(default_model())
PIXELS = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.setenv("ELUCIDATE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    Image.fromarray(PIXELS).save("dragon.png")
    mask = np.zeros((32, 32), np.uint8)
    mask[4:12] = 255
    Image.fromarray(mask).save("mask.png")
    return mask


def restore(*options, capsys):
    code = run(["edit", "restore", "dragon.png", "--model", NETWORK, "--json", *options])
    told = capsys.readouterr()
    return code, [json.loads(line) for line in told.out.splitlines()], told.err


def test_what_is_known_stays_and_the_recipe_makes_it_again(files, capsys):
    code, told, _ = restore("--mask", "mask.png", "--steps", "4", "--seeds", "3,9", capsys=capsys)
    assert code == 0
    measured, *pictures = told
    assert measured["plain"] == "mean fill"
    assert measured["known"] == 3 * 24 * 32
    assert [each["seed"] for each in pictures] == [3, 9]
    for each in pictures:
        made = np.asarray(Image.open(each["path"]))
        assert (made[files == 0] == PIXELS[files == 0]).all()
        assert each["residual"] < 1e-5
        assert each["nfe"] == 4
    recipe = read_recipe(pictures[1]["path"])
    assert recipe.sampler == "ddrm"
    assert recipe.restoration.picture.name == "dragon.png"
    assert run(["repeat", pictures[1]["path"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["same"]


def test_operators_make_a_chain_and_methods_have_their_knobs(capsys):
    options = ["--operator", "super_resolution:factor=2", "--operator", "colourise"]
    options += ["--method", "diffpir", "--zeta", "0.5", "--steps", "3", "--noise-std", "0.1"]
    code, (_, picture), _ = restore(*options, capsys=capsys)
    assert code == 0
    recipe = read_recipe(picture["path"])
    assert [ref.id for ref in recipe.restoration.operators] == ["super_resolution", "colourise"]
    assert recipe.restoration.operators[0].knobs == {"factor": 2}
    assert recipe.knobs == {"zeta": 0.5}
    assert recipe.restoration.noise == 0.1


def test_a_picture_that_is_the_measurement_has_no_original(capsys):
    options = ["--operator", "super_resolution:factor=4", "--measured", "--steps", "3"]
    Image.fromarray(PIXELS[:8, :8]).save("dragon.png")
    code, (measured, picture), _ = restore(*options, capsys=capsys)
    assert code == 0
    assert "plain_psnr" not in measured
    assert "psnr" not in picture
    assert picture["residual"] < 1e-5


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "no mask"),
        (["--operator", "nothing"], "no operator 'nothing'"),
        (["--operator", "jpeg:speed=3"], "no knob 'speed'"),
        (["--operator", "jpeg"], "DDRM"),
        (["--mask", "gone.png"], "gone.png"),
        (["--noise-std", "-1"], "noise"),
        (["--method", "heun"], "no method 'heun'"),
        (["--eta", "2", "--mask", "mask.png"], "eta cannot be 2"),
        (["--zeta", "2", "--mask", "mask.png"], "--zeta is no knob of DDRM"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(options, words, capsys):
    code, _, said = restore(*options, capsys=capsys)
    assert code in (1, 2)
    assert words in said
    assert said.count("\n") == 1
