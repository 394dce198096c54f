"""What changed on the way is said in a few words."""

import pytest

from studio.library import ModelRef, Recipe, RecipeError, Segment
from studio.library.lineage import changes_said

BASE = Recipe(seeds=(1, 2), model=ModelRef(path="a", name="Old"))


def said(**changes):
    recipe = BASE.branched(7, BASE.model_copy(update=changes))
    return changes_said(recipe)[-1] if recipe.segments else ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"sampler": "dpmpp_2m"}, "@ 7 · DPM++ 2M"),
        ({"knobs": {"s_churn": 20.0}}, "@ 7 · S_churn 20"),
        ({"knobs": {"s_churn": 0.0}}, "@ 7 · as before"),
        ({"sampler": "deis", "knobs": {"order": 2}}, "@ 7 · DEIS, Order 2"),
        ({"schedule": "exponential", "steps": 30}, "@ 7 · Exponential, 30 steps"),
        ({"schedule_knobs": {"rho": 5.0}}, "@ 7 · ρ 5"),
        ({"sigma_max": 40.0, "sigma_min": None}, "@ 7 · σ max 40"),
        ({"classes": (3,)}, "@ 7 · class 3"),
        ({"classes": "random"}, "@ 7 · random class"),
        ({"guidance": 2.5, "guidance_high": 3.0}, "@ 7 · guidance 2.5, guidance up to σ 3"),
        ({"guidance_curve": "9: 1, 1: 2"}, "@ 7 · guidance over σ 9: 1, 1: 2"),
        ({"prompt": "a cat"}, "@ 7 · prompt “a cat”"),
        (
            {"negative_prompt": "fog,\nrain " * 9},
            f"@ 7 · negative prompt “{('fog, rain ' * 4)[:-1]}…”",
        ),
        (
            {"guidance_rescale": 0.7, "threshold": 99.5},
            "@ 7 · guidance rescale 0.7, threshold 99.5 %",
        ),
        ({"guide": ModelRef(path="w", name="Weak")}, "@ 7 · guide Weak"),
        ({"knobs": {"churn_curve": "80: 0, 10: 40, 0.05: 0"}}, "@ 7 · Churn(σ) by hand"),
        ({"seeds": (8, 9)}, "@ 7 · noise of seed 8"),
        ({"noise": "brownian"}, "@ 7 · Brownian noise"),
        ({"model": ModelRef(path="b", name="New")}, "@ 7 · New"),
        ({"model": ModelRef(path="a", name="Other name")}, ""),
    ],
)
def test_words(changes, words):
    assert said(**changes) == words


def test_each_segment_is_told_against_the_one_before():
    recipe = BASE.branched(3, BASE.model_copy(update={"guidance": 2.0}))
    recipe = recipe.branched(5, BASE.model_copy(update={"guidance": 2.0, "sampler": "euler"}))
    assert changes_said(recipe) == ("@ 3 · guidance 2", "@ 5 · Euler")
    assert recipe.settled().sampler == "euler" and recipe.settled().segments == ()


def test_a_branch_before_a_change_forgets_it():
    recipe = BASE.branched(5, BASE.model_copy(update={"guidance": 2.0}))
    assert recipe.branched(5, BASE).segments == ()
    assert recipe.branched(4, BASE).segments == ()
    (kept,) = recipe.branched(6, BASE.model_copy(update={"guidance": 2.0})).segments
    assert kept.from_step == 5


def test_segments_come_back_from_json_exactly():
    changes = {
        "model": ModelRef(path="b", name="New", sha256="ab" * 32),
        "sampler": "euler",
        "knobs": {"s_churn": 20.0, "s_tmax": float("inf")},
        "sigmas": (3.0, 1.0, 0.0),
        "guidance_high": float("inf"),
        "classes": (1, 2),
        "seeds": (2**63, 5),
    }
    recipe = BASE.model_copy(update={"segments": (Segment(from_step=2, changes=changes),)})
    again = Recipe.from_json(recipe.to_json())
    assert again == recipe
    assert again.segments[0].changes == changes


@pytest.mark.parametrize(
    "change", [{"steps": 0}, {"sampler": "../x"}, {"guidance": "much"}, {"seeds": []}]
)
def test_a_malformed_segment_is_refused(change):
    with pytest.raises(RecipeError, match="segments"):
        Recipe.from_data({"segments": [{"from_step": 1, "changes": change}]})


def test_a_segment_of_the_future_is_read_as_far_as_it_is_known():
    recipe = Recipe.from_data({"segments": [{"from_step": 1, "changes": {"aroma": 3}}]})
    assert recipe.segments[0].changes == {}


def test_another_number_of_pictures_is_refused():
    with pytest.raises(RecipeError, match="Set the images to 2"):
        BASE.branched(3, Recipe(seeds=(1, 2, 3)))
