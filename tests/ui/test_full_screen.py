"""The canvas alone on the screen."""

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtWidgets import QMainWindow, QToolButton


@pytest.fixture
def full(qtbot, window):
    """Return the window with eight pictures on the full screen."""
    rng = np.random.default_rng(0)
    window.tab.canvas.set_pictures(rng.integers(0, 255, (8, 8, 8, 3), dtype=np.uint8))
    qtbot.keyClick(window.tab.canvas, Qt.Key.Key_F11)
    return window


def around(window):
    return [window.top_bar, window.status, *window.tab.around]


def bars(window):
    return window.tab.canvas.header, window.tab.timeline


def test_the_canvas_has_the_whole_screen(full):
    assert full.isFullScreen()
    assert not any(widget.isVisible() for widget in around(full))
    assert full.tab.canvas.size() == full.size()
    assert full.tab.canvas.picture_area() == full.tab.canvas.rect()
    assert full.tab.canvas.hasFocus()
    assert not any(bar.isVisible() for bar in bars(full))


def test_the_mouse_and_tab_bring_the_bars_and_the_pictures_stay(qtbot, full):
    canvas = full.tab.canvas
    where = canvas.picture_rect(3)
    qtbot.mouseMove(canvas, QPoint(300, 300))
    qtbot.mouseMove(canvas, QPoint(310, 310))
    assert all(bar.isVisible() for bar in bars(full))
    assert canvas.picture_rect(3) == where
    bottom = full.tab.timeline.geometry().bottom()
    assert full.tab.timeline.parentWidget() is canvas and bottom == canvas.rect().bottom()
    canvas.header.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)  # as after bars have moved
    full.full_screen._on_idle()
    assert not any(bar.isVisible() for bar in bars(full))
    qtbot.keyClick(canvas, Qt.Key.Key_Tab)
    assert all(bar.isVisible() for bar in bars(full))


def test_esc_leaves_and_everything_has_its_place_again(qtbot, window):
    canvas, timeline = window.tab.canvas, window.tab.timeline
    places = [widget.geometry() for widget in (canvas, timeline, *around(window))]
    qtbot.keyClick(canvas, Qt.Key.Key_F11)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    qtbot.waitUntil(lambda: [w.geometry() for w in (canvas, timeline, *around(window))] == places)
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_esc_does_not_stop_the_run_from_the_full_screen(qtbot, full, monkeypatch):
    stopped = []
    full.studio.sampling.stop = lambda: stopped.append(True)
    qtbot.keyClick(full.tab.canvas, Qt.Key.Key_Escape)
    assert not stopped
    qtbot.keyClick(full.tab.canvas, Qt.Key.Key_Escape)
    assert stopped


def test_the_button_and_another_tab_leave(qtbot, window):
    button = window.findChild(QToolButton, "full_screen")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.full_screen.active and button.accessibleName() == "leave full screen"
    window.top_bar.tabs.setCurrentIndex(1)
    assert not window.full_screen.active and window.top_bar.isVisible()


def test_closing_remembers_the_window_and_not_the_full_screen(full):
    full.close()
    again = QMainWindow()
    again.restoreGeometry(QByteArray.fromBase64(full.studio.settings.geometry.encode()))
    assert not again.isFullScreen()
