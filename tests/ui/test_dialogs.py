"""The list of keys and the settings."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QLineEdit, QPushButton

from studio.ui.settings_dialog import SettingsDialog
from studio.ui.shortcuts_dialog import ShortcutsDialog, key_names

VALUES = {
    "theme": "dark",
    "output_folder": "/home/me/Elucidate",
    "device": "cuda:0",
    "dtype": "auto",
    "keep_partial": True,
}
DEVICES = [("cpu", "CPU"), ("cuda:0", "cuda:0 · H200")]


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ("Ctrl+Return", [["Ctrl", "Enter"]]),
        ("Ctrl+Return / Ctrl+Enter", [["Ctrl", "Enter"]]),
        ("Ctrl+Shift+Z / Ctrl+Y", [["Ctrl", "Shift", "Z"], ["Ctrl", "Y"]]),
        ("Left", [["←"]]),
        ("?", [["?"]]),
        ("Ctrl+,", [["Ctrl", ","]]),
        ("[", [["["]]),
    ],
)
def test_key_names(keys, names):
    assert key_names(keys) == names


def test_every_shortcut_is_listed_whole(qtbot):
    table = [("", "Timeline"), ("Space", "Play the trajectory"), ("Ctrl+Shift+O", "Open a folder")]
    dialog = ShortcutsDialog(table)
    qtbot.addWidget(dialog)
    dialog.show()
    labels = [label for label in dialog.findChildren(QLabel) if label.isVisible()]
    texts = [label.text() for label in labels]
    for said in ("TIMELINE", "Play the trajectory", "Space", "Open a folder", "Shift", "O"):
        assert said in texts
    for label in labels:
        if not label.wordWrap():
            assert label.width() >= label.sizeHint().width(), label.text()
        right = label.mapTo(dialog, label.rect().topRight()).x()
        assert right < dialog.width(), label.text()


def test_escape_closes_the_list(qtbot):
    dialog = ShortcutsDialog([("F1", "Shortcuts")])
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


@pytest.fixture
def dialog(qtbot):
    made = SettingsDialog(VALUES, DEVICES)
    qtbot.addWidget(made)
    made.show()
    made.seen = []
    made.applied.connect(made.seen.append)
    return made


def test_it_shows_the_values_without_applying_any(dialog):
    assert dialog.findChild(QComboBox, "setting_theme").currentData() == "dark"
    assert dialog.findChild(QComboBox, "setting_device").currentText() == "cuda:0 · H200"
    assert dialog.findChild(QComboBox, "setting_dtype").currentData() == "auto"
    assert dialog.findChild(QLineEdit, "setting_output_folder").text() == "/home/me/Elucidate"
    assert dialog.seen == []


def test_each_change_is_applied_at_once(dialog):
    for name, value in (("theme", "light"), ("device", "cpu"), ("dtype", "float16")):
        box = dialog.findChild(QComboBox, f"setting_{name}")
        box.setCurrentIndex(box.findData(value))
    dialog.findChild(QPushButton)
    switch = dialog.findChild(object, "setting_keep_partial")
    switch.click()
    assert dialog.seen == [
        {"theme": "light"},
        {"device": "cpu"},
        {"dtype": "float16"},
        {"keep_partial": False},
    ]


def test_a_device_that_is_gone_is_still_shown(qtbot):
    made = SettingsDialog({**VALUES, "device": "cuda:3"}, DEVICES)
    qtbot.addWidget(made)
    assert made.findChild(QComboBox, "setting_device").currentText() == "cuda:3 (not found here)"


def test_the_folder_can_be_chosen(dialog, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    dialog.findChild(QPushButton, "browse_output_folder").click()
    assert dialog.seen == [{"output_folder": str(tmp_path)}]
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    dialog.findChild(QPushButton, "browse_output_folder").click()
    assert len(dialog.seen) == 1


@pytest.mark.parametrize("said", ["missing", "whole path", "is a file"])
def test_a_wrong_folder_is_refused_and_explained(dialog, qtbot, tmp_path, said):
    file = tmp_path / "file"
    file.touch()
    text = {"missing": " ", "whole path": "pictures", "is a file": str(file)}[said]
    edit = dialog.findChild(QLineEdit, "setting_output_folder")
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Tab)
    assert dialog.seen == []
    assert any(said in label.text() and label.isVisible() for label in dialog.findChildren(QLabel))
    edit.setText("/somewhere/else")
    edit.editingFinished.emit()
    assert dialog.seen == [{"output_folder": "/somewhere/else"}]


def test_every_control_is_named_and_explained(dialog):
    for name in VALUES:
        control = dialog.findChild(object, f"setting_{name}")
        assert control.accessibleName() and control.toolTip()
