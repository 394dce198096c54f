"""Toy models on the command line, end to end."""

import csv
import json

import numpy as np
import pytest

from studio.cli.main import run
from studio.library import read_recipe
from studio.models import bundled_toys

MOONS, _, RING, *_ = map(str, bundled_toys())


def points(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_samples_have_the_mean_and_the_covariance_of_the_ring(tmp_path, capsys):
    out = tmp_path / "out"
    assert run(["sample", RING, "--seeds", "0-3999", "--steps", "18", "--out", str(out)]) == 0
    assert "4000 points in" in capsys.readouterr().out
    rows = points(out / "points.csv")
    places = np.array([[float(row["x1"]), float(row["x2"])] for row in rows])
    assert [int(row["seed"]) for row in rows] == list(range(4000))
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=0.03)
    np.testing.assert_allclose(np.cov(places.T), np.eye(2) * (0.7**2 / 2 + 0.04**2), atol=0.015)
    radii = np.hypot(*places.T)
    assert abs(radii - 0.7).max() < 0.3


def test_a_class_is_what_was_asked_for(tmp_path):
    options = ["--seeds", "0-99", "--classes", "lower moon", "--guidance", "1", "--steps", "12"]
    assert run(["sample", MOONS, *options, "--out", str(tmp_path)]) == 0
    rows = points(tmp_path / "points.csv")
    assert {row["class"] for row in rows} == {"1"}
    assert np.mean([float(row["x2"]) for row in rows]) < -0.1


def test_nothing_is_replaced_and_the_picture_holds_the_recipe(tmp_path, capsys):
    for _ in range(2):
        options = ["--seeds", "1-3", "--steps", "4", "--json"]
        assert run(["sample", MOONS, *options, "--out", str(tmp_path)]) == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["points-2.csv", "points-2.png", "points.csv", "points.png"]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["points"] for line in lines if line["event"] == "points"] == [3, 3]
    assert read_recipe(tmp_path / "points.png").seeds == (1, 2, 3)
    assert run(["repeat", str(tmp_path / "points.png"), "--json", "--out", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["same"] is True


def test_it_is_inspected(capsys):
    assert run(["inspect", MOONS]) == 0
    said = capsys.readouterr().out
    assert "points in the plane" in said and "128" in said and "upper moon" in said


def test_samplers_are_compared_on_it(tmp_path, capsys):
    options = ["--samplers", "euler,deis", "--nfe", "15", "--seeds", "0-3", "--out", str(tmp_path)]
    assert run(["compare", RING, *options, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    errors = [line["error"] for line in lines if line.get("error") is not None]
    assert len(errors) == 2 and errors[0] > errors[1] > 0


@pytest.mark.parametrize("text", ['{"format": "elucidate-toy", "kind": "points"}', "{}"])
def test_a_broken_file_ends_in_one_line(tmp_path, capsys, text):
    path = tmp_path / "bad.toy.json"
    path.write_text(text)
    assert run(["inspect", str(path)]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "bad.toy.json" in said
