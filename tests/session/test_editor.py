from dataclasses import replace

import pytest

from studio.library import InputRef, Recipe
from studio.session.editor import RecipeEditor
from tests.fakes import FakeModel
from tests.text_models import TextModel


@pytest.fixture
def editor():
    editor = RecipeEditor(Recipe(seeds=(1, 2)))
    editor.set_model(FakeModel().info)
    return editor


def test_an_edit_is_announced_planned_and_undone(editor):
    said = []
    editor.changed.connect(said.append)
    editor.edit("steps", 30)
    assert said[-1].steps == 30
    assert editor.plan.nfe == 59
    editor.undo()
    assert editor.recipe.steps == 18 and editor.plan.nfe == 35
    editor.redo()
    assert editor.recipe.steps == 30


def test_an_edit_that_changes_nothing_is_no_edit(editor):
    said = []
    editor.edited.connect(lambda: said.append(1))
    editor.edit("steps", 18)
    editor.edit("knobs.s_churn", 0.0)
    editor.edit("schedule_knobs.rho", 7.0)
    assert not said


def test_nonsense_is_a_problem_and_not_a_plan(editor):
    editor.edit("sigma_min", 5.0)
    editor.edit("sigma_max", 2.0)
    assert editor.plan is None and editor.problem
    editor.edit("sigma_max", 9.0)
    assert editor.plan is not None and not editor.problem


def test_lists_follow_the_fields_that_shape_them(editor):
    exact = Recipe(seeds=(1, 2), sigmas=(9.0, 1.0, 0.0), labels=(0, 1))
    editor.replace(exact)
    editor.edit("knobs.s_churn", 5.0)
    assert editor.recipe.sigmas == (9.0, 1.0, 0.0) and editor.recipe.labels == (0, 1)
    editor.edit("steps", 5)
    assert editor.recipe.sigmas == ()
    editor.edit("classes", "random")
    assert editor.recipe.labels == ()


def test_another_sampler_keeps_the_knobs_it_shares(editor):
    editor.edit("knobs.s_churn", 7.0)
    editor.edit("knobs.alpha", 0.5)
    editor.edit("sampler", "euler")
    assert editor.recipe.knobs == {"s_churn": 7.0}


def test_a_new_model_resets_what_does_not_fit(editor):
    editor.edit("classes", (2,))
    editor.edit("sigma_max", 40.0)
    other = FakeModel(classes=("only",)).info
    editor.set_model(FakeModel().info)
    assert editor.recipe.sigma_max == 40.0
    import dataclasses

    editor.set_model(dataclasses.replace(other, path="other"))
    assert editor.recipe.classes == "any" and editor.recipe.sigma_max is None
    assert editor.recipe.model.path == "other"


def test_the_hash_is_no_edit(editor):
    editor.set_digest("ab" * 32)
    assert editor.recipe.model.sha256 == "ab" * 32
    assert not editor._history.can_undo


def test_prompts_wait_while_a_model_is_open_that_takes_none(editor):
    plain, words = FakeModel().info, TextModel("words").info
    editor.set_model(words)
    assert (editor.recipe.guidance, editor.recipe.seeds) == (7.5, (1, 2))
    for field, value in {"prompt": "a fox", "negative_prompt": "fog", "width": 32}.items():
        editor.edit(field, value)
    editor.set_model(plain)
    recipe = editor.recipe
    assert (recipe.prompt, recipe.negative_prompt, recipe.width, recipe.guidance) == (
        "",
        "",
        0,
        1.0,
    )
    editor.edit("steps", 5)
    editor.set_model(words)
    recipe = editor.recipe
    assert (recipe.prompt, recipe.negative_prompt, recipe.guidance) == ("a fox", "fog", 7.5)


def test_guidance_that_was_chosen_stays_when_models_change(editor):
    editor.edit("guidance", 3.0)
    editor.set_model(TextModel("words").info)
    assert editor.recipe.guidance == 3.0
    editor.set_model(TextModel("other words").info)
    editor.edit("guidance", 1.0)
    editor.set_model(TextModel("third").info)
    assert editor.recipe.guidance == 1.0  # as it was left with a model of the same kind


def test_a_model_of_texts_begins_with_one_picture_of_many(editor):
    editor.edit("seeds", tuple(range(16)))
    editor.set_model(TextModel("words").info)
    assert editor.recipe.seeds == (0,)


def test_a_size_that_the_next_model_has_not_becomes_its_own(editor):
    editor.set_model(TextModel("words").info)
    editor.edit_all({"width": 24, "height": 40})
    editor.set_model(TextModel("finer", multiple=4).info)
    assert (editor.recipe.width, editor.recipe.height) == (24, 40)
    editor.set_model(TextModel("coarser", multiple=16).info)
    assert (editor.recipe.width, editor.recipe.height) == (0, 0)


def test_a_size_that_cannot_be_is_a_problem(editor):
    editor.set_model(TextModel("words").info)
    editor.edit("width", 30)
    assert editor.plan is None and "Take 24 or 32" in editor.problem


def test_noise_of_one_model_is_no_start_for_another():
    editor = RecipeEditor(Recipe())
    editor.set_model(FakeModel().info)
    editor.edit("start", InputRef(name="noise", sha256="a" * 64))
    editor.set_model(FakeModel().info)
    assert editor.recipe.start is not None
    editor.set_model(replace(FakeModel().info, path="other"))
    assert editor.recipe.start is None
