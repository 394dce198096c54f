"""The log and the errors, to be searched and copied."""

import logging

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from studio.engine.fault import Fault
from studio.session.journal import Journal
from studio.ui.error_dialog import ErrorDialog
from studio.ui.log_window import LogWindow
from studio.ui.theme import current

log = logging.getLogger("studio.test")
FAULT = Fault("The disk is full.", "Free some space.", "Traceback\n  OSError: 28")


@pytest.fixture
def opened(qtbot, tmp_path):
    """Return the log over three entries."""
    journal = Journal(tmp_path / "log")
    journal.start()
    for level, text in ((20, "Opened “Fake”"), (30, "Slow disk"), (40, "Broken\nTraceback\n  x")):
        log.log(level, text)
    window = LogWindow(journal)
    qtbot.addWidget(window)
    window.show()
    yield window
    journal.close()


def lines(window):
    return [line.split("  ", 1)[-1].strip() for line in window.text.toPlainText().split("\n")]


def test_it_shows_all_there_is_and_what_comes(qtbot, opened):
    assert lines(opened)[:2] == ["Info     Opened “Fake”", "Warning  Slow disk"]
    log.info("Later")
    qtbot.waitUntil(lambda: lines(opened)[-1] == "Info     Later")


@pytest.mark.parametrize(("row", "count"), [(0, 5), (1, 4), (2, 3)])
def test_levels(opened, row, count):
    opened.level.setCurrentIndex(row)
    assert len(lines(opened)) == count


def test_search_and_copy(qtbot, opened):
    qtbot.keyClick(opened, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert opened.search.hasFocus()
    qtbot.keyClicks(opened.search, "DISK slow")
    assert lines(opened) == ["Warning  Slow disk"]
    next(b for b in opened.findChildren(QPushButton) if b.text() == "Copy all").click()
    assert QGuiApplication.clipboard().text() == opened.text.toPlainText()
    opened.search.setText("nowhere")
    log.info("unlike")
    qtbot.wait(1)
    assert opened.text.toPlainText() == ""


def test_save(opened, tmp_path, monkeypatch):
    for path, said in ((tmp_path / "a.log", "Saved to"), (tmp_path / "no" / "a", "not be saved")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        opened.save()
        assert said in opened._note.text()
    assert "Slow disk" in (tmp_path / "a.log").read_text()


def test_errors_are_red_with_their_traceback(opened):
    document = opened.text.document()
    for number, color in ((1, current().noise), (2, current().error), (4, current().error)):
        spans = document.findBlockByNumber(number).layout().formats()
        assert any(span.format.foreground().color().name() == color for span in spans)


def test_the_window_has_them_by_key(qtbot, window):
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window.tab.canvas, Qt.Key.Key_E, both)
    assert "No error" in window.toasts._toasts[-1].title
    window.studio.failed.emit(FAULT)
    qtbot.keyClick(window.tab.canvas, Qt.Key.Key_E, both)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ErrorDialog)
    qtbot.keyClick(dialog, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("The disk is full. Free some space.") and "OSError: 28" in copied
    assert '"name": "Fake"' in copied and "torch" in copied
    dialog.close()
    qtbot.keyClick(window.tab.canvas, Qt.Key.Key_L, both)
    (log_window,) = window.findChildren(LogWindow)
    assert "The disk is full" in log_window.text.toPlainText()
    log_window.close()


def test_the_details_of_a_toast_open_the_error(qtbot, window):
    window.studio.failed.emit(FAULT)
    toast = window.toasts._toasts[-1]
    next(b for b in toast.findChildren(QPushButton) if b.text() == "Details…").click()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ErrorDialog) and dialog.text.isReadOnly()
    dialog.close()
