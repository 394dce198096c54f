import json

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from studio.cli.main import run
from studio.library import read_recipe
from studio.models.shipped import bundled_toys

SIDE = 8


@pytest.fixture(autouse=True)
def _threads_as_they_are(monkeypatch):
    monkeypatch.setattr("studio.cli.edit.errand.set_threads", lambda *_: None)


@pytest.fixture
def world(tmp_path):
    """Return a model, which knows the pictures of a set, and two of those as files."""
    images = np.random.default_rng(0).integers(0, 256, (12, SIDE, SIDE, 3), dtype=np.uint8)
    path = tmp_path / "set.npz"
    np.savez(path, images=images, labels=np.arange(12) % 2, classes=np.array(["cat", "dog"]))
    for i, name in enumerate(("one.png", "two.png")):
        Image.fromarray(images[i]).save(tmp_path / name)
    return path, tmp_path / "one.png", tmp_path / "two.png"


def done(capsys, *arguments):
    assert run(["edit", *map(str, arguments), "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_a_picture_comes_back_from_the_noise_that_is_written(world, tmp_path, capsys):
    model, one, two = world
    out = tmp_path / "out"
    found = done(capsys, "encode", one, two, "--model", model, "--steps", "40", "--out", out)
    assert [each["path"] for each in found] == [
        str(out / "one.safetensors"),
        str(out / "two.safetensors"),
    ]
    for each, source in zip(found, (one, two), strict=True):
        assert each["rms"] < 0.01
        again = out / f"{source.stem}-again.png"
        assert np.abs(pixels(again).astype(int) - pixels(source)).max() <= 1
        noise = load_file(each["path"])["noise"]
        assert noise.shape == (1, 3, SIDE, SIDE)
        assert noise.std() == pytest.approx(each["std"], abs=1e-4)


def test_the_recipe_in_the_picture_starts_from_the_noise(world, tmp_path, capsys):
    from studio.engine.job import Job
    from studio.engine.run import Run
    from studio.models import load_model

    model, one, _ = world
    out = tmp_path / "out"
    done(capsys, "encode", one, "--model", model, "--steps", "20", "--out", out)
    again = out / "one-again.png"
    sampling = Run(Job(1, read_recipe(again)), load_model(str(model), "cpu"))
    while sampling.advance():
        pass
    assert np.array_equal(sampling.finish().pictures[0], pixels(again))


def test_nothing_is_replaced(world, tmp_path, capsys):
    model, one, _ = world
    options = ("--model", model, "--steps", "4", "--out", tmp_path / "out")
    names = [done(capsys, "encode", one, *options)[0]["path"] for _ in range(2)]
    assert names[1].endswith("one-2.safetensors")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sampler", "ddpm"), "draws noise"),
        (("--classes", "random"), "name one"),
        (("--steps", "1"), "two levels"),
    ],
)
def test_what_cannot_encode_is_refused(world, tmp_path, capsys, options, said):
    model, one, _ = world
    out = ("--out", str(tmp_path / "out"))
    assert run(["edit", "encode", str(one), "--model", str(model), *options, *out]) == 2
    assert said in capsys.readouterr().err


def test_points_are_refused(world, tmp_path, capsys):
    _, one, _ = world
    assert run(["edit", "encode", str(one), "--model", str(bundled_toys()[0])]) == 2
    assert "works on points" in capsys.readouterr().err


def test_a_noise_is_decoded_with_other_knobs(world, tmp_path, capsys):
    model, one, _ = world
    options = ("--model", model, "--steps", "40", "--out", tmp_path / "out")
    (found,) = done(capsys, "encode", one, *options)
    (same,) = done(capsys, "decode", found["path"], *options)
    assert np.array_equal(pixels(same["path"]), pixels(tmp_path / "out" / "one-again.png"))
    (other,) = done(capsys, "decode", found["path"], *options, "--classes", "dog")
    assert other["label"] == 1
    assert np.abs(pixels(other["path"]).astype(int) - pixels(one)).mean() > 20
    drawn = done(capsys, "decode", found["path"], *options, "--sampler", "ddpm", "--seeds", "0,7")
    assert [each["path"][-15:] for each in drawn] == ["seed-000000.png", "seed-000007.png"]


def test_what_holds_no_noise_is_not_decoded(world, capsys):
    model, one, _ = world
    assert run(["edit", "decode", str(one), "--model", str(model)]) == 2
    assert "holds no noise" in capsys.readouterr().err
