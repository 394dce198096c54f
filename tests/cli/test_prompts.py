"""Prompts, sizes and guides on the command line, and back from the PNG alone."""

import json
from collections import OrderedDict

import numpy as np
import pytest
import torch
from PIL import Image

from studio.cli.main import run
from studio.engine import beside
from studio.library import read_recipe
from studio.models import open as opening
from studio.models.presets import choose
from tests.originals import original
from tests.text_models import StandIn


def elucidate(*arguments):
    return run([str(argument) for argument in arguments])


@pytest.fixture
def words(tmp_path, monkeypatch):
    """A model that takes texts, and a weaker one."""
    formats = (StandIn(), *opening.all_formats())
    monkeypatch.setattr(opening, "all_formats", lambda: formats)
    for name, std in {"model": 0.5, "weak": 0.9}.items():
        (tmp_path / f"{name}.words").write_text(str(std))
    return tmp_path / "model.words"


QUICK = ("--steps", 4, "--seeds", "3-5", "--sampler", "euler")


def test_a_text_picture_is_repeated_from_its_png_alone(words, tmp_path, capsys):
    asked = ("--prompt", "a red fox,\n(fluffy:1.2)", "--negative-prompt", "fog")
    asked += ("--width", 32, "--height", 16, "--guidance-rescale", 0.7, "--guide", "weak.words")
    asked = tuple(tmp_path / a if a == "weak.words" else a for a in asked)
    assert elucidate("sample", words, *QUICK, *asked, "--out", tmp_path / "out") == 0
    picture = tmp_path / "out" / "seed-000004.png"
    recipe = read_recipe(picture)
    assert (recipe.prompt, recipe.negative_prompt) == ("a red fox,\n(fluffy:1.2)", "fog")
    assert (recipe.width, recipe.height, recipe.guidance, recipe.guidance_rescale) == (
        32,
        16,
        7.5,
        0.7,
    )
    assert recipe.guide.name == "weak" and len(recipe.guide.sha256) == 64
    with Image.open(picture) as png:
        assert png.size == (32, 16)
        assert png.text["parameters"].startswith("a red fox,\n(fluffy:1.2)\nNegative prompt: fog")
    capsys.readouterr()
    assert elucidate("repeat", picture, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"same": True, "largest": 0, "unlike_here": []}
    (tmp_path / "weak.words").rename(tmp_path / "moved.words")
    assert elucidate("repeat", picture) == 1
    assert "is not where it was" in capsys.readouterr().err
    assert elucidate("repeat", picture, "--beside", tmp_path / "moved.words") == 0


def test_another_prompt_makes_another_picture(words, tmp_path):
    for prompt in ("a", "b"):
        given = ("--prompt", prompt, "--out", tmp_path / prompt)
        assert elucidate("sample", words, *QUICK, *given) == 0
    one, other = ((tmp_path / p / "seed-000003.png").read_bytes() for p in "ab")
    assert one != other


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--width", 30), "Width 30 is no multiple of 8 pixels"),
        (("--guidance-rescale", 2), "less than or equal to 1"),
        (("--threshold", 99), "works on latents"),
        (("--prompt", "a\0b"), "control characters"),
        (("--guide", "gone.words"), "cannot be read"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(words, given, said, capsys):
    assert elucidate("sample", words, *given) in (1, 2)
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1


def test_a_model_without_texts_says_so(capsys):
    assert elucidate("sample", "--prompt", "a fox") == 2
    assert "takes no prompts" in capsys.readouterr().err
    assert elucidate("sample", "--width", 64) == 2


def test_prompts_are_swept_and_compared(words, tmp_path, capsys):
    out = ("--out", tmp_path / "lib", "--json")
    axis = ("--axis", "prompt=a fox; a castle, red", "--seeds", "0-1", "--steps", 3)
    assert elucidate("sweep", words, *axis, *out) == 0
    told = capsys.readouterr().out
    recipes = [read_recipe(path) for path in sorted((tmp_path / "lib").rglob("00*.png"))]
    assert {recipe.prompt for recipe in recipes} == {"a fox", "a castle, red"}, told
    asked = ("--prompt", "a fox", "--samplers", "heun", "--nfe", 5, "--seeds", "0-1", "--guide")
    assert elucidate("compare", words, *asked, tmp_path / "weak.words", *out) == 0


def test_large_pictures_are_sampled_a_few_at_once(words):
    from studio.cli.sample import usual_batch
    from studio.library import Recipe

    info = StandIn().inspect(words)
    sizes = {0: 64, 256: 64, 512: 16, 4096: 1}
    found = {side: usual_batch(Recipe(width=side, height=side), info) for side in sizes}
    assert found == sizes


def test_the_module_that_opens_guides_is_the_one_that_opens_models():
    assert beside.load_model is opening.load_model


@pytest.fixture
def judged(tmp_path):
    """A model of pictures without classes, and a classifier that tells four apart."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    drawn = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3), np.uint8)
    for number, picture in enumerate(drawn):
        Image.fromarray(picture).save(folder / f"{number}.png")
    path = tmp_path / "judge.pt"
    torch.save(OrderedDict(original("classifier_attention").weights), path)
    choose(path, {"side": 16, "head_channels": 16})
    return folder, path


def test_a_classifier_pulls_and_its_picture_is_repeated(judged, tmp_path, capsys):
    folder, path = judged
    quick = ("--seeds", "3-5", "--sampler", "euler", "--steps", 3, "--classifier", path)
    found = {}
    for scale in (0, 40):
        given = ("--classes", "2", "--classifier-scale", scale, "--threshold", 99.5)
        out = tmp_path / str(scale)
        assert elucidate("sample", folder, *quick, *given, "--out", out) == 0
        found[scale] = [picture.read_bytes() for picture in sorted(out.iterdir())]
    assert all(a != b for a, b in zip(found[0], found[40], strict=True))
    picture = tmp_path / "40" / "seed-000004.png"
    recipe = read_recipe(picture)
    assert recipe.labels == (2, 2, 2) and recipe.classifier.name == "judge"
    capsys.readouterr()
    assert elucidate("repeat", picture, "--json") == 0
    assert json.loads(capsys.readouterr().out)["same"]
    assert elucidate("sample", folder, *quick, "--classes", "4") == 2
    assert elucidate("sample", "--classifier", path, "--classes", "2", "--steps", 2) == 1
    assert "Choose the classifier of their size" in capsys.readouterr().err
