"""Number fields keep exact values, read any notation and explain what they refuse."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from studio.diffusion import Knob
from studio.ui.field import IntField, NumberField, field_for
from studio.ui.theme import DARK

ANY = Knob("sigma", "σ", 0.5, help="A level.")
CHURN = Knob("s_churn", "S_churn", 0.0, low=0.0, high=100.0, soft=(0, 100), help="Noise.")
BAND = Knob("s_tmax", "S_tmax", math.inf, low=0.0, soft=(0, 100), log=True)
STEPS = Knob("steps", "Steps", 18, low=1, high=10_000, soft=(1, 64))


@pytest.fixture
def place(qtbot):
    """Return a shown window with another thing to focus; fields are put into it."""
    window = QWidget()
    window.other = QLineEdit()
    QVBoxLayout(window).addWidget(window.other)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()

    def put(field):
        window.layout().addWidget(field)
        field.show()
        QApplication.processEvents()
        return field

    put.other = window.other
    return put


def type_into(qtbot, field, text, enter=True):
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    if enter:
        qtbot.keyClick(field, Qt.Key.Key_Return)


@pytest.mark.parametrize("text", ["0.5", "0,5", ".5", "5e-1", "5E-1", " 0.5 "])
def test_reads_any_notation_in_any_locale(qtbot, place, text):
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German))
    try:
        field = place(NumberField(CHURN))
        type_into(qtbot, field, text)
        assert field.value() == 0.5
        place.other.setFocus()
        assert field.text() == "0.5"
    finally:
        QLocale.setDefault(before)


def test_infinity_where_the_bounds_allow_it(qtbot, place):
    band, churn = place(NumberField(BAND)), place(NumberField(CHURN))
    assert band.text() == "∞"
    type_into(qtbot, band, "3")
    type_into(qtbot, band, "inf")
    assert band.value() == math.inf
    type_into(qtbot, churn, "inf")
    assert churn.value() == 0.0
    assert churn.property("error")


@settings(max_examples=60, deadline=None)
@given(st.floats(allow_nan=False).filter(lambda value: value == 0 or abs(value) > 1e-300))
def test_value_returns_exactly_what_was_set(value):
    field = test_value_returns_exactly_what_was_set.field
    field.setValue(value)
    assert field.value() == value
    field.interpretText()
    assert field.value() == value


@pytest.fixture(autouse=True)
def _one_field(qapp):
    test_value_returns_exactly_what_was_set.field = NumberField(ANY)


def test_looking_at_a_long_value_does_not_round_it(qtbot, place):
    field = place(NumberField(ANY))
    exact = 0.29637912345678
    field.setValue(exact)
    assert field.text() == "0.29638"
    with qtbot.assertNotEmitted(field.valueChanged):
        field.setFocus()
        assert field.text() == repr(exact)
        qtbot.keyClick(field, Qt.Key.Key_Return)
        place.other.setFocus()
    assert field.value() == exact
    assert field.text() == "0.29638"


def test_one_signal_for_one_typed_number(qtbot, place):
    field = place(NumberField(CHURN))
    seen = []
    field.valueChanged.connect(seen.append)
    type_into(qtbot, field, "12.5")
    place.other.setFocus()
    assert seen == [12.5]


def test_leaving_the_field_takes_the_number(qtbot, place):
    field = place(NumberField(CHURN))
    type_into(qtbot, field, "7", enter=False)
    place.other.setFocus()
    assert field.value() == 7.0


@pytest.mark.parametrize(
    ("text", "said"), [("abc", "not a number"), ("", "missing"), ("101", "between 0 and 100")]
)
def test_a_wrong_text_keeps_the_old_value_and_says_why(qtbot, place, text, said):
    field = place(NumberField(CHURN))
    field.setValue(20.0)
    problems = []
    field.problem_changed.connect(problems.append)
    field.setFocus()
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    place.other.setFocus()
    assert field.value() == 20.0
    assert field.lineEdit().text() == text
    assert field.property("error") is True
    assert said in field.toolTip() and said in problems[-1]
    type_into(qtbot, field, "30")
    assert field.value() == 30.0
    assert field.property("error") is False
    assert problems[-1] == "" and said not in field.toolTip()


def test_the_error_border_is_red(qtbot, place):
    field = place(NumberField(CHURN))
    type_into(qtbot, field, "x")
    place.other.setFocus()
    image = field.grab().toImage()
    assert image.pixelColor(0, image.height() // 2).name() == DARK.error


def test_escape_takes_back(qtbot, place):
    field = place(NumberField(CHURN))
    field.setValue(20.0)
    type_into(qtbot, field, "x", enter=False)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), field.problem) == ("20", "")
    type_into(qtbot, field, "33", enter=False)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    place.other.setFocus()
    assert field.value() == 20.0


def test_setting_a_value_replaces_a_wrong_text(qtbot, place):
    field = place(NumberField(CHURN))
    type_into(qtbot, field, "x")
    field.setValue(5.0)
    assert (field.value(), field.problem) == (5.0, "")
    place.other.setFocus()
    assert field.text() == "5"


def test_arrows_step(qtbot, place):
    linear, log = place(NumberField(CHURN)), place(NumberField(BAND))
    linear.setValue(20.0)
    linear.setFocus()
    qtbot.keyClick(linear, Qt.Key.Key_Up)
    assert linear.value() == 21.0
    qtbot.keyClick(linear, Qt.Key.Key_PageDown)
    assert linear.value() == 11.0
    log.setValue(0.05)
    log.setFocus()
    qtbot.keyClick(log, Qt.Key.Key_Up)
    assert log.value() == 0.051


def test_the_wheel_turns_only_what_has_the_focus(qtbot, place):
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent

    field = place(IntField(STEPS))

    def turn():
        middle = QPointF(10, 10)
        event = QWheelEvent(
            middle,
            field.mapToGlobal(middle),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(field, event)
        return event.isAccepted()

    place.other.setFocus()
    assert not turn()
    assert field.value() == 18
    field.setFocus()
    turn()
    assert field.value() == 19


def test_whole_numbers(qtbot, place):
    field = place(IntField(STEPS))
    type_into(qtbot, field, "1,000")
    assert field.value() == 1000
    type_into(qtbot, field, "40.0")
    assert field.value() == 40
    type_into(qtbot, field, "2.5")
    assert field.value() == 40
    assert "whole number" in field.problem


def test_fields_name_and_explain_themselves(qapp):
    for knob in (CHURN, BAND, STEPS):
        field = field_for(knob)
        assert field.objectName() == knob.id
        assert field.accessibleName() == knob.label
        assert field.toolTip()
    assert "From 0 to 100." in field_for(CHURN).toolTip()
    assert "0 or more." in field_for(BAND).toolTip()


def test_shown_values_fit_the_field(qapp):
    field = NumberField(ANY)
    metrics = field.fontMetrics()
    margins = field.lineEdit().textMargins()
    room = field.width() - margins.left() - margins.right() - 6
    for value in (0.002, 1.003, 123.456, 0.0123456, 99999.0, 1e-7, 12345678.0, 0.1 + 0.2):
        field.setValue(value)
        assert metrics.horizontalAdvance(field.text()) <= room, field.text()


@pytest.mark.parametrize(("typed", "undone"), [("", 1), ("7", 0)])
def test_undo_is_the_windows_unless_something_is_being_typed(place, qtbot, typed, undone):
    field = place(field_for(ANY))
    asked = []
    QShortcut(QKeySequence.StandardKey.Undo, field.window(), lambda: asked.append(1))
    field.setFocus()
    qtbot.keyClicks(field, typed)
    QTest.keySequence(field, QKeySequence("Ctrl+Z"))
    assert len(asked) == undone
