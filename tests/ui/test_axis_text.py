import pytest

from studio.diffusion import SAMPLERS, SCHEDULES
from studio.library.sweeps import FIELDS, field_named, swept_knobs
from studio.ui.axis_offers import first_values, offered
from studio.ui.axis_text import axis_text, parse_axis

CHURN = field_named("s_churn", ["heun"], ["karras"])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0, 10, 20", (0, 10, 20)),
        ("0,10,20", (0, 10, 20)),
        ("0 10 20", (0, 10, 20)),
        ("0,5; 1,5", (0.5, 1.5)),
        ("0,5 1,5", (0.5, 1.5)),
        ("0.5,1.5", (0.5, 1.5)),
        ("0:80:9", (0, 10, 20, 30, 40, 50, 60, 70, 80)),
        ("0:1:3, 5", (0, 0.5, 1, 5)),
        ("0,5:1,5:3;", (0.5, 1, 1.5)),
        ("80:0:3", (80, 40, 0)),
        ("1:100:3:log", (1, 10, 100)),
        ("5; 5,0", (5,)),
        ("7", (7,)),
    ],
)
def test_lists_and_ranges_of_numbers(text, values):
    assert parse_axis(CHURN, text).values == values


def test_whole_numbers_are_rounded_in_ranges_and_told_once():
    assert parse_axis(FIELDS["steps"], "4:64:5:log").values == (4, 8, 16, 32, 64)
    assert parse_axis(FIELDS["steps"], "1:3:9").values == (1, 2, 3)
    assert parse_axis(FIELDS["guidance_high"], "1; ∞").values == (1.0, float("inf"))


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("steps", "", "no values"),
        ("steps", "a", "not a number"),
        ("steps", "3.5", "whole numbers"),
        ("steps", "1:5", "no range"),
        ("steps", "1:5:1", "between 2"),
        ("steps", "1:5:3:exp", "no range"),
        ("steps", "0:300:300", "between 2"),
        ("sigma_max", "0:5:3:log", "above 0"),
        ("sampler", "huen", "Did you mean 'heun'"),
        ("class", "unicorn", "no class"),
    ],
)
def test_what_is_wrong_is_said(field, text, said):
    with pytest.raises(ValueError, match=said):
        parse_axis(FIELDS[field], text, ("a", "b"))


def test_a_value_out_of_bounds_is_refused_by_its_knob():
    with pytest.raises(ValueError, match="s_churn"):
        parse_axis(CHURN, "-3")


def test_names_of_samplers_and_classes():
    axis = parse_axis(FIELDS["sampler"], "Heun, DPM++ 2M; euler_ancestral")
    assert axis.values == ("heun", "dpmpp_2m", "euler_ancestral")
    assert [axis.value_label(i) for i in range(3)] == ["Heun", "DPM++ 2M", "Euler a"]
    axis = parse_axis(FIELDS["class"], "any, b, #0", ("a", "b"))
    assert axis.values == ("any", 1, 0) and axis.names == ("any", "b", "a")


def test_an_unknown_field_names_those_there_are():
    with pytest.raises(ValueError, match=r"“nonsense”.* s_churn"):
        field_named("nonsense", ["heun"], ["karras"])
    assert field_named("s-churn", ["heun"], []).id == "knobs.s_churn"
    with pytest.raises(ValueError, match="s_churn"):
        field_named("s_churn", ["dpmpp_2m"], ["karras"])


EVERY = {**FIELDS, **swept_knobs(SAMPLERS, SCHEDULES)}


@pytest.mark.parametrize("id", sorted(EVERY))
def test_every_field_begins_with_values_that_read_back(id):
    field, classes, models = EVERY[id], ("a, b", "c"), (("/one.npz", "One"), ("/two.npz", "Two"))
    axis = parse_axis(field, first_values(field, classes, models), classes)
    assert parse_axis(field, axis_text(axis), classes).values == axis.values
    for text, _ in offered(field, classes, models):
        assert len(parse_axis(field, text, classes).values) == 1
