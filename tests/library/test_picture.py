"""Pictures carry their recipe, for this studio and for others."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.library import (
    LibraryError,
    PictureError,
    Recipe,
    RecipeError,
    read_recipe,
    restore,
    write_picture,
)

from . import pngs


@pytest.fixture
def saved(tmp_path, recipe, pixels):
    path = tmp_path / "00-seed5.png"
    write_picture(path, pixels[0], recipe, 1)
    return path


def test_pixels_and_recipe_come_back_exactly(saved, recipe, pixels):
    assert np.array_equal(np.asarray(Image.open(saved)), pixels[0])
    assert repr(read_recipe(saved)) == repr(recipe)
    found = restore(saved)
    assert (found.recipe, found.notes, found.index) == (recipe, (), 1)


def test_other_tools_find_the_line_they_know(saved):
    with Image.open(saved) as picture:
        line = picture.info["parameters"]
    assert line == (
        "Steps: 3, Sampler: Heun, Schedule type: Karras, Seed: 6, Size: 4x4, "
        "Model hash: 3f3f3f3f3f, Model: Dungeon tiles, Schedule rho: 7, "
        "Sigma churn: 20, Sigma tmax: inf, Sigma noise: 1.003"
    )


def test_names_with_commas_are_quoted(tmp_path, pixels):
    recipe = Recipe().changed("model.name", 'a, "b": c').changed("guidance", 1.5)
    write_picture(tmp_path / "a.png", pixels[0], recipe)
    with Image.open(tmp_path / "a.png") as picture:
        line = picture.info["parameters"]
    assert 'CFG scale: 1.5, Seed: 0, Size: 4x4, Model: "a, \\"b\\": c"' in line


def test_the_line_restores_what_it_says_when_our_text_is_gone(tmp_path, saved, recipe):
    with Image.open(saved) as picture:
        line = picture.info["parameters"]
    found = restore(pngs.write(tmp_path / "a.png", pngs.text("parameters", line)))
    again = found.recipe
    assert (again.sampler, again.schedule, again.steps) == ("heun", "karras", 3)
    assert again.seeds == (6,)
    assert again.knobs == recipe.knobs
    assert again.schedule_knobs == recipe.schedule_knobs
    assert again.model.name == "Dungeon tiles"


def test_a_damaged_recipe_falls_back_on_the_line(tmp_path):
    line = pngs.text("parameters", "Steps: 7, Sampler: Heun, Schedule type: Karras, Seed: 1")
    for ours in (
        pngs.text("elucidate", '{"index": 0, "recipe": {"steps": 0}}'),
        pngs.text("elucidate", '{"index": 0, "recipe": {"version": 9}}'),
        pngs.text("elucidate", "[]"),
        pngs.text("elucidate", '{"index": -1, "recipe": {}}'),
        (*pngs.text("elucidate", '{"index": 0, "recipe": {}}'), 12345),
    ):
        path = pngs.write(tmp_path / "a.png", line, ours)
        found = restore(path)
        assert found.recipe.steps == 7
        assert "recipe" in found.notes[0] or "damaged" in found.notes[0]
        with pytest.raises((PictureError, RecipeError)):
            read_recipe(path)


@pytest.mark.parametrize("form", [pngs.zipped, pngs.international])
def test_every_form_of_text_is_read_and_also_behind_the_pixels(tmp_path, form, recipe):
    text = json.dumps({"index": 2, "recipe": json.loads(recipe.to_json())}).encode()
    before = pngs.write(tmp_path / "a.png", form("elucidate", text))
    behind = pngs.write(tmp_path / "b.png", ending=(form("elucidate", text), pngs.END))
    for path in (before, behind):
        assert restore(path).recipe == recipe
        assert restore(path).index == 2


def test_compressed_international_text_is_read(tmp_path):
    text = pngs.international("elucidate", b'{"recipe": {"steps": 9}}', compressed=True)
    assert read_recipe(pngs.write(tmp_path / "a.png", text)).steps == 9


def test_a_picture_without_a_recipe_says_so(tmp_path, pixels):
    path = tmp_path / "plain.png"
    Image.fromarray(pixels[0]).save(path)
    for reader in (read_recipe, restore):
        with pytest.raises(PictureError, match=r"plain\.png.*no recipe"):
            reader(path)


@pytest.mark.parametrize("kind", ["JPEG", "EPS", "TIFF", "GIF", None])
def test_what_is_no_png_says_so(tmp_path, pixels, kind):
    path = tmp_path / "a.png"
    if kind is None:
        path.write_text("%!PS-Adobe-3.0 EPSF-3.0")
    else:
        Image.fromarray(pixels[0]).save(path, kind)
    with pytest.raises(PictureError, match=r"a\.png.*not a PNG"):
        restore(path)


def test_files_that_cannot_be_opened_say_so(tmp_path):
    with pytest.raises(PictureError, match="No such file"):
        restore(tmp_path / "none.png")
    with pytest.raises(PictureError, match="cannot be opened"):
        restore(tmp_path)


def test_only_uint8_rgb_is_written(tmp_path, recipe, pixels):
    for wrong in (pixels, pixels[0][..., :1], pixels[0].astype(np.float32)):
        with pytest.raises(ValueError, match="uint8"):
            write_picture(tmp_path / "a.png", wrong, recipe)
    assert list(tmp_path.iterdir()) == []


def test_views_are_written_as_they_look(tmp_path, recipe, pixels):
    flipped = pixels[0][:, ::-1]
    write_picture(tmp_path / "a.png", flipped, recipe)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), flipped)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_or_closed_disk_leaves_the_older_picture(saved, recipe, pixels, monkeypatch, number):
    before = saved.read_bytes()

    def fail(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(LibraryError, match=r"picture could not be written.*(Free|Change)"):
        write_picture(saved, pixels[1], recipe, 0)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_folder_that_is_not_there_is_named(tmp_path, recipe, pixels):
    with pytest.raises(LibraryError, match="nowhere"):
        write_picture(Path(tmp_path / "nowhere" / "a.png"), pixels[0], recipe)
