import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.models.text.emphasis import STEP, parse


def told(prompt):
    """Return what a prompt without BREAK says, as pairs of text and weight."""
    (group,) = parse(prompt)
    return [(piece.text, pytest.approx(piece.weight)) for piece in group]


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("", []),
        ("a red cat", [("a red cat", 1)]),
        ("a (red) cat", [("a ", 1), ("red", STEP), (" cat", 1)]),
        ("((red))", [("red", STEP**2)]),
        ("[red]", [("red", 1 / STEP)]),
        ("[[red]] (blue)", [("red", STEP**-2), (" ", 1), ("blue", STEP)]),
        ("(red:1.3)", [("red", 1.3)]),
        ("(red : .5 )", [("red ", 0.5)]),
        ("(a (red:2) cat:1.5)", [("a ", 1.5), ("red", 3), (" cat", 1.5)]),
        ("([red])", [("red", 1)]),
        ("(red:-1)", [("red", -1)]),
        ("(red:1.3", [("red:1.3", STEP)]),
        ("(red", [("red", STEP)]),
        ("red)", [("red)", 1)]),
        ("[red)", [("red)", 1 / STEP)]),
        (r"\(red\) \[x\] \\", [(r"(red) [x] " + "\\", 1)]),
        ("time: 10:30", [("time: 10:30", 1)]),
        ("[red:1.3]", [("red:1.3", 1 / STEP)]),
        ("(red:1e9)", [("red:1e9", STEP)]),
        ("(red:999999)", [("red", 100)]),
        ("BREAKFAST on a BEACH", [("BREAKFAST on a BEACH", 1)]),
        ("a\nb", [("a\nb", 1)]),
    ],
)
def test_brackets_weigh_words(prompt, wanted):
    assert told(prompt) == wanted


def test_break_parts_a_prompt_within_brackets_too():
    groups = parse("a cat BREAK (red BREAK blue:2)")
    assert [[(p.text, p.weight) for p in group] for group in groups] == [
        [("a cat", 1)],
        [("red", 2)],
        [("blue", 2)],
    ]
    assert parse("BREAK") == ((), ())


@given(st.text(alphabet="ab (:1.5)[]\\BREAK\n", max_size=60))
def test_nothing_is_lost_but_signs(prompt):
    kept = "".join(piece.text for group in parse(prompt) for piece in group)
    assert [x for x in prompt if x in "ab"] == [x for x in kept if x in "ab"]


def test_a_thousand_brackets_are_read_at_once():
    (group,) = parse("(" * 1000 + "red" + ")" * 1000)
    assert group[-1].weight <= 100
