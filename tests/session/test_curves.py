"""What a curve that is drawn makes of a recipe."""

import math

import pytest

from studio.diffusion import SAMPLERS
from studio.diffusion.curve import curve
from studio.diffusion.shapes import SHAPES
from studio.library import Recipe
from studio.session.curves import drawables, redrawn, shaped, undrawn
from tests.fakes import FakeModel

INFO = FakeModel().info
BASE = Recipe(guidance=3.0, guidance_low=0.2, knobs={"s_churn": 20.0, "s_tmax": 50.0})


def one(recipe, field):
    return next(each for each in drawables(recipe, INFO) if each.field == field)


def after(recipe, changes):
    for field, value in changes.items():
        recipe = recipe.changed(field, value)
    return recipe


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_knob_that_is_a_curve_can_be_drawn(sampler):
    fields = [each.field for each in drawables(Recipe(sampler=sampler), INFO)]
    own = [f"knobs.{knob.id}" for knob in SAMPLERS[sampler].knobs if knob.curve]
    assert fields == ["guidance_curve", *own]
    texts = [k for k in SAMPLERS[sampler].knobs if k.parse is not None and k.kind == "text"]
    assert len(own) == len(texts)


def test_guidance_is_there_only_for_models_with_classes():
    assert not drawables(Recipe(sampler="unipc"), FakeModel(classes=()).info)


def test_what_holds_is_shown_where_nothing_was_drawn():
    guidance, churn = one(BASE, "guidance_curve"), one(BASE, "knobs.churn_curve")
    assert [guidance.curve(sigma) for sigma in (80.0, 0.21, 0.2)] == [3.0, 3.0, 1.0]
    assert [churn.curve(sigma) for sigma in (60.0, 50.0, 0.01)] == [0.0, 20.0, 20.0]
    assert not guidance.own and not churn.own


@pytest.mark.parametrize("field", ["guidance_curve", "knobs.churn_curve"])
def test_a_curve_is_drawn_and_undrawn(field):
    drawn = after(BASE, redrawn(one(BASE, field), "80: 0, 1: 5"))
    assert one(drawn, field).own and one(drawn, field).curve(1.0) == 5.0
    assert after(drawn, undrawn(one(drawn, field))) == BASE


def test_a_constant_goes_to_the_knobs():
    recipe = after(BASE, redrawn(one(BASE, "guidance_curve"), "2.5"))
    assert (recipe.guidance, recipe.guidance_low, recipe.guidance_high) == (2.5, 0.0, math.inf)
    recipe = after(recipe, redrawn(one(recipe, "knobs.churn_curve"), "7"))
    assert recipe.knobs == {"s_churn": 7.0, "s_tmin": 0.0, "s_tmax": math.inf}
    assert recipe.guidance_curve == ""
    beta = Recipe(sampler="pc")
    assert after(beta, redrawn(one(beta, "knobs.langevin"), "0.5")).knobs == {"langevin": "0.5"}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("field", ["guidance_curve", "knobs.churn_curve"])
def test_shapes_keep_the_mean_and_can_be_drawn_again(shape, field):
    drawable = one(BASE.model_copy(update={"guidance_low": 0.0}), field)
    text = shaped(drawable, shape, 80.0, 0.002)
    drawn = curve(text)
    assert shaped(drawable, shape, 80.0, 0.002) == text
    grid = [80.0 * (0.002 / 80) ** ((i + 0.5) / 400) for i in range(400)]
    mean = sum(drawn(sigma) for sigma in grid) / 400
    if shape in ("constant", "linear", "cosine", "peak", "falling"):
        assert mean == pytest.approx(drawable.strength, rel=1e-3)
    assert min(drawn.values) >= drawable.neutral
    assert max(drawn.values) <= 2 * drawable.strength - drawable.neutral


def test_an_interval_has_the_ends_of_the_knobs():
    text = shaped(one(BASE, "guidance_curve"), "interval", 80.0, 0.002)
    assert [curve(text)(sigma) for sigma in (80.0, 0.21, 0.2)] == [3.0, 3.0, 1.0]
