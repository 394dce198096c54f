import json

import numpy as np
import pytest
from PIL import Image

from studio.cli.main import run


@pytest.fixture
def tiles(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.cli.quality.set_threads", lambda *_: None)
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)
    path = tmp_path / "set.npz"
    np.savez(path, images=images)
    return path


def test_the_ideal_denoiser_is_found_to_copy(tiles, tmp_path, capsys):
    arguments = ("--features", "pixels", "--held-out", ".3", "--seeds", "0-11", "--json")
    out = tmp_path / "out"
    assert run(["quality", str(tiles), "--data", str(tiles), *arguments, "--out", str(out)]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures == json.loads((out / "quality.json").read_text())
    assert figures["held_out"] + figures["training"] == 40
    assert figures["nearest"]["samples"]["p10"] < 0.02 < figures["nearest"]["held out"]["p10"]
    # 12 pictures in 4 columns, each above its neighbour.
    with Image.open(out / "nearest.png") as sheet:
        assert sheet.size == (4 * 10 + 2, 3 * 18 + 2)


def test_a_set_without_enough_kept_out_is_refused(tiles, capsys):
    arguments = ("--features", "pixels", "--held-out", "0", "--seeds", "0-3")
    assert run(["quality", str(tiles), "--data", str(tiles), *arguments]) == 1
    assert "raise --held-out" in capsys.readouterr().err


def test_points_are_refused(capsys):
    from studio.models.shipped import bundled_toys

    assert run(["quality", str(bundled_toys()[0])]) == 2
    assert "no colour pictures" in capsys.readouterr().err


def test_missing_packages_are_named(tiles, monkeypatch, capsys):
    def missing(_pictures):
        raise ModuleNotFoundError("efficientnet_lite_pytorch")

    monkeypatch.setattr("studio.engine.efficient.efficient_features", missing)
    assert run(["quality", str(tiles), "--data", str(tiles)]) == 1
    assert "--features pixels" in capsys.readouterr().err
