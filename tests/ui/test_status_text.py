import pytest

from studio.engine.job import Progress
from studio.library import Recipe
from studio.session.pace import pace
from studio.ui.status_text import duration, figure, images, pace_line, run_line, step_line

PROGRESS = Progress(1, 10, 18, sigma=0.29612, sigma_next=0.184, nfe=22, nfe_total=35, elapsed=0.5)


def test_the_line_of_a_run():
    line = run_line(PROGRESS, pace(PROGRESS))
    assert line == "step 11 / 18 · σ 0.296 · NFE 22 / 35 · 22 it/s · 0.3 s left"


def test_the_line_of_a_run_that_is_done_says_how_long_it_took():
    last = Progress(1, 17, 18, sigma=0.002, sigma_next=0.0, nfe=35, nfe_total=35, elapsed=0.9)
    assert run_line(last, pace(last)).endswith("20 it/s · 0.9 s")


def test_the_line_of_the_status_bar():
    assert pace_line(PROGRESS, pace(PROGRESS)) == "22 it/s · NFE 22 / 35 · 0.3 s left"


def test_the_line_of_one_step():
    recipe = Recipe(sigmas=(80.0, 0.29612, 0.0))
    assert step_line(recipe, 1, 3) == "step 2 / 2 · σ 0.296 → 0 · NFE 3"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (125, "2 min 5 s"), (3780, "1 h 3 min")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_small_words():
    assert figure(0.002) == "0.002" and figure(80.0) == "80"
    assert images(1) == "1 image" and images(16) == "16 images"
