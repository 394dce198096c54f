"""Words of a prompt get the weights that people write."""

import pytest

from studio.ui.prompt.weighting import STEP, Weighted, weighted

MORE, LESS = STEP, -STEP


@pytest.mark.parametrize(
    ("text", "chosen", "change", "after", "then"),
    [
        ("a red fox", "red", MORE, "a (red:1.1) fox", "red"),
        ("a red fox", "red", LESS, "a (red:0.9) fox", "red"),
        ("a (red:1.1) fox", "red", MORE, "a (red:1.2) fox", "red"),
        ("a (red:1.1) fox", "red", LESS, "a red fox", "red"),
        ("a (red:1.1) fox", "(red:1.1)", LESS, "a red fox", "red"),
        ("a (red hat :1.95) fox", "hat", MORE, "a (red hat :2.05) fox", "red hat "),
        ("a red fox, fog", " red fox,", MORE, "a (red fox:1.1), fog", "red fox"),
        ("(fog:0.05)", "fog", LESS, "(fog:0)", "fog"),
        ("(fog:9.9)", "fog", MORE, "(fog:9.9)", "fog"),
        ("(a:1.2) b (c:1.3)", "b", MORE, "(a:1.2) (b:1.1) (c:1.3)", "b"),
    ],
)
def test_what_is_chosen_weighs_more_or_less(text, chosen, change, after, then):
    start = text.index(chosen)
    found = weighted(Weighted(text, start, start + len(chosen)), change)
    assert found.text == after
    assert found.text[found.start : found.end] == then


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a red f|ox", "a red (fox:1.1)"),
        ("a |red fox", "a (red:1.1) fox"),
        ("a red|, fox", "a (red:1.1), fox"),
        ("a red fox|", "a red (fox:1.1)"),
        ("(big fox:1.4) |hill", "(big fox:1.4) (hill:1.1)"),
        ("(big f|ox:1.4)", "(big fox:1.5)"),
        ("a red  |", "a (red:1.1)  "),
        (",| ,", ", ,"),
        ("|", ""),
    ],
)
def test_without_a_choice_it_is_the_word_at_the_cursor(text, after):
    at = text.index("|")
    assert weighted(Weighted(text.replace("|", ""), at, at), MORE).text == after


def test_up_and_down_lead_back():
    place = Weighted("a red fox", 2, 5)
    for change in (MORE,) * 4 + (LESS,) * 8 + (MORE,) * 4:
        place = weighted(place, change)
    assert place == Weighted("a red fox", 2, 5)
