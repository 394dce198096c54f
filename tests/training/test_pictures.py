"""What becomes of the pictures that people have."""

import io
import os
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from studio.models.errors import ModelError
from studio.training.errors import TrainingError
from studio.training.loading import load_pictures
from studio.training.sections import Data


def load(path, multiple=4, channels=0, **options):
    return load_pictures(Data(path=str(path), **options), path.parent, 0, multiple, channels)


def save(path, size=(12, 12), mode="RGB", colour=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    fill = colour if colour is not None else {"RGB": (200, 10, 10), "L": 90}.get(mode, 0)
    Image.new(mode, size, fill).save(path, **options)


def test_folders_are_classes_and_odd_pictures_become_squares(tmp_path):
    folder = tmp_path / "set"
    for name in ("a/1", "a/2", "b/3"):
        save(folder / f"{name}.png")
    save(folder / "b" / "wide.png", (40, 20))
    save(folder / "b" / "one.png", (1, 1))
    save(folder / "a" / "grey.png", mode="L")
    save(folder / "a" / "print.jpg", mode="CMYK", colour=(0, 255, 255, 0))
    save(folder / "a" / "deep.png", mode="I;16", colour=0x8000)
    (folder / "a" / "cut.png").write_bytes((folder / "a" / "1.png").read_bytes()[:50])
    (folder / "b" / "none.png").write_bytes(b"")
    frames = [Image.new("RGB", (12, 12), (shade, 0, 0)) for shade in (10, 250)]
    frames[0].save(folder / "b" / "moves.gif", save_all=True, append_images=frames[1:])
    found = load(folder)
    assert found.shape == (3, 12, 12) and found.classes == ("a", "b")
    assert found.labels.tolist() == [0] * 5 + [1] * 4
    names = ["a/1", "a/2", "a/deep", "a/grey", "a/print", "b/3", "b/moves", "b/one", "b/wide"]
    by_name = dict(zip(names, found.pixels, strict=True))
    assert by_name["a/grey"].unique().tolist() == [90]
    assert by_name["a/deep"].unique().tolist() == [128]
    assert by_name["b/one"][:, 5, 5].tolist() == [200, 10, 10]
    assert by_name["a/print"][0, 0, 0] > 200 and by_name["a/print"][1, 0, 0] < 60
    assert by_name["b/moves"][0].max() <= 12
    assert "2 broken pictures were left out: a/cut.png, b/none.png." in found.remarks


def test_transparent_pictures_stand_on_a_colour(tmp_path):
    save(tmp_path / "set" / "1.png", mode="RGBA", colour=(255, 255, 255, 0))
    assert load(tmp_path / "set").pixels[0, :, 0, 0].tolist() == [24, 24, 32]
    found = load(tmp_path / "set", background=(9, 8, 7))
    assert found.pixels[0, :, 0, 0].tolist() == [9, 8, 7] == list(found.background)
    with pytest.raises(TrainingError, match="three numbers"):
        load(tmp_path / "set", background=(9, 8))


def test_a_zip_and_an_npz(tmp_path):
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (1, 2, 3)).save(file, "PNG")
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("x/1.png", file.getvalue())
        archive.writestr("y/2.png", file.getvalue())
    found = load(tmp_path / "set.zip")
    assert found.pixels[:, :, 0, 0].tolist() == [[1, 2, 3]] * 2 and found.classes == ("x", "y")
    images = np.random.default_rng(0).integers(0, 256, (5, 10, 10), dtype=np.uint8)
    np.savez(tmp_path / "grey.npz", images=images)
    assert load(tmp_path / "grey.npz", multiple=2).pixels[:, 0].numpy().tolist() == images.tolist()
    assert load(tmp_path / "grey.npz", channels=3).shape == (3, 8, 8)
    assert load(tmp_path / "grey.npz", size=4).remarks[-1] == "Pictures of 10x10 become 4x4."


def test_a_size_that_does_not_fit_is_refused(tmp_path):
    save(tmp_path / "set" / "1.png", (30, 30))
    assert load(tmp_path / "set").shape == (3, 28, 28)
    assert load(tmp_path / "set", size=16).shape == (3, 16, 16)
    with pytest.raises(TrainingError, match="size 30 does not fit the network"):
        load(tmp_path / "set", size=30)


def test_what_holds_no_pictures(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.png").write_text("no picture")
    with pytest.raises(TrainingError, match="holds no pictures"):
        load(tmp_path / "empty")
    with pytest.raises(ModelError, match="None of the 1 pictures"):
        load(tmp_path / "text")
    with pytest.raises(TrainingError, match="There are no pictures at"):
        load(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x")
    with pytest.raises(TrainingError, match="holds no pictures"):
        load(tmp_path / "file")


def test_some_are_held_out_and_always_the_same(tmp_path):
    images = np.arange(200, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8)
    np.savez(tmp_path / "set.npz", images=images)
    found, again = (load(tmp_path / "set.npz", held_out=0.2) for _ in range(2))
    kept, out = (found.pixels[numbers][:, 0, 0, 0] for numbers in (found.trained, found.held_out))
    assert sorted([*kept.tolist(), *out.tolist()]) == list(range(200))
    assert 20 <= len(out) <= 60 and torch.equal(found.trained, again.trained)
    assert found.deviation() == pytest.approx((kept.double() / 127.5).std(correction=0).item())


def test_a_folder_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    save(tmp_path / "set" / "a" / "1.png")
    save(tmp_path / "set" / "b" / "1.png")
    real = os.scandir

    def refuse(path):
        if str(path).endswith("b"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(TrainingError, match=r"cannot be read \(at “.*set/b”\): Permission denied"):
        load(tmp_path / "set")


def test_one_picture_of_one_pixel_is_enough(tmp_path):
    save(tmp_path / "set" / "1.png", (1, 1))
    found = load(tmp_path / "set")
    assert found.shape == (3, 4, 4) and found.pixels[0, :, 3, 3].tolist() == [200, 10, 10]
    assert found.remarks == ("Pictures of 1x1 become 4x4.",)
