"""Recipes come back from JSON exactly, and nothing malformed becomes one."""

import contextlib
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.library import ModelRef, Precision, Recipe, RecipeError, Segment
from studio.library.way import YOUNGER_FIELDS

names = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
prompts = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t"), max_size=20
)
real = st.floats(allow_nan=False)
# Printable, because a knob is shown in a panel; “Infinity” is how JSON says inf.
words = st.text(st.characters(categories=("L", "N", "P")), max_size=8)
knobs = st.dictionaries(
    names,
    st.booleans()
    | st.integers(-(2**63), 2**63)
    | real
    | words.filter(lambda w: w not in ("Infinity", "-Infinity")),
    max_size=4,
)
levels = st.floats(min_value=0, allow_infinity=False)
seeds = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=5).map(tuple)

recipes = st.builds(
    Recipe,
    task=names,
    model=st.builds(ModelRef, path=texts, name=texts, sha256=st.sampled_from(["", "a0" * 32])),
    sampler=names,
    knobs=knobs,
    schedule=names,
    steps=st.integers(1, 10_000),
    sigma_min=st.none() | levels,
    sigma_max=st.none() | levels,
    schedule_knobs=knobs,
    sigmas=st.lists(levels, max_size=6).map(tuple),
    seeds=seeds,
    classes=st.sampled_from(["any", "random"]) | st.lists(st.integers(0, 999)).map(tuple),
    labels=st.lists(st.integers(-1, 999), max_size=4).map(tuple),
    guidance=st.floats(allow_nan=False, allow_infinity=False),
    guidance_low=st.floats(min_value=0),
    guidance_high=st.floats(min_value=0),
    noise=st.sampled_from(["keyed", "brownian", "reference"]),
    precision=st.builds(Precision, device=texts),
    prompt=prompts,
    negative_prompt=prompts,
    width=st.integers(0, 16_384),
    height=st.integers(0, 16_384),
    guidance_rescale=st.floats(min_value=0.0, max_value=1.0).map(abs),
    threshold=st.floats(min_value=0.0, max_value=100.0).map(abs),
    guide=st.none() | st.builds(ModelRef, path=texts),
    classifier=st.none() | st.builds(ModelRef, path=texts),
    classifier_scale=st.floats(allow_nan=False, allow_infinity=False),
    segments=st.lists(
        st.builds(Segment, from_step=st.integers(0, 10_000), changes=knobs), max_size=2
    ).map(tuple),
)


def strict(text):
    """Parse JSON as a reader does that knows only the standard."""

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


@given(recipes)
@settings(deadline=None, max_examples=80)
def test_json_brings_back_every_bit(recipe):
    text = recipe.to_json()
    assert text.isascii()
    strict(text)
    # repr tells 1 from 1.0 and True, and -0.0 from 0.0; == does not.
    assert repr(Recipe.from_json(text)) == repr(recipe)
    assert repr(Recipe.from_json(json.dumps(recipe.model_dump(mode="json")))) == repr(recipe)


def test_what_is_young_is_written_only_where_it_says_something():
    data = strict(Recipe().to_json())
    assert not set(YOUNGER_FIELDS) & set(data)
    told = Recipe(prompt="a cat", width=64, guide=ModelRef(path="weak"))
    assert set(YOUNGER_FIELDS) & set(strict(told.to_json())) == {"prompt", "width", "guide"}
    assert told.settled().model_dump() == told.model_dump()


def test_a_branch_may_take_a_prompt_away():
    base = Recipe(prompt="a cat", guide=ModelRef(path="weak"))
    recipe = base.branched(3, base.model_copy(update={"prompt": "", "guide": None}))
    back = Recipe.from_json(recipe.to_json())
    assert back == recipe
    assert (back.settled().prompt, back.settled().guide) == ("", None)


@pytest.mark.parametrize("text", ["nul\0", "half \ud83d", "bell\7", "x" * 16_385])
def test_a_prompt_is_a_text_that_every_file_can_hold(text):
    with pytest.raises(RecipeError, match="prompt"):
        Recipe.from_json(json.dumps({"prompt": text}))


def test_a_branch_keeps_the_size():
    base = Recipe(width=768)
    with pytest.raises(RecipeError, match=r"768×own.*own size.*same size"):
        base.branched(3, Recipe())


def test_every_model_that_is_named_is_moved():
    base = Recipe(model=ModelRef(path="a"), guide=ModelRef(path="b"))
    recipe = base.branched(2, base.model_copy(update={"classifier": ModelRef(path="c")}))
    moved = recipe.with_models(lambda model: model.model_copy(update={"path": f"/{model.path}"}))
    (segment,) = moved.segments
    assert (moved.model.path, moved.guide.path, moved.classifier) == ("/a", "/b", None)
    assert segment.changes == {"classifier": ModelRef(path="/c")}


def test_infinity_is_a_word_in_json(recipe):
    data = strict(recipe.to_json())
    assert data["guidance_high"] == "Infinity"
    assert data["knobs"]["s_tmax"] == "Infinity"
    assert Recipe.from_json(recipe.to_json()).knobs["s_tmax"] == math.inf


def test_the_defaults_are_those_of_the_paper():
    recipe = Recipe.from_json("{}")
    assert recipe == Recipe()
    assert (recipe.sampler, recipe.schedule, recipe.steps) == ("heun", "karras", 18)
    assert recipe.summary() == "Heun · Karras · 18"


def test_the_summary_counts_the_steps_that_were_taken(recipe):
    assert recipe.changed("steps", 40).summary() == "Heun · Karras · 3"


def test_fields_of_the_future_are_left_out_and_a_newer_version_is_refused():
    assert Recipe.from_json('{"mood": "a cat", "model": {"colour": 1}}') == Recipe()
    with pytest.raises(RecipeError, match=r"newer Elucidate.*version 2.*update"):
        Recipe.from_json('{"version": 2, "steps": "the future has words"}')


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"steps": 0}, "steps must be greater than or equal to 1, not 0"),
        ({"steps": 10_001}, "steps"),
        ({"steps": "18"}, "steps must be a valid integer, not '18'"),
        ({"steps": True}, "steps"),
        ({"steps": 18.0}, "steps"),
        ({"version": 0}, "version"),
        ({"sampler": "__import__('os')"}, "sampler must be made of letters"),
        ({"sampler": ""}, "sampler"),
        ({"sampler": ["heun"]}, "sampler"),
        ({"seeds": []}, "seeds"),
        ({"seeds": [1, -1]}, "seeds, item 2"),
        ({"seeds": [2**64]}, "seeds, item 1"),
        ({"seeds": [1.5]}, "seeds, item 1"),
        ({"seeds": 5}, "seeds"),
        ({"sigmas": [-1.0]}, "sigmas, item 1"),
        ({"sigma_min": "Infinity"}, "sigma min"),
        ({"guidance": "Infinity"}, "guidance"),
        ({"guidance_low": -0.1}, "guidance low"),
        ({"guidance_high": "NaN"}, "guidance high"),
        ({"classes": "all"}, "classes must be “any”, “random” or a list"),
        ({"classes": [-1]}, "classes"),
        ({"classes": [True]}, "classes"),
        ({"labels": [-2]}, "labels"),
        ({"knobs": {"s_churn": None}}, "knobs, s churn must be a number"),
        ({"knobs": {"s_churn": [1]}}, "knobs, s churn"),
        ({"knobs": {"s_churn": 10**30}}, "knobs, s churn"),
        ({"knobs": {"s churn": 1}}, "knobs"),
        ({"knobs": [1]}, "knobs"),
        ({"noise": "white"}, "noise"),
        ({"model": {"sha256": "../../etc"}}, "model, sha256"),
        ({"model": {"path": "x" * 5000}}, "model, path"),
        ({"model": {"path": "\ud800"}}, "model, path"),
        ({"segments": [{"changes": {}}]}, "segments, item 1, from step"),
        ([], ""),
        ("x", ""),
        (None, ""),
    ],
)
def test_what_is_wrong_is_named(data, said):
    with pytest.raises(RecipeError) as caught:
        Recipe.from_json(json.dumps(data))
    assert said in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ('{"guidance": NaN}', "NaN is not allowed"),
        ('{"guidance_high": Infinity}', "Infinity is not allowed"),
        ('{"steps": ' + "9" * 5000 + "}", "not valid JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"model": {}}' + " " * 4_000_000, "longer than 4,000,000 characters"),
        ("[" + "[]," * 400_000 + "[]]", "too many entries"),
        (b"\xff\xfe{}", "not UTF-8"),
    ],
)
def test_what_is_no_json_is_refused(text, said):
    with pytest.raises(RecipeError, match="recipe cannot be read") as caught:
        Recipe.from_json(text)
    assert said in str(caught.value)


def test_strangers_cannot_make_it_large():
    for data in (
        {"seeds": [0] * 65_537},
        {"sigmas": [0.0] * 10_002},
        {"labels": [0] * 65_537},
        {"classes": [0] * 65_537},
        {"knobs": {f"k{i}": 0 for i in range(1_001)}},
        {"knobs": {"k": "x" * 5_000}},
        {"segments": [{"from_step": 0}] * 1_001},
    ):
        with pytest.raises(RecipeError):
            Recipe.from_json(json.dumps(data))


def test_as_many_seeds_as_are_allowed_come_back():
    recipe = Recipe(seeds=tuple(range(2**64 - 65_536, 2**64)), labels=(2**31 - 1,) * 65_536)
    assert Recipe.from_json(recipe.to_json()) == recipe


def test_what_could_not_be_read_again_is_not_written():
    long = {f"k{i}": "x" * 4_000 for i in range(1_000)}
    with pytest.raises(RecipeError, match="too long"):
        Recipe(knobs=long, schedule_knobs=long).to_json()


@given(st.binary(max_size=200) | st.text(max_size=200))
@settings(deadline=None, max_examples=150)
def test_any_text_gives_a_recipe_or_a_recipe_error(text):
    with contextlib.suppress(RecipeError):
        assert isinstance(Recipe.from_json(text), Recipe)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(list(Recipe.model_fields)), json_values, max_size=3))
@settings(deadline=None, max_examples=100)
def test_any_fields_give_a_recipe_that_comes_back_or_a_recipe_error(data):
    try:
        recipe = Recipe.from_data(data)
    except RecipeError:
        return
    assert repr(Recipe.from_json(recipe.to_json())) == repr(recipe)


def test_a_change_makes_another_recipe(recipe):
    changed = recipe.changed("steps", 40)
    assert (changed.steps, recipe.steps) == (40, 3)
    assert changed.changed("steps", 3) == recipe


def test_changes_inside_a_mapping_and_a_part(recipe):
    changed = recipe.changed("knobs.s_churn", 40.0).changed("schedule_knobs.rho", 5)
    assert changed.knobs == {"s_churn": 40.0, "s_tmax": math.inf, "s_noise": 1.003}
    assert changed.schedule_knobs == {"rho": 5}
    assert recipe.knobs["s_churn"] == 20
    assert changed.changed("model.name", "Cats").model.path == recipe.model.path
    assert "s_churn" not in changed.changed("knobs.s_churn", None).knobs


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("step", 3, "no field “step”"),
        ("steps.low", 3, "no field"),
        ("model.colour", 3, "no field"),
        ("steps", 0, "steps must be"),
        ("steps", None, "steps"),
        ("knobs.s_churn", math.nan, "s churn"),
        ("knobs.s_churn", [1], "s churn"),
        ("seeds", (), "seeds"),
    ],
)
def test_changes_are_checked(recipe, field, value, said):
    with pytest.raises(RecipeError) as caught:
        recipe.changed(field, value)
    assert said in str(caught.value)


def test_recipes_do_not_change(recipe):
    with pytest.raises(ValueError, match="frozen"):
        recipe.steps = 4
