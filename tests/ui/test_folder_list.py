"""The list of watched folders in the settings."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from studio.ui.folder_list import FolderList


@pytest.fixture
def folders(qtbot):
    made = FolderList("watched", "Watched folders")
    qtbot.addWidget(made)
    made.show_folders(("/a", "/b"))
    return made


def test_folders_are_added_once_and_removed(folders, qtbot, monkeypatch):
    assert not folders.remove.isEnabled()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/c")
    with qtbot.waitSignal(folders.changed) as changed:
        folders.add.click()
    assert changed.args == [("/a", "/b", "/c")]
    with qtbot.assertNotEmitted(folders.changed):
        folders.add.click()
    folders.list.setCurrentRow(0)
    folders.remove.click()
    folders.list.setCurrentRow(0)
    with qtbot.waitSignal(folders.changed) as changed:
        QTest.keyClick(folders.list, Qt.Key.Key_Delete)
    assert changed.args == [("/c",)]


def test_a_cancelled_choice_changes_nothing(folders, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    with qtbot.assertNotEmitted(folders.changed):
        folders.add.click()
