from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.ui.commands import COMMANDS, Bindings, acts_anywhere


@pytest.fixture
def place(qtbot):
    """A window with pictures and a field, and the deeds that were done in it."""
    window = QWidget()
    qtbot.addWidget(window)
    window.pictures, window.field, window.done = QWidget(window), QLineEdit(window), []
    window.pictures.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    deeds = {c.id: lambda id=c.id: window.done.append(id) for c in COMMANDS}
    window.bind = lambda own: Bindings(deeds, window, (window.pictures,), own)
    window.show()
    window.activateWindow()
    return window


def test_no_key_does_two_things():
    keys = Counter(key for command in COMMANDS for key in command.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_key_is_one_that_qt_understands():
    for command in COMMANDS:
        for key in command.keys:
            assert QKeySequence(key).toString(), key


@pytest.mark.parametrize("key", ["Ctrl+Return", "Esc", "F1", "Alt+P"])
def test_keys_that_act_anywhere(key):
    assert acts_anywhere(key)


@pytest.mark.parametrize("key", ["L", "?", "Space", "Left", "Del", "Shift+Left"])
def test_keys_that_would_disturb_typing(key):
    assert not acts_anywhere(key)


def test_single_keys_act_only_where_pictures_have_the_focus(place):
    bindings = place.bind({})
    place.field.setFocus()
    QTest.keyClick(place.field, Qt.Key.Key_D)
    QTest.keyClick(place.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert place.done == ["generate"] and place.field.text() == "d"
    place.pictures.setFocus()
    QTest.keyClick(place.pictures, Qt.Key.Key_D)
    assert place.done == ["generate", "dice"]
    assert bindings.keys("dice") == ("D",)


def test_the_persons_keys_replace_the_first_ones(place):
    bindings = place.bind({"dice": "Ctrl+D", "generate": "", "gone": "X"})
    place.field.setFocus()
    QTest.keyClick(place.field, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(place.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert place.done == ["dice"]
    assert bindings.rebind("stop", "Ctrl+D").startswith("Ctrl+D already means “Roll a new seed”")
    assert bindings.keys("stop") == ("Esc",)


def test_every_command_is_in_the_table(place):
    table = place.bind({}).table()
    assert [id for id, _, _ in table] == [command.id for command in COMMANDS]
    assert ("redo", "Ctrl+Shift+Z / Ctrl+Y", "Redo") in table
