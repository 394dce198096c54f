"""Runs whose recipes put LoRAs on the model."""

import numpy as np
import pytest
import torch

from studio.engine.fault import SamplingError
from studio.engine.job import Job
from studio.engine.run import Run
from studio.engine.shared import shared_steps
from studio.library import LoraRef, ModelRef, Recipe
from studio.models import file_digest, load_model
from tests.loras import write_lora, write_model


@pytest.fixture
def base(tmp_path):
    return write_model(tmp_path / "tiny.safetensors")


@pytest.fixture
def lora(tmp_path, base):
    return write_lora(tmp_path / "style.safetensors", base, classes=("b", "new"))


@pytest.fixture
def recipe(base):
    torch.set_num_threads(1)
    return Recipe(model=ModelRef(path=str(base)), steps=4, seeds=(3, 4), sampler="euler")


def ref(path, strength=1.0, **more):
    return LoraRef(path=str(path), name=path.stem, strength=strength, **more)


def run(recipe, base, model=None, wishes=()):
    """Sample a recipe; `wishes` are pairs of a step and what it is to go on with from there."""
    running = Run(Job(1, recipe), model or load_model(base, "cpu"))
    wishes, steps, more = dict(wishes), 0, True
    while more:
        if steps in wishes:
            running.change(wishes[steps])
        more = running.advance()
        steps += 1
    return running.finish()


def end(ending):
    return ending.trajectory[len(ending.trajectory) - 1].x


def test_a_frozen_recipe_names_what_was_on_with_its_hash(recipe, base, lora):
    off = ref(lora, 2.0, on=False)
    wish = recipe.model_copy(update={"loras": (off, ref(lora, 0.5)), "classes": (3, 1)})
    ending = run(wish, base)
    assert ending.recipe.loras == (ref(lora, 0.5, sha256=file_digest(lora)),)
    assert ending.recipe.labels == (3, 1)
    again = run(Recipe.from_json(ending.recipe.to_json()), base)
    assert np.array_equal(end(again), end(ending))
    plain = run(recipe.model_copy(update={"classes": (1,)}), base)
    assert not np.allclose(end(ending), end(plain), atol=1e-2)


def test_what_one_run_wears_is_nothing_to_the_next(recipe, base, lora):
    model = load_model(base, "cpu")
    worn = run(recipe.model_copy(update={"loras": (ref(lora),)}), base, model)
    assert np.array_equal(end(run(recipe, base, model)), end(run(recipe, base)))
    assert not np.array_equal(end(worn), end(run(recipe, base)))


def test_runs_that_take_turns_each_wear_their_own(recipe, base, lora):
    model = load_model(base, "cpu")
    worn = recipe.model_copy(update={"loras": (ref(lora),)})
    both = [Run(Job(i, each), model) for i, each in enumerate((worn, recipe))]
    for _ in range(4):
        for each in both:
            each.advance()
    for each, alone in zip(both, (worn, recipe), strict=True):
        assert np.array_equal(end(each.finish()), end(run(alone, base)))


def test_a_strength_can_be_turned_on_the_way_and_a_repeat_turns_it_too(recipe, base, lora):
    whole = recipe.model_copy(update={"loras": (ref(lora, 1.0),)})
    half = recipe.model_copy(update={"loras": (ref(lora, 0.5),)})
    ending = run(whole, base, wishes=[(2, half)])
    (segment,) = ending.recipe.segments
    assert (segment.from_step, segment.changes["loras"][0].strength) == (2, 0.5)
    again = run(Recipe.from_json(ending.recipe.to_json()), base)
    assert np.array_equal(end(again), end(ending))
    assert not np.array_equal(end(ending), end(run(whole, base)))


def test_a_branch_from_a_step_wears_what_its_part_says(recipe, base, lora):
    first = run(recipe, base)
    wish = recipe.model_copy(update={"loras": (ref(lora),)})
    branched = first.recipe.branched(2, wish)
    past = first.trajectory.upto(2)
    branch = Run(Job(2, branched, past), load_model(base, "cpu"))
    while branch.advance():
        pass
    assert np.array_equal(end(branch.finish()), end(run(branched, base)))


def test_what_cannot_be_worn_is_said(recipe, base, tmp_path):
    gone = ref(tmp_path / "gone.safetensors")
    with pytest.raises(SamplingError, match="There is no LoRA at"):
        run(recipe.model_copy(update={"loras": (gone,)}), base)
    refusals = []
    running = Run(Job(1, recipe), load_model(base, "cpu"), on_refusal=refusals.append)
    running.advance()
    running.change(recipe.model_copy(update={"loras": (gone,)}))
    while running.advance():
        pass
    assert "There is no LoRA at" in refusals[0]
    assert np.array_equal(end(running.finish()), end(run(recipe, base)))


def test_no_step_is_shared_with_other_loras_and_all_are_with_those_that_are_off(recipe, base, lora):
    before = run(recipe, base).recipe
    other = recipe.model_copy(update={"loras": (ref(lora),)})
    assert shared_steps(before, other, before.sigmas) == 0
    off = recipe.model_copy(update={"loras": (ref(lora, on=False),)})
    assert shared_steps(before, off, before.sigmas) == 4
