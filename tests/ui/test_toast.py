"""Messages pass or stay, and can be copied."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from studio.engine.fault import Fault
from studio.ui import toast as module
from studio.ui.icon_button import IconButton
from studio.ui.toast import Toasts

FAULT = Fault(
    "Sampling 4,096 images ran out of memory.",
    "Lower the number of images or the size, close other programs that use the device, or choose "
    "another device in the settings.",
    "Traceback:\n  torch.OutOfMemoryError",
)


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    return made


def shown(window):
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return window.findChildren(QWidget, "toast")


def button(toast, text):
    return next(b for b in toast.findChildren(QPushButton) if b.text() == text)


def test_a_note_passes_by_itself(window, qtbot, monkeypatch):
    monkeypatch.setattr(module, "INFO_MS", 50)
    toasts = Toasts(window)
    toasts.show_note("Recipe restored.")
    assert len(shown(window)) == 1
    qtbot.waitUntil(lambda: not shown(window), timeout=2000)


def test_a_note_stays_under_the_pointer(window):
    toast = Toasts(window).show_note("Recipe restored.")
    QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))
    assert toast.timer.isActive()
    toast.timer.stop()
    QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))
    assert toast.timer.isActive()


def test_an_error_stays_until_it_is_closed(window):
    toast = Toasts(window).show_fault(FAULT)
    assert not toast.timer.isActive()
    QTest.mouseClick(toast.findChild(IconButton), Qt.MouseButton.LeftButton)
    assert shown(window) == []


def test_copy_takes_message_and_details(window):
    toast = Toasts(window).show_fault(FAULT)
    button(toast, "Copy").click()
    copied = QGuiApplication.clipboard().text()
    assert copied == f"{FAULT.title} {FAULT.advice}\n\n{FAULT.details}"


def test_details_are_asked_for(window, qtbot):
    toasts = Toasts(window)
    toast = toasts.show_fault(FAULT)
    with qtbot.waitSignal(toasts.details_wanted) as wanted:
        button(toast, "Details…").click()
    assert wanted.args == [FAULT]


def test_an_error_takes_the_place_of_the_one_before(window, qtbot):
    toasts = Toasts(window)
    for number in range(4):
        toasts.show_fault(Fault(f"Broken {number}.", "", "story"))
    (last,) = shown(window)
    assert last.title == "Broken 3."
    with qtbot.waitSignal(toasts.log_wanted):
        button(last, "3 more in the log").click()
    last.close()
    fresh = toasts.show_fault(FAULT)
    assert not any("more" in b.text() for b in fresh.findChildren(QPushButton) if b.isVisible())


def test_no_details_no_button(window):
    toast = Toasts(window).show_fault(Fault("Broken.", "Mend it."))
    assert [b.text() for b in toast.findChildren(QPushButton) if b.isVisible()] == ["Copy"]


@pytest.mark.parametrize("width", [360, 900, 1800])
def test_messages_stand_at_the_bottom_centre_with_all_their_words(window, width):
    toasts = Toasts(window)
    window.resize(width, 600)
    note, fault = toasts.show_note("Recipe restored from “cat.png”."), toasts.show_fault(FAULT)
    QApplication.processEvents()
    for toast in (note, fault):
        assert abs(toast.geometry().center().x() - width / 2) <= 1
        assert toast.geometry().left() >= 0
        for label in toast.findChildren(QLabel):
            if label.text():
                assert label.height() >= label.heightForWidth(label.width())
                assert toast.rect().contains(label.geometry())
    assert note.geometry().bottom() < fault.geometry().top()
    assert fault.geometry().bottom() < 600 - 30


def test_a_wider_window_needs_less_height(window):
    toast = Toasts(window).show_fault(FAULT)
    wide = toast.height()
    window.resize(360, 600)
    QApplication.processEvents()
    assert toast.height() > wide
    window.resize(900, 600)
    QApplication.processEvents()
    assert toast.height() == wide


def test_an_action_is_done_and_the_message_goes(window):
    done = []
    toasts = Toasts(window)
    toast = toasts.show_note("The take “Heun · Karras · 18, seed 5” is now in the trash of takes.")
    toast.add_action("Put it back", lambda: done.append(True))
    QApplication.processEvents()
    for label in toast.findChildren(QLabel):
        if label.text():
            assert label.height() == label.heightForWidth(label.width())
    button(toast, "Put it back").click()
    assert done == [True] and shown(window) == []


def test_they_follow_the_window(window):
    toast = Toasts(window).show_note("Hello.")
    window.resize(700, 300)
    QApplication.processEvents()
    assert abs(toast.geometry().center().x() - 350) <= 1
    assert toast.geometry().bottom() < 300


def test_the_same_message_is_not_stacked_and_old_ones_give_way(window):
    toasts = Toasts(window)
    for _ in range(3):
        toasts.show_fault(FAULT)
    assert len(shown(window)) == 1
    for number in range(5):
        toasts.show_note(f"Message {number}")
    texts = [toast.title for toast in shown(window)]
    assert texts == ["Message 2", "Message 3", "Message 4"]


def test_text_is_shown_as_it_is(window):
    toast = Toasts(window).show_note("<b>5 < 6</b>")
    assert any(label.text() == "<b>5 < 6</b>" for label in toast.findChildren(QLabel))
    assert all(
        label.textFormat() == Qt.TextFormat.PlainText
        for label in toast.findChildren(QLabel)
        if label.text()
    )


def test_it_tells_assistive_technology(window):
    toast = Toasts(window).show_fault(FAULT)
    assert toast.accessibleName() == "Error"
    assert toast.accessibleDescription() == f"{FAULT.title} {FAULT.advice}"
    for one in toast.findChildren(QPushButton):
        assert one.toolTip() and (one.text() or not one.isVisible())
