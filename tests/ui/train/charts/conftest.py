"""A course that is known in every figure."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from studio.training.run_folder.course import Course
from studio.training.run_folder.facts import Facts
from studio.training.run_folder.levels import BUCKETS
from studio.ui.train.charts.digest import digest


def make_course(**changes):
    """Return ten lines of figures, 1 to 10 kimg, the loss halving with each."""
    kimg = np.arange(1.0, 11.0)
    levels = np.tile(2.0 ** -np.arange(10.0)[:, None], BUCKETS)
    levels[:, 0] = np.nan
    known = {
        "kimg": kimg,
        "loss": 2.0 ** -np.arange(10.0),
        "learning_rate": np.full(10, 2e-4),
        "gradient_norm": np.full(10, 0.5),
        "images_per_second": np.full(10, 1234.0),
        "half_life_kimg": np.full(10, np.nan),
        "memory": np.full(10, np.nan),
        "skipped": np.zeros(10),
        "loss_by_level": levels,
        "held_out": np.array([[5.0, 0.1], [10.0, 0.05]]),
        "held_out_by_level": np.full((2, BUCKETS), np.nan),
        "checkpoints": np.array([5.0, 10.0]),
        "resumes": np.array([5.0]),
    }
    return Course(**(known | changes))


def make_long_course(losses):
    """Return a line for each loss, with nothing else in it."""
    count = len(losses)
    others = ("learning_rate", "gradient_norm", "images_per_second", "half_life_kimg", "memory")
    return make_course(
        kimg=np.arange(1.0, count + 1),
        loss=losses,
        skipped=np.zeros(count),
        loss_by_level=np.full((count, BUCKETS), np.nan),
        held_out=np.empty((0, 2)),
        held_out_by_level=np.empty((0, BUCKETS)),
        **dict.fromkeys(others, np.full(count, np.nan)),
    )


def make_facts(**changes):
    """Return facts of a run with all its training in the middle of the levels."""
    shares, density = np.zeros(BUCKETS), np.zeros(4 * BUCKETS)
    shares[8], density[32:36] = 1.0, 1.0
    known = {
        "samples": 4, "guidance": 1.0, "half_life": 50.0, "ramp_up": 0.05,
        "density": density, "shares": shares, "classes": (),
    }  # fmt: skip
    return Facts(**(known | changes))


@pytest.fixture
def known():
    return digest(make_course(), make_facts())


def viewport_point(chart, x, y):
    """Return where a place of a chart lies in its viewport."""
    box = chart.plot.getPlotItem().getViewBox()
    return chart.plot.mapFromScene(box.mapViewToScene(QPointF(x, y)))
