import json
from pathlib import Path

import numpy as np
import torch

from studio.models.formats import pictures


def test_facts_before_and_after_loading_are_the_same(picture_npz):
    path, _, _ = picture_npz
    info = pictures.inspect(path)
    assert pictures.load(path, torch.device("cpu"), torch.float32).info == info
    assert (info.name, info.format, info.shape) == ("set", "pictures", (3, 4, 4))
    assert (info.images, info.classes, info.parameters) == (12, ("x", "y", "z"), 0)
    assert info.size == path.stat().st_size


def test_it_says_plainly_that_it_only_gives_back_its_pictures(picture_npz):
    info = pictures.inspect(picture_npz[0])
    assert info.reproduces
    assert "12 pictures: it can only give back pictures of its set" in info.note


def test_it_is_the_ideal_denoiser_of_the_pictures(picture_npz):
    path, images, labels = picture_npz
    model = pictures.load(path, torch.device("cpu"), torch.float32)
    y = torch.from_numpy(images / 127.5 - 1).permute(0, 3, 1, 2)
    found = model.denoise(y, 1e-3)
    torch.testing.assert_close(found, y, atol=1e-12, rtol=0)
    means = model.denoise(torch.zeros(3, 3, 4, 4), 1e6, torch.arange(3))
    wanted = torch.stack([y[torch.from_numpy(labels == c)].mean(0) for c in range(3)])
    torch.testing.assert_close(means, wanted.float())


def test_broken_pictures_are_counted_and_named(write_zip, png):
    path = write_zip({"a.png": png(), "b.png": png(colour=(0, 0, 0)), "c.png": b"?"})
    info = pictures.load(path, torch.device("cpu"), torch.float32).info
    assert info.images == 2
    assert "1 broken picture was left out: c.png." in info.note


def test_the_card_gives_name_terms_and_note(write_zip, png):
    card = {"name": "Cats", "licence": "MIT", "credit": "Me", "note": "Mine.", "sigma_data": 0.25}
    info = pictures.inspect(write_zip({"a.png": png(), "card.json": json.dumps(card)}))
    assert (info.name, info.licence, info.sigma_data) == ("Cats", "MIT (Me)", 0.25)
    assert info.note.endswith(" Mine.")


def test_a_folder_keeps_its_whole_name(tmp_path, png, monkeypatch):
    folder = tmp_path / "cats.v2"
    folder.mkdir()
    (folder / "a.png").write_bytes(png())
    assert pictures.inspect(folder).name == "cats.v2"
    monkeypatch.chdir(folder)
    assert pictures.inspect(Path()).name == "cats.v2"


def test_the_ideal_denoiser_is_exact_whatever_type_is_asked_for(picture_npz):
    model = pictures.load(picture_npz[0], torch.device("cpu"), torch.bfloat16)
    assert model.dtype == torch.float64
    x = torch.from_numpy(np.zeros((1, 3, 4, 4), np.float32))
    assert model.denoise(x, 1.0).dtype == torch.float32
