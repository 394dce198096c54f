"""The figures and the recipe of a run, as they are shown."""

from studio.session.training.details import Details
from studio.session.training.facts import NOW, RECIPE, now_facts, recipe_facts
from studio.session.training.standing import Standing
from studio.training.run_file import parse_run_file
from studio.training.run_folder.status import Status
from tests.session.training.folders import RUN


def facts(tmp_path, state="running", **status):
    status = Status(state=state, batch=256, micro_batch=16, accumulation=4, processes=4, **status)
    details = Details(folder=tmp_path, checkpoint=tmp_path, saved=100.0)
    return now_facts(Standing(folder=tmp_path, state=state, status=status), details, clock=141.0)


def test_figures_of_a_run(tmp_path):
    said = facts(
        tmp_path, images_per_second=5210.4, loss=0.18712, gradient_norm=0.42, eta=720.0,
        learning_rate=2e-4, memory=9_600_000_000, device="cuda:0", half_life_kimg=10.71,
    )  # fmt: skip
    assert said.keys() <= {name for name, _ in NOW}
    assert said["Speed"] == "5,210 img/s" and said["Time left"] == "12 min"
    assert said["Loss"] == "0.1871" and said["Learning rate"] == "2.0e-4"
    assert said["Batch"] == "256 = 16 × 4 × 4" and said["Memory"] == "9.6 GB · cuda:0"
    assert said["EMA half-life"] == "10.7 kimg" and said["Last checkpoint"] == "41 s ago"


def test_what_stands_still_has_no_speed(tmp_path):
    said = facts(tmp_path, "paused", images_per_second=5210.0, eta=720.0, loss=0.2)
    assert "Speed" not in said and "Time left" not in said and said["Loss"] == "0.2"


def test_slow_runs_are_told_to_three_digits(tmp_path):
    assert facts(tmp_path, images_per_second=9.876)["Speed"] == "9.88 img/s"


def test_the_recipe_of_a_run():
    settings = parse_run_file(f"{RUN}[augment]\np = 0.12\n".encode(), "run.toml")
    said = recipe_facts(settings)
    assert said.keys() == {name for name, _ in RECIPE}
    assert said["Start from"] == "dungeon-tiles-small" and said["What trains"] == "all weights"
    assert said["ln σ"] == "N(-0.8, 1.2²)" and said["Augmentation"] == "p = 0.12"
    assert said["Precision"] == "auto" and said["Length"] == "500 kimg"
