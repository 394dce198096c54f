"""The middle of the Train tab: it follows a run folder by itself and lets go of it."""

import json

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QAbstractButton, QSlider

from studio.training.run_folder.sheet_plan import SheetPlan
from studio.ui.train.charts import following
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
def middle(qtbot, monkeypatch):
    monkeypatch.setattr(following, "_PAUSE_MS", 20)
    middle = Middle()
    qtbot.addWidget(middle)
    middle.resize(900, 800)
    middle.grab()
    yield middle
    middle.stop()


@pytest.fixture
def wait(qtbot):
    # The first look at a run file loads torch, which can take seconds.
    return lambda ready: qtbot.waitUntil(ready, timeout=30_000)


def draw_sheet(run, kimg, color):
    image = Image.fromarray(np.full((*SheetPlan(4, 8, 8).size, 3), color, np.uint8))
    image.save(run / "samples" / f"{kimg:06d}.000.png")


def test_it_follows_a_run(wait, middle, run):
    middle.show_run(run)
    wait(lambda: middle.loss_plot.drawn.kimg.tolist() == [1.0, 2.0])
    with (run / "stats.jsonl").open("a") as file:
        file.write(figures(3, 0.25))
    draw_sheet(run, 3, 200)
    wait(lambda: middle.loss_plot.drawn.kimg.tolist() == [1.0, 2.0, 3.0])
    assert 10 ** middle.loss_plot.drawn.raw[-1] == pytest.approx(0.25)
    assert middle.level_map.grid.loss[-1, 1:].tolist() == [0.25] * 15
    wait(lambda: not middle.samples.view.image.isNull())


def test_it_shows_another_run_and_none(wait, middle, run, tmp_path_factory):
    middle.show_run(run)
    wait(lambda: len(middle.loss_plot.drawn.kimg) == 2)
    other = tmp_path_factory.mktemp("other")
    (other / "stats.jsonl").write_text(figures(7, 0.1))
    middle.show_run(other)
    assert len(middle.loss_plot.drawn.kimg) == 0
    wait(lambda: middle.loss_plot.drawn.kimg.tolist() == [7.0])
    middle.show_run(None)
    assert len(middle.loss_plot.drawn.kimg) == 0
    assert middle.level_map.grid is None


def test_it_can_be_stopped_and_begin_anew(wait, middle, run):
    middle.show_run(run)
    middle.stop()
    middle.show_run(run)
    wait(lambda: len(middle.loss_plot.drawn.kimg) == 2)


def test_the_charts_and_the_samples_share_a_time(wait, middle, run):
    draw_sheet(run, 1, 50)
    draw_sheet(run, 2, 200)
    middle.show_run(run)
    wait(lambda: len(middle.samples.choice.sheets) == 2)
    assert middle.loss_plot.sheet.value() == 2.0
    middle.loss_plot.chosen.emit(1.1)
    assert middle.samples.choice.chosen.kimg == 1.0
    assert middle.loss_plot.sheet.value() == 1.0
    middle.loss_plot.hovered.emit(2.0)
    assert middle.level_map.cross == 2.0
    middle.level_map.hovered.emit(None)
    assert middle.loss_plot.cross is None


def test_a_log_that_cannot_be_read_is_said_and_tried_again(wait, middle, run):
    faults = []
    middle.failed.connect(faults.append)
    (run / "stats.jsonl").unlink()
    (run / "stats.jsonl").mkdir()
    middle.show_run(run)
    wait(lambda: bool(faults))
    (run / "stats.jsonl").rmdir()
    (run / "stats.jsonl").write_text(figures(4, 0.1))
    wait(lambda: middle.loss_plot.drawn.kimg.tolist() == [4.0])


def test_every_control_has_a_name_and_a_tip(middle):
    for widget in middle.findChildren(QAbstractButton) + middle.findChildren(QSlider):
        assert widget.accessibleName(), widget.objectName()
        assert widget.toolTip(), widget.objectName()
