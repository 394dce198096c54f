"""LoRAs on the command line."""

import json

import numpy as np
import pytest
from PIL import Image

from studio.cli.main import run
from studio.library import read_recipe
from tests.loras import write_lora, write_model


@pytest.fixture
def base(tmp_path):
    return write_model(tmp_path / "tiny.safetensors")


@pytest.fixture
def lora(tmp_path, base):
    return write_lora(tmp_path / "style.safetensors", base, classes=("new",))


def sample(out, base, *options):
    given = ["--steps", "2", "--seeds", "1", "--device", "cpu", "--out", str(out), *options]
    return run(["sample", str(base), *given])


def picture(folder):
    return next(folder.glob("*.png"))


def test_pictures_are_made_with_loras_at_their_strengths_and_repeated(base, lora, tmp_path, capsys):
    plain, worn, weak = (tmp_path / name for name in ("plain", "worn", "weak"))
    assert sample(plain, base) == 0
    assert sample(worn, base, "--lora", str(lora), "--classes", "new") == 0
    assert sample(weak, base, "--lora", f"{lora}:0", "--lora", f"{lora}:0.0") == 0
    pixels = [np.asarray(Image.open(picture(each))) for each in (plain, worn, weak)]
    assert np.array_equal(pixels[0], pixels[2]) and not np.array_equal(pixels[0], pixels[1])
    recipe = read_recipe(picture(worn))
    assert [(x.name, x.strength, len(x.sha256)) for x in recipe.loras] == [("style", 1.0, 64)]
    assert recipe.labels == (3,)
    assert run(["repeat", str(picture(worn))]) == 0
    moved = lora.rename(tmp_path / "moved.safetensors")
    capsys.readouterr()
    assert run(["repeat", str(picture(worn))]) == 1
    assert "There is no LoRA at" in capsys.readouterr().err
    assert run(["repeat", str(picture(worn)), "--lora", str(moved)]) == 0


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("gone.safetensors", "There is no LoRA at"),
        ("tiny.safetensors", "is a whole model, not a LoRA"),
        ("style.safetensors:1e9", "a strength is from -100 to 100"),
    ],
)
def test_what_cannot_be_put_on_is_said_in_one_line(given, reason, base, lora, capsys):
    folder = lora.parent
    assert sample(folder / "out", base, "--lora", str(folder / given)) != 0
    said = capsys.readouterr().err
    assert reason in said and said.count("\n") == 1


def test_inspect_says_what_a_lora_is(lora, capsys):
    assert run(["inspect", str(lora)]) == 0
    said = capsys.readouterr().out
    assert "A LoRA of rank 2, alpha 3, on 4 layers of “Tiny”" in said
    assert run(["inspect", str(lora), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["format"] == "lora"
