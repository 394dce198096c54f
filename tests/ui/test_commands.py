from collections import Counter

from PySide6.QtGui import QKeySequence

from studio.ui.commands import COMMANDS, shortcut_table


def test_no_key_does_two_things():
    keys = Counter(key for command in COMMANDS for key in command.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_key_is_one_that_qt_understands():
    for command in COMMANDS:
        for key in command.keys:
            assert not QKeySequence(key).isEmpty(), key


def test_single_keys_act_only_where_pictures_have_the_focus():
    for command in COMMANDS:
        single = [key for key in command.keys if len(key) == 1 or key in ("Space", "Del", "Left")]
        assert not (single and command.anywhere), command


def test_the_table_shows_every_bound_command_once():
    texts = [text for _, text in shortcut_table()]
    assert len(texts) == len(set(texts))
    assert "Generate" in texts
