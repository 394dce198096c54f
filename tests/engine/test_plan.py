import dataclasses

import pytest

from studio.diffusion import KnobError
from studio.engine.plan import plan
from studio.library import Recipe
from tests.fakes import FakeModel

INFO = FakeModel().info


def test_open_ends_come_from_the_schedule_within_the_models_range():
    narrow = dataclasses.replace(INFO, sigma_min=0.03, sigma_max=14.0)
    sigmas = plan(Recipe(steps=10), narrow).sigmas
    assert sigmas[0] == pytest.approx(14) and sigmas[-2] == pytest.approx(0.03)
    sigmas = plan(Recipe(steps=10, sigma_max=12.0, sigma_min=0.1), narrow).sigmas
    assert sigmas[0] == pytest.approx(12) and sigmas[-2] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sigma_max": 50.0}, "σ max 50 lies above 14"),
        ({"sigma_min": 0.001}, "σ min 0.001 lies below 0.03"),
        ({"schedule": "custom", "schedule_knobs": {"levels": "80 1 0.1"}, "sigma_max": 80.0}, "80"),
        ({"sigmas": (20.0, 1.0, 0.0)}, "σ max 20 lies above 14"),
    ],
)
def test_levels_that_the_model_does_not_know_are_refused_with_the_reason(change, said):
    narrow = dataclasses.replace(INFO, sigma_min=0.03, sigma_max=14.0)
    with pytest.raises(KnobError, match=said):
        plan(Recipe(steps=10, **change), narrow)


def test_the_ends_of_a_custom_list_are_its_own():
    recipe = Recipe(steps=2, schedule="custom", schedule_knobs={"levels": "9 3"})
    assert plan(recipe, INFO).sigmas == (9.0, 3.0, 0.0)


def test_more_steps_than_a_trajectory_holds_are_refused():
    knobs = {"restarts": 1000, "restart_steps": 20}
    many = Recipe(sampler="restart", steps=18, knobs=knobs)
    with pytest.raises(KnobError, match="at most 10,000"):
        plan(many, INFO)


def test_the_cost_counts_denoiser_calls():
    assert plan(Recipe(steps=18), INFO).nfe == 35
    assert plan(Recipe(steps=18, sampler="euler"), INFO).nfe == 18


def test_a_list_in_the_recipe_is_kept_as_it_is():
    sigmas = (9.0, 3.0, 1.0, 0.0)
    assert plan(Recipe(steps=18, sigmas=sigmas), INFO).sigmas == sigmas


@pytest.mark.parametrize("sigmas", [(5.0,), (1.0, 2.0, 0.0)])
def test_a_list_that_cannot_be_sampled_is_refused(sigmas):
    with pytest.raises(ValueError, match="sigmas"):
        plan(Recipe(sigmas=sigmas), INFO)


@pytest.mark.parametrize(
    "changes",
    [
        {"sampler": "nope"},
        {"schedule": "nope"},
        {"sigma_min": 5.0, "sigma_max": 2.0},
        {"knobs": {"nope": 1.0}},
    ],
)
def test_nonsense_is_refused_with_a_reason(changes):
    with pytest.raises(KnobError):
        plan(Recipe(**changes), INFO)
