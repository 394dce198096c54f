"""What people bring to edit is kept by its content and comes back unchanged."""

import numpy as np
import pytest
from PIL import Image

from studio.library import InputRef, LibraryError, Recipe, RestorationTask, read_take, write_take
from studio.library.bundle import read_bundle, write_bundle
from studio.library.inputs import (
    LARGEST,
    adopt,
    files_of,
    keep_noise,
    keep_picture,
    open_picture,
    read_noise,
    read_picture,
)
from studio.library.task import OperatorRef

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
MASK = np.zeros((5, 7), np.uint8)
MASK[1:3] = 255


def test_a_picture_comes_back_and_is_kept_once(tmp_path):
    first = keep_picture(tmp_path, PIXELS, "a.png")
    second = keep_picture(tmp_path, PIXELS.copy(), "b.png")
    assert first.is_same(second)
    assert len(list(tmp_path.iterdir())) == 1
    assert (read_picture(tmp_path, first) == PIXELS).all()


def test_a_mask_keeps_one_channel(tmp_path):
    assert (read_picture(tmp_path, keep_picture(tmp_path, MASK, "mask")) == MASK).all()


def test_noise_comes_back_bit_for_bit(tmp_path):
    noise = np.random.default_rng(1).standard_normal((2, 3, 4, 4)).astype(np.float32)
    assert (read_noise(tmp_path, keep_noise(tmp_path, noise, "noise")) == noise).all()


def test_what_is_gone_or_changed_is_said(tmp_path):
    ref = keep_picture(tmp_path, PIXELS, "dragon.png")
    file = tmp_path / f"{ref.sha256}.png"
    file.write_bytes(file.read_bytes() + b"x")
    with pytest.raises(LibraryError, match=r"dragon.*not what it was"):
        read_picture(tmp_path, ref)
    file.unlink()
    with pytest.raises(LibraryError, match=r"dragon.*is gone"):
        read_picture(tmp_path, ref)
    with pytest.raises(LibraryError, match="is gone"):
        read_noise(tmp_path, ref)


def test_noise_that_is_a_picture_is_refused(tmp_path):
    ref = keep_noise(tmp_path, np.full((1, 1, 2, 2), np.nan, np.float32), "broken")
    with pytest.raises(LibraryError, match="no noise of pictures"):
        read_noise(tmp_path, ref)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "I;16", "1", "LA"])
def test_pictures_of_every_mode_become_rgb(tmp_path, mode):
    path = tmp_path / ("a.tiff" if mode == "CMYK" else "a.png")
    source = np.full((4, 6), 40000, np.uint16)
    image = Image.fromarray(source) if mode == "I;16" else Image.new("RGB", (6, 4), "red")
    (image if mode == "I;16" else image.convert(mode)).save(path)
    pixels, notes = open_picture(path)
    assert pixels.shape == (4, 6, 3)
    assert pixels.dtype == np.uint8
    assert bool(notes) == (mode not in ("L", "P"))


def test_a_grey_picture_of_sixteen_bits_keeps_its_greys(tmp_path):
    ramp = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    pixels, _ = open_picture(tmp_path / "ramp.png")
    assert np.abs(pixels[..., 0].astype(float) - ramp / 257).max() <= 1


def test_what_is_transparent_lies_on_white(tmp_path):
    Image.new("RGBA", (3, 3), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (open_picture(tmp_path / "clear.png")[0] == 255).all()


def test_a_hundred_megapixels_are_made_smaller(tmp_path):
    Image.new("L", (20_000, 5_000), 7).save(tmp_path / "wide.png")
    pixels, notes = open_picture(tmp_path / "wide.png")
    assert pixels.shape == (LARGEST // 4, LARGEST, 3)
    assert "made smaller, from 20000×5000" in notes[0]


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_picture_is_refused(tmp_path, content):
    path = tmp_path / "x.png"
    path.write_bytes(content)
    with pytest.raises(LibraryError, match=r"x\.png.*cannot be read as a picture"):
        open_picture(path)


def _recipe(root):
    task = RestorationTask(
        picture=keep_picture(root, PIXELS, "dragon.png"),
        operators=(OperatorRef(id="super_resolution", knobs={"factor": 2}), OperatorRef(id="jpeg")),
        mask=keep_picture(root, MASK, "mask"),
        noise=0.1,
    )
    return Recipe(task="restore", sampler="ddrm", restoration=task)


def test_a_recipe_carries_its_task_through_json(tmp_path):
    recipe = _recipe(tmp_path)
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert "restoration" not in Recipe().to_json()


@pytest.mark.parametrize(
    "wrong", [{"noise": -0.1}, {"noise": float("nan")}, {"operators": ()}, {"noise_seed": -1}]
)
def test_a_task_refuses_what_cannot_be(wrong):
    picture = InputRef(sha256="0" * 64)
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RestorationTask.model_validate({"picture": picture, **wrong})


def test_a_take_carries_what_its_recipe_was_given(tmp_path):
    store, takes = tmp_path / "store", tmp_path / "takes"
    recipe = _recipe(store)
    inputs = files_of(store, recipe)
    pictures = np.zeros((1, 5, 7, 3), np.uint8)
    take = write_take(
        takes, recipe, pictures, None, status="finished", nfe=1, seconds=0.0, inputs=inputs
    )
    bundle, elsewhere, other = tmp_path / "b.zip", tmp_path / "elsewhere", tmp_path / "other"
    write_bundle(bundle, [take])
    (unpacked,) = read_bundle(bundle, elsewhere, lambda _id: False).takes
    for path in inputs:
        path.unlink()
    adopt(other, unpacked.folder)
    task = read_take(unpacked.folder).recipe.restoration
    assert task is not None
    assert task.mask is not None
    assert (read_picture(other, task.picture) == PIXELS).all()
    assert (read_picture(other, task.mask) == MASK).all()
    assert len(take.pictures) == 1


def test_a_forged_input_is_not_adopted(tmp_path):
    (tmp_path / f"input-{'a' * 64}.png").write_bytes(b"other bytes")
    adopt(tmp_path / "store", tmp_path)
    assert not (tmp_path / "store").exists()
