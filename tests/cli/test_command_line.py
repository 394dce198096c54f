import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli.main import run
from studio.library import read_recipe


def elucidate(*arguments):
    return run([str(argument) for argument in arguments])


@pytest.fixture
def tiny(tmp_path):
    """A model of four flat pictures."""
    folder = tmp_path / "tiny"
    for name, colour in {"dark/a": 10, "dark/b": 60, "light/a": 180, "light/b": 240}.items():
        path = folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8, 3), colour, np.uint8)).save(path)
    return folder


def test_sampling_writes_a_picture_with_its_recipe_for_every_seed(tiny, tmp_path, capsys):
    out = tmp_path / "out"
    code = elucidate("sample", tiny, "--steps", 6, "--seeds", "3-5,9", "--out", out, "--json")
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert sorted(p.name for p in out.iterdir()) == [
        f"seed-{seed:06d}.png" for seed in (3, 4, 5, 9)
    ]
    steps = [event["step"] for event in events if event["event"] == "step"]
    assert steps == [1, 2, 3, 4, 5, 6]
    assert events[-1] == {"event": "done", "pictures": 4, "out": str(out)}
    recipe = read_recipe(out / "seed-000009.png")
    assert recipe.seeds == (3, 4, 5, 9) and recipe.steps == 6 and len(recipe.sigmas) == 7
    assert np.asarray(Image.open(out / "seed-000003.png")).max() in (10, 60, 180, 240)


def test_batches_change_nothing(tiny, tmp_path):
    one, many = tmp_path / "one", tmp_path / "many"
    knobs = ("--steps", 5, "--seeds", "0-4", "--classes", "light,dark", "--s-churn", 20)
    assert elucidate("sample", tiny, *knobs, "--batch", 2, "--out", one) == 0
    assert elucidate("sample", tiny, *knobs, "--out", many) == 0
    for path in one.iterdir():
        other = np.asarray(Image.open(many / path.name), int)
        assert np.abs(np.asarray(Image.open(path), int) - other).max() <= 1


def test_guidance_is_a_number_or_a_curve(tiny, tmp_path, capsys):
    out, few = tmp_path / "out", ("--steps", 3, "--seeds", "1", "--classes", "light")
    drawn = ("--guidance", "80: 1, 5: 3, 0.1: 1", "--churn-curve", "80: 0, 1: 9")
    assert elucidate("sample", tiny, *few, *drawn, "--out", out) == 0
    recipe = read_recipe(out / "seed-000001.png")
    assert recipe.guidance_curve == "80: 1, 5: 3, 0.1: 1" and recipe.guidance == 1.0
    assert recipe.knobs == {"churn_curve": "80: 0, 1: 9"}
    assert elucidate("sample", tiny, *few, "--guidance", "2.5", "--out", out) == 0
    recipe = read_recipe(out / "seed-000001-2.png")
    assert recipe.guidance == 2.5 and recipe.guidance_curve == ""
    with pytest.raises(SystemExit) as left:
        elucidate("sample", tiny, "--guidance", "much")
    assert left.value.code == 2 and "80: 0, 1: 1.5" in capsys.readouterr().err


def test_classes_are_obeyed(tiny, tmp_path):
    out = tmp_path / "out"
    assert elucidate("sample", tiny, "--seeds", "0-5", "--classes", "light", "--out", out) == 0
    assert all(np.asarray(Image.open(p)).max() >= 180 for p in out.iterdir())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--steps", "0"], "step"),
        (["--steps", "many"], "invalid int"),
        (["--sampler", "best"], "best"),
        (["--schedule", "best"], "best"),
        (["--sigma-min", "5", "--sigma-max", "2"], "sigma"),
        (["--sigma-max", "nan"], "sigma_max"),
        (["--s-churn", "nan"], "churn"),
        (["--s-churn", "lots"], "lots"),
        (["--seeds", "five"], "five"),
        (["--seeds", "9-3"], "9-3"),
        (["--classes", "unicorn"], "unicorn"),
        (["--batch", "0"], "batch"),
        (["--dtype", "int8"], "int8"),
        (["--device", "toaster"], "toaster"),
        (["--sampler", "euler", "--alpha", "0.5"], "alpha"),
        (["--schedule", "vp", "--rho", "3"], "rho"),
    ],
)
def test_bad_arguments_are_one_line_and_code_2(tiny, tmp_path, capsys, arguments, words):
    try:
        code = elucidate("sample", tiny, *arguments, "--out", tmp_path / "out")
    except SystemExit as stop:
        code = stop.code
    error = capsys.readouterr().err
    assert code == 2
    assert len(error.splitlines()) == 1 and words.lower() in error.lower()


@pytest.mark.parametrize("content", [b"", b"not a model at all", b"\x80\x04\x95garbage"])
def test_a_bad_model_is_one_line_and_code_1(tmp_path, capsys, content):
    path = tmp_path / "broken.safetensors"
    path.write_bytes(content)
    for command in ("inspect", "sample"):
        assert elucidate(command, path) == 1
        error = capsys.readouterr().err
        assert len(error.splitlines()) == 1 and "broken.safetensors" in error


def test_a_missing_model_is_named(tmp_path, capsys):
    assert elucidate("inspect", tmp_path / "nowhere.safetensors") == 1
    assert "nowhere.safetensors" in capsys.readouterr().err


def test_an_output_folder_that_cannot_be_made_is_one_line(tiny, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert elucidate("sample", tiny, "--steps", 2, "--out", tmp_path / "file" / "out") == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_inspect_tells_the_facts(capsys):
    assert elucidate("inspect") == 0
    assert "Dungeon tiles" in capsys.readouterr().out
    assert elucidate("inspect", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["shape"] == [3, 32, 32] and len(facts["classes"]) == 14


def test_the_command_line_needs_no_qt(tiny, tmp_path):
    """Sampling works where Qt cannot even be imported."""
    code = (
        "import sys\n"
        "sys.modules['PySide6'] = None\n"
        "from studio.cli.main import run\n"
        "sys.exit(run(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "sample", tiny, "--steps", "2", "--out", tmp_path / "o"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_display_is_one_line_and_code_1():
    import os

    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    command = [sys.executable, "-m", "studio"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "No display" in done.stderr


def test_version_and_unknown_command(capsys):
    with pytest.raises(SystemExit) as stop:
        elucidate("--version")
    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith("elucidate ")


def test_an_unknown_benchmark_is_named(capsys):
    assert elucidate("bench", "nothing") == 2
    assert "nothing" in capsys.readouterr().err


def test_no_picture_is_replaced(tiny, tmp_path):
    out = tmp_path / "out"
    for _ in range(2):
        assert elucidate("sample", tiny, "--steps", 1, "--seeds", "5,5", "--out", out) == 0
    names = sorted(path.name for path in out.iterdir())
    assert names == [f"seed-000005{suffix}.png" for suffix in ("-2", "-3", "-4", "")]


def test_an_empty_model_name_is_not_the_bundled_model(capsys):
    assert elucidate("sample", "") == 2
    assert "empty" in capsys.readouterr().err


def test_compare_makes_cells_once_and_writes_a_table_and_a_sheet(tiny, tmp_path, capsys):
    arguments = ("compare", tiny, "--samplers", "heun,deis:order=2,euler_ancestral")
    arguments += ("--nfe", "4 6", "--seeds", "0-1", "--out", tmp_path)
    assert elucidate(*arguments, "--json") == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["cell"] * 6 + ["done"]
    assert all(Path(path).exists() for path in events[-1]["files"])
    assert elucidate(*arguments) == 0
    out = capsys.readouterr().out
    assert "DEIS order 2 · Karras" in out and "draws noise" in out
    assert elucidate(*arguments, "--json") == 0
    again = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in again] == ["done"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--samplers", "huen"), "Did you mean 'heun'?"),
        (("--samplers", "deis:ordr=2"), "no knob 'ordr'"),
        (("--samplers", "deis:order=9"), "4"),
        (("--nfe", "six"), "whole numbers"),
        (("--seeds", "x"), "not a seed"),
        (("--samplers", ","), "at least 1"),
    ],
)
def test_compare_says_in_one_line_what_is_wrong(tiny, tmp_path, capsys, arguments, said):
    assert elucidate("compare", tiny, "--out", tmp_path, *arguments) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_a_fitted_schedule_serves_sampling(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ELUCIDATE_HOME", str(tmp_path / "home"))
    sample = ("sample", tiny, "--sampler", "exp_ab2", "--schedule", "fitted", "--steps", 4)
    out = tmp_path / "out"
    assert elucidate(*sample, "--out", out) == 1
    assert "elucidate compare --schedules fitted" in capsys.readouterr().err
    fit = ("--samplers", "exp_ab2", "--schedules", "fitted", "--nfe", "4", "--seeds", "0")
    assert elucidate("compare", tiny, *fit) == 0
    assert elucidate(*sample, "--out", out, "--seeds", "0") == 0
    recipe = read_recipe(out / "seed-000000.png")
    assert recipe.schedule == "custom" and len(recipe.sigmas) == 5
