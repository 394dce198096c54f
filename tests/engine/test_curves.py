"""Guidance and churn as curves: equal to their knobs where they say the same, and recorded."""

import numpy as np
import pytest

from studio.engine.job import Job
from studio.engine.run import Run
from studio.library import Recipe
from studio.models import default_model, load_model

BASE = Recipe(steps=5, seeds=(3, 4), classes=(1,), guidance=2.5)


@pytest.fixture(scope="module")
def network():
    return load_model(str(default_model()), "cpu")


def finished(recipe, model, past=None, then=None):
    run = Run(Job(1, recipe, past), model)
    while run.advance():
        if then is not None and len(run.live.trajectory) == 2:
            run.change(then)
            then = None
    return run.finish()


def ends(ending):
    return ending.trajectory.state(-1)


EQUALS = [
    ({}, {"guidance_curve": "2.5", "guidance": 7.0}),
    ({}, {"guidance_curve": "80: 2.5, 3: 2.5, 0.01: 2.5"}),
    (
        {"guidance_low": 0.1, "guidance_high": 20.0},
        {"guidance_curve": "20: 1, 20: 2.5, 0.1: 2.5, 0.1: 1"},
    ),
    ({"guidance": 1.0}, {"guidance_curve": "80: 1, 0.1: 1"}),
]


@pytest.mark.parametrize(("knobs", "drawn"), EQUALS)
def test_a_curve_that_says_the_same_makes_the_same_picture(network, knobs, drawn):
    plain = finished(BASE.model_copy(update=knobs), network)
    curved = finished(BASE.model_copy(update=drawn), network)
    assert np.array_equal(ends(plain), ends(curved))


def test_each_evaluation_is_guided_as_its_level_says(network):
    seen = []
    model = load_model(str(default_model()), "cpu")
    denoise = model.denoise

    def watched(x, sigma, labels=None, *, condition, guidance=1.0):
        seen.append((sigma, guidance))
        return denoise(x, sigma, labels, condition=condition, guidance=guidance)

    model.denoise = watched
    finished(BASE.model_copy(update={"guidance_curve": "80: 1, 1: 3, 1: 2"}), model)
    assert len(seen) == 9  # Heun looks twice a step
    for sigma, guidance in seen:
        rising = 1 + 2 * np.log(80 / sigma) / np.log(80)
        assert guidance == pytest.approx(2 if sigma <= 1 else min(rising, 3))


CHANGES = {
    "guidance": {"guidance_curve": "80: 1, 1: 4"},
    "churn": {"knobs": {"churn_curve": "80: 0, 1: 40"}},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_curve_that_is_changed_on_the_way_is_recorded_and_repeated(network, change):
    wish = BASE.model_copy(update=CHANGES[change])
    first = finished(BASE, network, then=wish)
    (segment,) = first.recipe.segments
    assert segment.changes == CHANGES[change] and segment.from_step == 2
    again = finished(Recipe.from_json(first.recipe.to_json()), network)
    assert np.array_equal(ends(first), ends(again))
    assert not np.array_equal(ends(first), ends(finished(BASE, network)))
    branched = finished(first.recipe, network, past=first.trajectory.upto(3))
    assert np.array_equal(ends(first), ends(branched))
