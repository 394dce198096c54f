"""Numbers are read as people type them and written so that they read back exactly."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.ui.number_text import NumberTextError, exact_text, parse_number, short_text

floats = st.floats(allow_nan=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5),
        ("0,5", 0.5),
        (".5", 0.5),
        (",5", 0.5),
        ("5.", 5.0),
        ("1e-3", 1e-3),
        ("1E-3", 1e-3),
        ("2,5e3", 2500.0),
        (" 80 ", 80.0),
        ("+7", 7.0),
        ("-7", -7.0),
        ("−7", -7.0),
        ("1 000", 1000.0),
        ("1 000,5", 1000.5),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1,234,567", 1234567.0),
        ("1.234.567", 1234567.0),
        ("∞", math.inf),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
    ],
)
def test_reads_what_people_type(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text",
    ["", " ", "abc", "1.2.3", "1,2,3", "1e", "e3", ".", "-", "nan", "0x10", "2 x", "9e999"],
)
def test_refuses_what_is_no_number(text):
    with pytest.raises(NumberTextError) as caught:
        parse_number(text)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("text", ["1,000", "1.000"])
def test_a_grouped_whole_number_is_not_one(text):
    assert parse_number(text, whole=True) == 1000
    assert parse_number(text) == 1


@given(floats)
def test_exact_text_reads_back_bit_for_bit(value):
    back = parse_number(exact_text(value))
    assert back == value
    assert struct.pack("d", back + 0.0) == struct.pack("d", value + 0.0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.002, "0.002"),
        (80.0, "80"),
        (1.003, "1.003"),
        (0.0, "0"),
        (1e-5, "1e-5"),
        (1e6, "1000000"),
        (1e9, "1e9"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.33333"),
        (14.614641, "14.615"),
        (-1 / 3, "-0.3333"),
        (math.inf, "∞"),
        (123456.789, "123460"),
    ],
)
def test_short_text(value, text):
    assert short_text(value) == text


@given(floats, st.integers(5, 9))
def test_short_text_is_near_and_fits(value, columns):
    text = short_text(value, columns)
    if value == 0 or abs(value) > 1e300:
        return
    assert parse_number(text) == pytest.approx(value, rel=0.051)
    if 1e-2 <= abs(value) < 1e4:
        assert len(text.lstrip("-")) <= columns
