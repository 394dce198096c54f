"""Classes as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ui.classes import ClassTextError, format_classes, parse_classes

NAMES = ("monster", "wall", "tench, Tinca tinca", "7", "Any class", "Door")
name = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=6)
names = st.lists(name | st.sampled_from(NAMES), min_size=1, max_size=8).map(tuple)


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("Any class", "any"),
        ("any", "any"),
        (" random per seed ", "random"),
        ("monster", (0,)),
        ("MONSTER", (0,)),
        ("monster, wall", (0, 1)),
        ("wall,monster,wall", (1, 0, 1)),
        ("tench, Tinca tinca", (2,)),
        ("monster, tench,tinca  Tinca", None),
        ("tench, tinca tinca, wall", (2, 1)),
        ("7", (3,)),
        ("#3, 1", (3, 1)),
        ("5", (5,)),
    ],
)
def test_reads(text, classes):
    if classes is None:
        with pytest.raises(ClassTextError, match="no class “tench”"):
            parse_classes(text, NAMES)
    else:
        assert parse_classes(text, NAMES) == classes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "missing"),
        ("monster,", "missing"),
        ("dragon", "no class “dragon”"),
        ("#9", "classes 0 to 5"),
        ("-1", "no class “-1”"),
        ("٣", "no class"),
    ],
)
def test_refuses(text, said):
    with pytest.raises(ClassTextError, match=said):
        parse_classes(text, NAMES)


@given(names, st.data())
def test_text_reads_back_whatever_the_names_are(known, data):
    index = st.integers(0, len(known) - 1)
    classes = data.draw(
        st.sampled_from(["any", "random"]) | st.lists(index, min_size=1, max_size=5).map(tuple)
    )
    back = parse_classes(format_classes(classes, known), known)
    same = back == classes or [known[i] for i in back] == [known[i] for i in classes]
    assert same


def test_writes_names_where_they_read_back():
    assert format_classes((0, 2), NAMES) == "monster, tench, Tinca tinca"
    assert format_classes((4,), NAMES) == "#4"
    assert format_classes((9,), NAMES) == "#9"


def test_a_long_list_is_quick():
    known = tuple(f"class {i}" for i in range(1000))
    classes = tuple(i % 1000 for i in range(4096))
    assert parse_classes(format_classes(classes, known), known) == classes
