"""The best of a measure is its least figure, or of some its greatest."""

import pytest

from studio.library.sweeps import best_place, shares

FIGURES = {(0,): 20.0, (1,): 30.0, (2,): 25.0}


@pytest.mark.parametrize(("metric", "best", "worst"), [("psnr", (1,), (0,)), ("nfe", (0,), (1,))])
def test_the_best_has_the_colour_of_the_best(metric, best, worst):
    assert best_place(FIGURES, metric) == best
    found = shares(FIGURES, metric)
    assert found[best] == 0
    assert found[worst] == 1
    assert found[2,] == pytest.approx(0.5)


@pytest.mark.parametrize("metric", ["psnr", "nfe"])
def test_what_stands_alone_is_the_best(metric):
    assert shares({(0,): 14.0}, metric) == {(0,): 0.0}
    assert best_place({}, metric) is None
