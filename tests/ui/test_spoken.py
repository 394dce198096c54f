"""What Tab reaches, and what a screen reader is told."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QWidget

from studio.engine.fault import Fault
from studio.ui.focus_ring import FocusRing
from studio.ui.spoken import Speaking

SAID = QAccessible.Text


def told(widget, kind=SAID.Value):
    return QAccessible.queryAccessibleInterface(widget).text(kind)


def focusable(window):
    for widget in window.findChildren(QWidget):
        takes_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
        if takes_tab and widget.isVisible() and widget.isEnabled() and widget.window() is window:
            yield widget


def walk(qtbot, window):
    start = window.tab.canvas
    start.setFocus()
    seen = [start]
    while len(seen) < 200:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        if QApplication.focusWidget() in seen:
            break
        seen.append(QApplication.focusWidget())
    return seen


@pytest.fixture
def busy(qtbot, window):
    """Return a window in which everything has something to show."""
    with qtbot.waitSignal(window.studio.shelf.take_added):
        window.tab.generate()
    window.studio.queue.hold(True)
    for _ in range(3):
        window.studio.queue.add(window.studio.editor.whole)
    return window


def test_tab_reaches_everything_and_everything_has_a_name(qtbot, busy):
    seen = walk(qtbot, busy)
    assert busy.tab.timeline.header.play in seen
    unreached = [widget.objectName() or widget for widget in focusable(busy) if widget not in seen]
    assert unreached == []
    for widget in seen:
        name = widget.accessibleName() if isinstance(widget, QComboBox) else told(widget, SAID.Name)
        assert name, widget
        description = told(widget, SAID.Description)
        assert "<" not in description, (name, description)


def test_tab_reaches_the_buttons_of_messages(qtbot, window):
    window.studio.failed.emit(Fault("Broken.", "Mend it.", "story"))
    seen = walk(qtbot, window)
    assert {"Details…", "Copy"} <= {b.text() for b in seen if isinstance(b, QPushButton)}
    assert set(focusable(window)) <= set(seen)  # while there are no takes yet, too


def test_painted_widgets_say_their_values(qtbot, busy):
    tab, panel = busy.tab, busy.tab.panel
    busy.studio.editor.edit("steps", 25)
    assert told(panel.sampler.steps.slider) == "25"
    assert told(busy.findChild(QWidget, "timeline")) == "step 18 of 18"
    band = next(row for row in panel.noise.stack.row_list if row.ids == ("s_tmin", "s_tmax"))
    assert told(band.slider) == "0 to ∞"
    tab.canvas.follow(5)
    assert told(tab.canvas).startswith("picture 6 of 16, seed 5, estimate x0, step 18 / 18")
    assert told(busy.findChild(QWidget, "schedule_plot")).endswith("step 18 of 25")


def test_a_reader_can_set_a_value(qtbot, busy):
    slider = busy.tab.panel.sampler.steps.slider
    number = QAccessible.queryAccessibleInterface(slider).valueInterface()
    assert (number.currentValue(), number.minimumValue(), number.maximumValue()) == (18, 1, 64)
    number.setCurrentValue(30)
    assert busy.studio.editor.recipe.steps == 30
    timeline = busy.findChild(QWidget, "timeline")
    QAccessible.queryAccessibleInterface(timeline).valueInterface().setCurrentValue(4)
    assert busy.tab.viewer.index == 3


def test_every_speaking_widget_speaks_when_there_is_nothing_yet(window):
    speaking = [w for w in window.findChildren(QWidget) if isinstance(w, Speaking)]
    assert len(speaking) > 8
    assert all(told(widget) for widget in speaking)


def test_large_widgets_show_a_ring_for_the_keyboard_only(qtbot, window):
    canvas = window.tab.canvas
    ring = canvas.findChild(FocusRing)
    window.top_bar.tabs.setFocus()
    canvas.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not ring.isVisible()
    window.top_bar.tabs.setFocus()
    canvas.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring.isVisible() and ring.geometry() == canvas.rect()
    window.top_bar.tabs.setFocus()
    assert not ring.isVisible()


def test_dragging_a_job_reorders_the_queue(qtbot, busy):
    queue, jobs = busy.studio.queue, busy.tab.queue.list
    ids = [item.id for item in queue.items]
    root = jobs.rootIndex()
    assert jobs.model().moveRow(root, 0, root, 3)
    qtbot.waitUntil(lambda: [item.id for item in queue.items] == [ids[1], ids[2], ids[0]])
    assert jobs.model().moveRow(root, 2, root, 0)
    qtbot.waitUntil(lambda: [item.id for item in queue.items] == ids)
