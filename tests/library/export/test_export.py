"""Films, tables and scripts of takes are what they say."""

import csv
import io
import runpy

import av
import numpy as np
import pytest
from PIL import Image

from studio import models
from studio.engine.job import Job
from studio.engine.run import Run
from studio.library import LibraryError, Recipe
from studio.library.export.film import write_film
from studio.library.export.scene import Look, scene
from studio.library.export.script import script
from studio.library.export.table import steps_csv
from studio.models import default_model, load_model
from tests.text_models import TextModel

NETWORK = str(default_model())
WAY = (80.0, 10.0, 1.0, 0.1, 0.0)


def made(**changes):
    model = load_model(NETWORK, "cpu")
    base = Recipe(steps=3, seeds=(3, 7), model={"path": NETWORK}, **changes)
    run = Run(Job(1, base), model)
    while run.advance():
        pass
    return run.finish()


def scenes(count=5, size=(64, 48)):
    for value in range(count):
        yield np.full((*size, 3), 40 * value, np.uint8)


def test_a_scene_shows_the_pictures_in_whole_pixels():
    pictures = np.arange(4 * 8 * 8 * 3, dtype=np.uint8).reshape(4, 8, 8, 3)
    image = scene(pictures, "", WAY, 0, Look(side=64, words=False, plot=False))
    assert image.shape == (64, 64, 3)
    assert np.array_equal(image[:32:4, :32:4], pictures[0])
    assert np.array_equal(image[32::4, 32::4], pictures[3])


@pytest.mark.parametrize("words", [True, False])
@pytest.mark.parametrize("plot", [True, False])
@pytest.mark.parametrize("size", [(1, 32, 32), (3, 31, 17), (16, 64, 64), (2, 900, 700)])
def test_scenes_of_a_film_have_one_even_size(size, words, plot):
    look = Look(words=words, plot=plot)
    pictures = np.zeros((*size, 3), np.uint8)
    one, other = (scene(pictures, f"step {step}", WAY, step, look) for step in (0, 3))
    assert one.shape == other.shape and one.shape[0] % 2 == one.shape[1] % 2 == 0
    assert np.array_equal(one, other) == (not words and not plot)
    assert max(size) <= 512 or one.shape[1] <= 512


def test_a_gif_has_every_step_and_holds_the_last(tmp_path):
    path = tmp_path / "film.gif"
    write_film(path, scenes(), 10)
    with Image.open(path) as film:
        assert film.n_frames == 5 and film.size == (48, 64)
        times = []
        for index in range(5):
            film.seek(index)
            times.append(film.info["duration"])
            assert abs(np.asarray(film.convert("RGB"))[0, 0, 0] - 40 * index) <= 2
    assert times == [100] * 4 + [1500]


def test_an_mp4_has_every_step_and_holds_the_last(tmp_path):
    path = tmp_path / "film.mp4"
    write_film(path, scenes(), 10)
    with av.open(str(path)) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(frames) == 5 + 15
    assert [round(float(frame.mean()) / 40) for frame in frames[:5]] == [0, 1, 2, 3, 4]
    assert abs(float(frames[-1].mean()) - 160) < 4


def test_a_film_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(LibraryError, match=r"\.gif or \.mp4"):
        write_film(tmp_path / "film.avi", scenes(), 10)
    with pytest.raises(LibraryError, match="film"):
        write_film(tmp_path / "nowhere" / "film.gif", scenes(), 10)

    def torn():
        yield from scenes(2)
        raise RuntimeError

    for name in ("film.gif", "film.mp4"):
        with pytest.raises(RuntimeError):
            write_film(tmp_path / name, torn(), 10)
    assert not list(tmp_path.iterdir())


def test_the_table_has_a_line_for_each_step():
    ending = made()
    rows = list(csv.DictReader(io.StringIO(steps_csv(ending.recipe, ending.trajectory))))
    assert [float(row["sigma"]) for row in rows] == list(ending.recipe.sigmas[:-1])
    assert [int(row["nfe"]) for row in rows] == [2, 4, 5]
    assert float(rows[1]["change seed 7"]) == ending.trajectory.changes[1][1]
    assert rows[0]["change seed 3"] == "" and rows[2]["fall_of_ln_sigma"] == ""


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"knobs": {"s_churn": 20.0}, "classes": (3,), "guidance": 2.0, "guidance_low": 0.1},
        {"classes": (3,), "guidance_curve": "80: 1, 5: 3, 0.1: 1"},
        {"sampler": "dpmpp_sde", "noise": "brownian"},
        {"sampler": "euler_ancestral", "noise": "reference"},
    ],
)
def test_a_script_makes_the_same_pictures(tmp_path, monkeypatch, changes, capsys):
    monkeypatch.chdir(tmp_path)
    ending = made(**changes)
    runpy.run_path(str(written(tmp_path, ending.recipe)))
    for seed, pixels in zip((3, 7), ending.pictures, strict=True):
        assert np.array_equal(np.asarray(Image.open(f"seed{seed}.png")), pixels)
    assert "step 3" in capsys.readouterr().out


def test_a_script_of_a_branch_goes_the_same_way(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = made()
    wish = first.recipe.model_copy(update={"sampler": "euler", "steps": 6})
    job = Job(2, first.recipe.branched(1, wish), first.trajectory.upto(1))
    run = Run(job, load_model(NETWORK, "cpu"))
    while run.advance():
        pass
    ending = run.finish()
    runpy.run_path(str(written(tmp_path, ending.recipe)))
    assert np.array_equal(np.asarray(Image.open("seed7.png")), ending.pictures[1])


TEXTS = {"prompt": 'a """quoted""" fox,\n(red:1.2) \\', "negative_prompt": "fog", "guidance": 3.0}


@pytest.mark.parametrize(
    "changes",
    [TEXTS, TEXTS | {"guidance_rescale": 0.7}, TEXTS | {"width": 32, "sampler": "euler_ancestral"}],
)
def test_a_script_of_prompts_makes_the_same_pictures(tmp_path, monkeypatch, changes):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(models, "load_model", lambda *_: TextModel())
    recipe = Recipe(seeds=(3, 7), steps=3, model={"path": "text"}, **changes)
    run = Run(Job(1, recipe), TextModel())
    while run.advance():
        pass
    ending = run.finish()
    runpy.run_path(str(written(tmp_path, ending.recipe)))
    for seed, pixels in zip((3, 7), ending.pictures, strict=True):
        with Image.open(f"seed{seed}.png") as picture:
            assert np.array_equal(np.asarray(picture), pixels)


def written(folder, recipe):
    path = folder / "again.py"
    path.write_text(script(recipe))
    return path
