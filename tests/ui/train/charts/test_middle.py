"""The middle of the Train tab: it follows a run folder by itself and lets go of it."""

import json

import numpy as np
import pytest
from PIL import Image

from studio.training.run_folder.sheet_plan import SheetPlan
from studio.ui.train.charts.middle import Middle

RUN = '[data]\npath = "set.npz"\n[keep]\nsamples = 4\n'


def figures(kimg, loss):
    said = {"event": "stats", "time": 1.0, "kimg": kimg, "total_kimg": 9.0, "loss": loss}
    return json.dumps(said | {"loss_by_level": [None, *[loss] * 15]}) + "\n"


@pytest.fixture
def run(tmp_path):
    (tmp_path / "samples").mkdir()
    (tmp_path / "run.toml").write_text(RUN)
    (tmp_path / "stats.jsonl").write_text(figures(1, 0.9) + figures(2, 0.5))
    return tmp_path


@pytest.fixture
def middle(qtbot):
    middle = Middle()
    qtbot.addWidget(middle)
    middle.resize(900, 800)
    middle.grab()
    yield middle
    middle.stop()


def draw_sheet(run, kimg, color):
    image = Image.fromarray(np.full((*SheetPlan(4, 8, 8).size, 3), color, np.uint8))
    image.save(run / "samples" / f"{kimg:06d}.000.png")


def test_it_follows_a_run(qtbot, middle, run):
    middle.show_run(run)
    qtbot.waitUntil(lambda: middle.loss_plot.drawn.kimg.tolist() == [1.0, 2.0])
    with (run / "stats.jsonl").open("a") as file:
        file.write(figures(3, 0.25))
    draw_sheet(run, 3, 200)
    qtbot.waitUntil(lambda: middle.loss_plot.drawn.kimg.tolist() == [1.0, 2.0, 3.0])
    assert 10 ** middle.loss_plot.drawn.raw[-1] == pytest.approx(0.25)
    assert middle.level_map.grid.loss[-1, 1:].tolist() == [0.25] * 15
    qtbot.waitUntil(lambda: not middle.samples.view.image.isNull())


def test_it_shows_another_run_and_none(qtbot, middle, run, tmp_path_factory):
    middle.show_run(run)
    qtbot.waitUntil(lambda: len(middle.loss_plot.drawn.kimg) == 2)
    other = tmp_path_factory.mktemp("other")
    (other / "stats.jsonl").write_text(figures(7, 0.1))
    middle.show_run(other)
    assert len(middle.loss_plot.drawn.kimg) == 0
    qtbot.waitUntil(lambda: middle.loss_plot.drawn.kimg.tolist() == [7.0])
    middle.show_run(None)
    assert len(middle.loss_plot.drawn.kimg) == 0
    assert middle.level_map.grid is None


def test_it_can_be_stopped_and_begin_anew(qtbot, middle, run):
    middle.show_run(run)
    middle.stop()
    middle.show_run(run)
    qtbot.waitUntil(lambda: len(middle.loss_plot.drawn.kimg) == 2)
