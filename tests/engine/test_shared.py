"""Steps that two runs share are equal to the last bit, and those after them are not."""

import numpy as np
import pytest

from studio.diffusion import SAMPLERS
from studio.engine.job import Job
from studio.engine.plan import plan
from studio.engine.run import Run
from studio.engine.shared import shared_steps
from studio.library import Recipe
from tests.fakes import FakeModel

BASE = Recipe(steps=9, seeds=(3, 4))
LISTS = {
    "one level": (80.0, 20.0, 8.0, 3.0, 1.5, 0.5, 0.2, 0.05, 0.01),
    "fewer": (80.0, 20.0, 8.0, 3.0, 1.0),
    "more": (80.0, 20.0, 8.0, 3.0, 1.0, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02),
}
FIRST = "80 20 8 3 1 0.5 0.2 0.05 0.01"


def drawn(recipe, levels):
    knobs = {"levels": " ".join(map(repr, levels))}
    changes = {"schedule": "custom", "schedule_knobs": knobs, "steps": len(levels)}
    return recipe.model_copy(update=changes)


def finished(recipe, past=None, model=None):
    run = Run(Job(1, recipe, past), model or FakeModel())
    while run.advance():
        pass
    return run.finish()


@pytest.mark.parametrize("change", LISTS)
@pytest.mark.parametrize(
    "sampler", [id for id, spec in SAMPLERS.items() if spec.cost(9, **spec.values({}))]
)
def test_shared_steps_are_those_of_a_whole_run(sampler, change):
    recipe = drawn(
        BASE.model_copy(update={"sampler": sampler}), [float(word) for word in FIRST.split()]
    )
    before = finished(recipe)
    wish = drawn(recipe, LISTS[change])
    sigmas = plan(wish, FakeModel().info).sigmas
    steps = shared_steps(before.recipe, wish, sigmas)
    if sampler in ("dpm_fast", "restart"):
        assert steps == 0
        return
    if sampler in ("euler_maruyama", "pc") and change != "one level":
        assert steps == 0  # their path is solved from the ends
        return
    assert steps == {"one level": 3, "fewer": 4, "more": 4}[change]
    whole = finished(wish)
    frozen = wish.model_copy(update={"sigmas": sigmas, "labels": before.recipe.labels})
    frozen = frozen.model_copy(update={"precision": before.recipe.precision})
    spliced = finished(frozen, before.trajectory.upto(steps))
    assert spliced.recipe == whole.recipe
    assert np.array_equal(spliced.pictures, whole.pictures)
    assert all(
        np.array_equal(a.x, b.x) and a.nfe == b.nfe
        for a, b in zip(spliced.trajectory, whole.trajectory, strict=True)
    )


@pytest.mark.parametrize(
    "changes", [{"guidance": 2.0}, {"seeds": (3, 5)}, {"sampler": "euler"}, {"noise": "brownian"}]
)
def test_nothing_is_shared_where_more_than_the_schedule_differs(changes):
    before = finished(BASE)
    wish = BASE.model_copy(update=changes)
    assert shared_steps(before.recipe, wish, before.recipe.sigmas) == 0


def test_churn_and_paths_look_at_the_whole_list():
    churned = BASE.model_copy(update={"knobs": {"s_churn": 9.0}})
    before = finished(churned).recipe
    assert shared_steps(before, churned, before.sigmas) == 9
    assert shared_steps(before, churned, before.sigmas[:5]) == 0
    curved = BASE.model_copy(update={"knobs": {"path": "vp"}})
    before = finished(curved).recipe
    assert shared_steps(before, curved, (*before.sigmas[:5], 0.01, 0.0)) == 0
    assert shared_steps(before, curved, before.sigmas) == 9


GUIDED = "80: 1, 8: 3, 1: 3, 0.01: 1"
CURVES = {  # what is changed, and how many steps of LEVELS lie above it for an Euler step
    "low end": ({"guidance_curve": "80: 1, 8: 3, 1: 3, 0.01: 2"}, 5),
    "middle": ({"guidance_curve": "80: 1, 8: 3, 1: 4, 0.01: 1"}, 3),
    "a point on the line": ({"guidance_curve": "80: 1, 8: 3, 2: 3, 1: 3, 0.01: 2"}, 5),
    "top": ({"guidance_curve": "80: 1.5, 8: 3, 1: 3, 0.01: 1"}, 0),
    "churn": ({"knobs": {"churn_curve": "80: 5, 3: 5, 1: 0"}}, 4),
}


@pytest.mark.parametrize("change", CURVES)
@pytest.mark.parametrize("sampler", ["euler", "heun", "dpm_2", "dpmpp_2m", "dpmpp_2s_ancestral"])
def test_steps_above_the_change_of_a_curve_are_shared(sampler, change):
    changes, expected = CURVES[change]
    if "knobs" in changes and sampler not in ("euler", "heun", "dpm_2"):
        return
    knobs = {"churn_curve": "80: 5, 3: 5, 0.5: 0"} if "knobs" in changes else {}
    first = drawn(
        BASE.model_copy(
            update={"sampler": sampler, "guidance_curve": GUIDED, "knobs": knobs, "classes": (0, 1)}
        ),
        [float(word) for word in FIRST.split()],
    )
    model = Guided()
    before = finished(first, model=model)
    wish = first.model_copy(update=changes)
    steps = shared_steps(before.recipe, wish, before.recipe.sigmas)
    if sampler == "dpmpp_2s_ancestral":
        assert steps == 0  # it may go down to 0 before it adds noise
        return
    two = sampler in ("heun", "dpm_2")  # the second evaluation may lie on the changed side
    assert steps == max(0, expected - two)
    whole = finished(wish, model=model)
    made = {"sigmas": before.recipe.sigmas, "labels": before.recipe.labels}
    frozen = wish.model_copy(update={**made, "precision": before.recipe.precision})
    past = before.trajectory.upto(steps) if steps else None
    spliced = finished(frozen, past, model=model)
    assert np.array_equal(spliced.pictures, whole.pictures)
    assert all(
        np.array_equal(a.x, b.x) for a, b in zip(spliced.trajectory, whole.trajectory, strict=True)
    )
    kept = zip(before.trajectory, whole.trajectory, strict=True)
    equal = [np.array_equal(a.x, b.x) for a, b in kept]
    assert all(equal[:steps]) and not all(equal)


def test_an_interval_is_a_curve_too():
    first = BASE.model_copy(update={"guidance": 3.0, "guidance_low": 0.1, "guidance_high": 5.0})
    before = finished(first).recipe
    lower = first.model_copy(update={"guidance_low": 0.01})
    above = sum(sigma > 0.1 for sigma in before.sigmas)
    assert shared_steps(before, lower, before.sigmas) == above - 1  # Heun looks at both ends
    higher = first.model_copy(update={"guidance_high": 50.0})
    assert shared_steps(before, higher, before.sigmas) == sum(s > 50 for s in before.sigmas) - 1


class Guided(FakeModel):
    """A fake model on which guidance acts."""

    def denoise(self, x, sigma, labels=None, *, condition, guidance=1.0):
        estimate = super().denoise(x, sigma, condition=condition)
        return estimate + (guidance - 1) * 0.1 * condition.wanted["labels"].view(-1, 1, 1, 1)
