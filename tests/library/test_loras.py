"""LoRAs in recipes: written, read, compared, named."""

import json

import pytest

from studio.library import LoraRef, Recipe, RecipeError
from studio.library.comparison import Comparison, Pick
from studio.library.export.script import script
from studio.library.lineage import changes_said
from studio.library.parameters import write_parameters
from studio.library.recipe import Segment
from studio.library.way import alike_in_loras

STYLE = LoraRef(path="/loras/style.safetensors", name="Style", sha256="ab" * 32, strength=0.8)
OFF = LoraRef(path="/loras/off.safetensors", name="Off", on=False)


def test_a_recipe_comes_back_with_its_loras_and_an_older_one_has_none():
    recipe = Recipe(loras=(STYLE, OFF))
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert recipe.worn == (STYLE,)
    older = json.loads(Recipe().to_json())
    del older["loras"]
    assert Recipe.from_json(json.dumps(older)).loras == ()


@pytest.mark.parametrize("wrong", [{"strength": 1e9}, {"strength": "1"}, {"sha256": "xyz"}])
def test_what_makes_no_sense_is_refused(wrong):
    data = json.loads(Recipe(loras=(STYLE,)).to_json())
    data["loras"][0] |= wrong
    with pytest.raises(RecipeError, match="loras"):
        Recipe.from_data(data)


def test_only_what_acts_tells_recipes_apart():
    one, other = Recipe(loras=(STYLE, OFF)), Recipe(loras=(STYLE,))
    assert alike_in_loras(one, other)
    moved = STYLE.model_copy(update={"path": "/elsewhere"})
    assert alike_in_loras(one, Recipe(loras=(moved,)))
    for change in ({"strength": 0.7}, {"sha256": "cd" * 32}, {"on": False}):
        assert not alike_in_loras(one, Recipe(loras=(STYLE.model_copy(update=change),)))
    assert one.branched(1, other.model_copy(update={"seeds": one.seeds})).segments == ()


def test_comparisons_and_fits_are_kept_apart_by_what_acts():
    def key(recipe):
        return Comparison(
            base=recipe,
            solvers=(Pick(id="euler"),),
            schedules=(Pick(id="karras"),),
            budgets=(4,),
        ).key("cpu")

    plain, off = Recipe(), Recipe(loras=(OFF,))
    assert key(plain) == key(off) != key(Recipe(loras=(STYLE,)))
    assert plain.weights_key == off.weights_key == plain.model.sha256
    weaker = STYLE.model_copy(update={"strength": 0.5})
    assert len({Recipe(loras=(each,)).weights_key for each in (STYLE, weaker)}) == 2


def test_they_are_named_in_words_in_parameters_and_in_scripts():
    weaker = STYLE.model_copy(update={"strength": 0.25})
    segments = (
        Segment(from_step=2, changes={"loras": (weaker,)}),
        Segment(from_step=3, changes={"loras": ()}),
    )
    recipe = Recipe(loras=(STYLE,), segments=segments)
    assert changes_said(recipe) == ("@ 2 · Style 0.25", "@ 3 · without Style")
    assert 'Lora hashes: "Style: abababababab"' in write_parameters(recipe, 0, 8, 8)
    frozen = Recipe(loras=(STYLE, OFF), sigmas=(1.0, 0.0), labels=(-1,), steps=1)
    assert f"model.wear([('/loras/style.safetensors', 0.8, '{'ab' * 32}')])" in script(frozen)


def test_files_that_moved_are_found_in_every_part():
    segments = (Segment(from_step=2, changes={"loras": (STYLE,)}),)
    recipe = Recipe(loras=(STYLE,), segments=segments)
    moved = recipe.with_loras(lambda lora: lora.model_copy(update={"path": "/new"}))
    assert moved.loras[0].path == "/new"
    assert moved.segments[0].changes["loras"][0].path == "/new"
