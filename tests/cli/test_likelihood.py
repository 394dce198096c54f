import csv
import json
import math

import numpy as np
import pytest
from PIL import Image

from studio.cli.main import run
from studio.models.shipped import bundled_toys

COUNT, SIDE = 6, 2
DIMS = 3 * SIDE**2
LOW = 0.02


@pytest.fixture(autouse=True)
def _threads_as_they_are(monkeypatch):
    monkeypatch.setattr("studio.cli.likelihood.set_threads", lambda *_: None)


@pytest.fixture
def tiles(tmp_path):
    source = np.random.default_rng(0)
    images = source.integers(0, 256, (COUNT, SIDE, SIDE, 3), dtype=np.uint8)
    path = tmp_path / "set.npz"
    np.savez(path, images=images, labels=np.arange(COUNT) % 2, classes=np.array(["cat", "dog"]))
    return path


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def measured(capsys, tmp_path, *arguments):
    out = tmp_path / "table.csv"
    assert run(["likelihood", *map(str, arguments), "--out", str(out), "--json"]) == 0
    return lines(capsys)


def test_a_picture_of_a_set_has_the_density_of_its_point(tiles, tmp_path, capsys):
    """The ideal denoiser stands for points with noise of σ min, each as likely as the others."""
    options = ("--bins", "none", "--sigma-min", LOW, "--exact")
    *found, done = measured(capsys, tmp_path, tiles, tiles, *options, "--most", "3")
    log_p = -math.log(COUNT) - DIMS / 2 * math.log(2 * math.pi * LOW**2)
    for each in found:
        assert each["bits"] == pytest.approx(-log_p / DIMS / math.log(2), abs=0.01)
        assert each["nats"] == pytest.approx(-log_p, abs=0.01 * DIMS)
    assert [each["name"] for each in found] == ["set 0", "set 2", "set 5"]
    assert done["pictures"] == 3
    assert done["bits"] == pytest.approx(np.mean([each["bits"] for each in found]))


def test_its_own_class_makes_a_picture_twice_as_likely(tiles, tmp_path, capsys):
    options = (tiles, tiles, "--bins", "none", "--sigma-min", LOW, "--most", "1", "--exact")
    *plain, _ = measured(capsys, tmp_path, *options)
    *classed, _ = measured(capsys, tmp_path, *options, "--classes", "own")
    for one, other in zip(plain, classed, strict=True):
        assert one["nats"] - other["nats"] == pytest.approx(math.log(2), abs=0.05)


def test_the_table_is_on_the_disk_and_none_is_replaced(tiles, tmp_path, capsys):
    options = (tiles, tiles, "--most", "2", "--rtol", "1e-2", "--sigma-min", LOW)
    more = ("--bound", "--levels", "5", "--repeats", "2")
    *found, done = measured(capsys, tmp_path, *options, *more)
    with (tmp_path / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["bits_per_dim"]) for row in rows] == [each["bits"] for each in found]
    assert [float(row["standard_error"]) for row in rows] == [each["error"] for each in found]
    with (tmp_path / "table-terms.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 2 * 6
    *_, again = measured(capsys, tmp_path, *options)
    assert done["table"] == str(tmp_path / "table.csv")
    assert again["table"] == str(tmp_path / "table-2.csv")


def test_the_table_for_people_ends_with_the_mean(tiles, tmp_path, capsys):
    Image.new("RGB", (9, 9), "red").save(tmp_path / "red.png")
    arguments = [str(tiles), str(tmp_path / "red.png"), str(tiles), "--most", "2", "--bound"]
    options = ["--levels", "5", "--repeats", "2", "--rtol", "1e-2", "--sigma-min", str(LOW)]
    assert run(["likelihood", *arguments, *options, "--out", str(tmp_path / "t.csv")]) == 0
    said = capsys.readouterr().out
    assert "bits/dim" in said.splitlines()[0]
    assert "red.png" in said
    assert "Mean of 2" in said
    assert "resampled to 2×2" in said
    assert "t.csv" in said.splitlines()[-1]


def test_what_a_run_file_keeps_out_is_measured(tiles, tmp_path, capsys):
    options = ("--rtol", "1e-2", "--sigma-min", LOW)
    *found, _ = measured(capsys, tmp_path, tiles, tiles, "--held-out", ".5", *options)
    assert 0 < len(found) < COUNT
    *other, _ = measured(
        capsys, tmp_path, tiles, tiles, "--held-out", ".5", "--split-seed", "1", *options
    )
    assert {each["name"] for each in found} != {each["name"] for each in other}


def test_points_are_measured_against_their_density(tmp_path, capsys):
    table = tmp_path / "points.csv"
    table.write_text("seed,class,x1,x2\n0,-1,0.9,0.1\n1,-1,-0.2,0.8\n")
    *found, done = measured(capsys, tmp_path, bundled_toys()[0], table, "--exact")
    for each in found:
        assert each["bits"] == pytest.approx(each["truth"], abs=0.02)
    assert done["unit"] == "bits per value"
    table.write_text("0.9,0.1\n")
    (bare, _) = measured(capsys, tmp_path, bundled_toys()[0], table, "--exact")
    assert bare["bits"] == pytest.approx(found[0]["bits"], rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "end"),
    [
        (("nothing.png",), (1, "there is no “nothing.png”")),
        (("SET", "--rtol", "0"), (2, "rtol cannot be 0")),
        (("SET", "--divergence", "some"), (2, "divergence cannot be 'some'")),
        (("SET", "--most", "0"), (2, "--most must be at least 1")),
        (("SET", "--classes", "random"), (2, "needs to know the class")),
        (("SET", "--classes", "cow"), (2, "cow")),
        (("POINTS",), (2, "works on finite numbers of 3×2×2")),
        (("BROKEN",), (1, "line 2 of broken.csv is no point")),
        (("SET", "--sigma-min", "100"), (2, "below sigma_max")),
    ],
)
def test_what_cannot_be_is_said_in_a_line(tiles, tmp_path, capsys, arguments, end):
    (tmp_path / "points.csv").write_text("1,2\n")
    (tmp_path / "broken.csv").write_text("1,2\n1,x\n")
    files = {"SET": tiles, "POINTS": tmp_path / "points.csv", "BROKEN": tmp_path / "broken.csv"}
    code, said = end
    given = [str(files.get(each, each)) for each in arguments]
    out = ["--out", str(tmp_path / "t.csv")]
    assert run(["likelihood", str(tiles), *given, *out]) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "t.csv").exists()
