import numpy as np
import pytest

from studio.engine.job import Progress
from studio.library import Frame, Trajectory
from studio.session.pace import pace
from studio.ui.status_text import duration, figure, images, pace_line, run_line, step_line

FIGURES = {"sigma": 0.29612, "sigma_next": 0.184, "nfe": 22, "elapsed": 0.5}
PROGRESS = Progress(1, 10, 18, nfe_total=35, share=11 / 18, **FIGURES)
ADAPTIVE = Progress(1, 10, None, nfe_total=None, share=0.25, **FIGURES)


def test_the_line_of_a_run():
    line = run_line(PROGRESS, pace(PROGRESS))
    assert line == "step 11 / 18 · σ 0.296 · NFE 22 / 35 · 22 it/s · 0.3 s left"


def test_the_line_of_a_run_that_is_done_says_how_long_it_took():
    last = Progress(
        1, 17, 18, sigma=0.002, sigma_next=0.0, nfe=35, nfe_total=35, elapsed=0.9, share=1.0
    )
    assert run_line(last, pace(last)).endswith("20 it/s · 0.9 s")


def test_the_line_of_the_status_bar():
    assert pace_line(PROGRESS, pace(PROGRESS)) == "22 it/s · NFE 22 / 35 · 0.3 s left"


def test_an_adaptive_run_says_what_is_known():
    line = run_line(ADAPTIVE, pace(ADAPTIVE))
    assert line == "step 11 · σ 0.296 · NFE 22 · 22 it/s · 1.5 s left"
    assert pace_line(ADAPTIVE, pace(ADAPTIVE)) == "22 it/s · NFE 22 · 1.5 s left"


@pytest.mark.parametrize("total", [2, None])
def test_the_line_of_one_step(total):
    frames = Trajectory(np.zeros((1, 3, 2, 2)), total)
    for index, (sigma, after) in enumerate([(80.0, 0.29612), (0.29612, 0.0)]):
        picture = np.zeros((1, 2, 2, 3), np.uint8)
        frames.append(Frame(index, sigma, after, index + 2, frames.start, frames.start, picture))
    assert step_line(frames, 1) == "step 2 / 2 · σ 0.296 → 0 · NFE 3"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (125, "2 min 5 s"), (3780, "1 h 3 min")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_small_words():
    assert figure(0.002) == "0.002" and figure(80.0) == "80"
    assert images(1) == "1 image" and images(16) == "16 images"
