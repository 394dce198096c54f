"""Reading a trajectory in the window: views, the line of controls, A/B, looks of the mouse."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeySequence, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from studio.session.reading.prints import Print
from studio.ui.peek import Peek
from studio.ui.take_deeds import TakeDeeds

NONE = Qt.MouseButton.NoButton


def generate(qtbot, window, **changes):
    for field, value in changes.items():
        window.studio.editor.edit(field, value)
    with qtbot.waitSignal(window.studio.shelf.take_added):
        window.tab.generate()
    qtbot.waitUntil(lambda: not window.studio.sampling.running)


@pytest.fixture
def two(qtbot, window):
    """The window with two takes, the second of which is shown."""
    window.studio.editor.edit("seeds", (3, 4, 5))
    generate(qtbot, window, sampler="heun")
    generate(qtbot, window, sampler="dpmpp_2m")
    return window


def act(window, text):
    next(a for a in window.actions() if a.text().startswith(text)).trigger()


def move_mouse(widget, point, buttons=NONE):
    at = QPointF(point)
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, at, NONE, buttons, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


def over(plot, step):
    box = plot.plot.getPlotItem().getViewBox()
    return plot.plot.mapFromScene(box.mapViewToScene(QPointF(step, 0)))


# Views


def test_the_difference_shows_its_scale_and_its_numbers(qtbot, two):
    tab, reading = two.tab, two.studio.reading
    tab.timeline.choose(9)
    act(two, "View: difference")
    bar = tab.reading.difference
    qtbot.waitUntil(lambda: "RMS" in bar.figures.text())
    gap = reading.frames.estimate(9) - reading.opposite.frames.estimate(9)
    rms = np.sqrt((gap[0] ** 2).mean())
    said = bar.figures.text()
    assert said.startswith(f"RMS {rms:.3g} ") and said.endswith("its step 10")
    assert "step 10 (the same σ)" in bar.figures.toolTip()
    assert bar.isVisible() and bar.scale.marks[1] == "0"
    assert "Heun" in bar.other.text()
    bar.kind.setCurrentIndex(1)
    assert len(bar.scale.marks) == 2 and two.studio.settings.reading.difference == "rms"
    shown = tab.viewer.picture(0)
    assert np.array_equal(shown, tab.canvas._pictures[0])


def test_following_another_picture_shows_its_numbers(qtbot, two):
    act(two, "View: difference")
    bar = two.tab.reading.difference
    two.tab.timeline.choose(5)
    qtbot.waitUntil(lambda: "RMS" in bar.figures.text())
    before = bar.figures.text()
    two.tab.canvas.follow(2)
    assert bar.figures.text() != before


def test_without_a_second_take_the_canvas_says_what_to_do(qtbot, window):
    generate(qtbot, window)
    act(window, "View: difference")
    assert "Compare with" in window.tab.canvas._invitation[0]
    assert window.tab.canvas._pictures is None
    act(window, "View: estimate")
    assert window.tab.canvas._pictures is not None
    assert "Generate" in window.tab.canvas._invitation[0]


def test_a_take_of_the_list_can_be_compared_with(qtbot, two):
    generate(qtbot, two, sampler="euler")
    oldest = two.studio.shelf.page(9, 0)[-1].take.id
    two.findChild(TakeDeeds).compared.emit(oldest)
    assert two.studio.reading.opposite.id == oldest and two.tab.viewer.view == "diff"
    assert two.studio.settings.canvas_view == "diff"
    act(two, "Compare with another")
    menu = two.tab.canvas.findChild(QMenu, "compare_with")
    checked = [action.text() for action in menu.actions() if action.isChecked()]
    assert len(checked) == 1 and "Heun" in checked[0]
    menu.close()


def test_the_map_of_what_settles_says_when_half_of_it_did(qtbot, two):
    act(two, "View: map")
    bar = two.tab.reading.settling
    qtbot.waitUntil(lambda: "half of the pixels" in bar.figures.text())
    assert bar.scale.marks[0] == "σ 80"
    before = bar.figures.text()
    bar.tolerance.choose(1 / 256)
    qtbot.waitUntil(lambda: bar.figures.text() != before)


def test_the_pictures_keep_clear_of_the_line_of_controls(two):
    canvas = two.tab.canvas
    top = canvas.picture_area().top()
    act(two, "View: map")
    assert canvas.picture_area().top() == top + two.tab.reading.settling.parentWidget().height()
    act(two, "View: state x")
    assert canvas.picture_area().top() == top


def test_the_onion_skin_is_switched_on_and_adjusted(qtbot, two):
    tab = two.tab
    tab.timeline.choose(6)
    plain = tab.viewer.picture(0).copy()
    tab.canvas.header.onion.click()
    assert tab.reading.onion.isVisible()
    ghostly = tab.viewer.picture(0).copy()
    assert not np.array_equal(plain, ghostly)
    tab.reading.onion.before.choose(0)
    assert np.array_equal(tab.viewer.picture(0), plain)
    tab.reading.onion.before.choose(3)
    tab.reading.onion.opacity.choose(0.8)
    assert two.studio.settings.reading.onion_opacity == 0.8
    two.tab.reading.toggle_onion()
    assert not two.studio.settings.reading.onion and not tab.reading.onion.isVisible()


# A beside B


def test_a_pinned_step_stands_beside_the_one_looked_at(qtbot, two):
    tab = two.tab
    tab.timeline.choose(3)
    tab.reading.pin()
    ab = tab.reading.ab
    assert tab.viewer.view == "ab" and ab.isVisible()
    tab.timeline.choose(12)
    assert [name.split(" · ")[0] for name in ab._names] == ["step 4", "step 13"]
    frames = tab.viewer.trajectory
    assert ab._images[0].pixelColor(0, 0).red() == frames.preview(3)[0, 0, 0, 0]
    assert ab._images[1].pixelColor(0, 0).red() == frames.preview(12)[0, 0, 0, 0]
    share = ab.share
    qtbot.keyClick(ab, Qt.Key.Key_Left)
    assert ab.share < share and tab.timeline.current == 12
    qtbot.mousePress(ab, Qt.MouseButton.LeftButton, pos=ab.frame.topLeft().toPoint())
    assert ab.share == pytest.approx(0, abs=0.02)
    qtbot.keyClick(ab, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert tab.viewer.followed == 1
    qtbot.keyClick(ab, Qt.Key.Key_Escape)
    assert tab.viewer.view == "x0" and ab.isHidden()


def test_takes_and_states_can_be_the_sides(qtbot, two):
    tab = two.tab
    act(two, "View: A beside B")
    tab.reading.pair.kind.choose("takes")
    ab = tab.reading.ab
    qtbot.waitUntil(lambda: "Heun" in ab._names[1])
    assert tab.reading.pair.other.isVisible() and tab.reading.pair.pin.isHidden()
    tab.reading.pair.kind.choose("noise")
    assert ab._names == ("state x", "estimate x̂₀")


def test_a_wide_picture_fills_the_width(qtbot):
    from studio.ui.compare.ab_view import ABView

    ab = ABView()
    qtbot.addWidget(ab)
    ab.resize(600, 500)
    wide = np.zeros((10, 40, 3), np.uint8)
    ab.show_pair(wide, wide, ("", ""))
    assert ab.frame.width() == pytest.approx(4 * ab.frame.height())
    assert ab.frame.width() > 500
    ab.clear("nothing there")
    ab.grab()


# The mouse over plots


def test_resting_on_a_plot_looks_at_its_step_until_the_mouse_leaves(qtbot, two):
    tab = two.tab
    tab.timeline.choose(4)
    plot = tab.viewer.plots.steps
    view = plot.plot.viewport()
    move_mouse(view, over(plot, 9))
    assert tab.viewer.index == 4  # a mouse on its way moves nothing
    qtbot.waitUntil(lambda: tab.viewer.index == 9)
    assert tab.timeline.slider.value() == 9
    move_mouse(view, over(plot, 11))
    assert tab.viewer.index == 11
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert tab.viewer.index == tab.timeline.current == 4


def test_a_click_stays(qtbot, two):
    tab = two.tab
    tab.timeline.choose(4)
    plot = tab.viewer.plots.schedule
    view = plot.plot.viewport()
    move_mouse(view, over(plot, 8))
    qtbot.waitUntil(lambda: tab.viewer.index == 8)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=over(plot, 8))
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert tab.viewer.index == 8


def test_the_filmstrip_is_a_plot_too_and_keys_end_the_look(qtbot, two):
    tab = two.tab
    tab.timeline.choose(4)
    strip = tab.timeline.filmstrip
    move_mouse(strip, QPointF(strip._strip.x_of(10), strip.height() / 2))
    qtbot.waitUntil(lambda: tab.viewer.index == 10)
    tab.timeline.step(1)
    QApplication.sendEvent(strip, QEvent(QEvent.Type.Leave))
    assert tab.viewer.index == 11


def test_a_look_does_not_keep_a_run_from_being_followed_afterwards(qtbot, two):
    tab, frames = two.tab, two.tab.viewer.trajectory
    tab.timeline.choose_last()
    move_mouse(tab.viewer.plots.steps.plot.viewport(), over(tab.viewer.plots.steps, 2))
    qtbot.waitUntil(lambda: tab.viewer.index == 2)
    frames.append(frames[-1])  # another step comes while the mouse is there
    tab.viewer._catch_up()
    assert tab.viewer.index == tab.timeline.current == 2
    tab.viewer.peek.hover(None)
    assert tab.viewer.index == 18


def test_a_crossing_mouse_means_nothing(qtbot):
    peek, seen = Peek(), []
    peek.began.connect(seen.append)
    peek.ended.connect(lambda: seen.append("ended"))
    peek.hover(3)
    peek.hover(None)
    assert not peek.active and not peek._dwell.isActive() and seen == []


# Measures


def test_a_measure_is_picked_drawn_and_remembered(qtbot, two):
    for measure in ("distance", "curvature", "noise", "cosine"):
        pick_measure(qtbot, two, measure)


def pick_measure(qtbot, two, measure):
    plot = two.tab.viewer.plots.steps
    two.tab.canvas.follow(0)
    plot.picker.chosen.emit(measure)
    assert two.studio.settings.reading.measure == measure
    qtbot.waitUntil(lambda: len(plot.lines.values) == 18)
    lines = two.studio.reading.lines(measure)
    _, y = plot.lines.bright.getData()
    known = np.isfinite(lines[:, 0])
    assert np.allclose(np.array(y)[known], lines[known, 0])
    assert plot.lines.band.isVisible() == (measure == "noise")
    two.tab.canvas.follow(2)
    assert np.allclose(np.array(plot.lines.bright.getData()[1])[known], lines[known, 2])


def test_the_next_measure_comes_round(two):
    for expected in ("distance", "curvature", "noise", "cosine", "error"):
        act(two, "Next measure")
        assert two.studio.settings.reading.measure == expected
    plot = two.tab.viewer.plots.steps
    assert plot.bars.opts["height"] is not None and plot.lines.values.size == 0


def test_the_palette_offers_measures(two):
    from studio.ui.palette_entries import entries

    class Bindings:
        def table(self):
            return []

    found = {entry.text: entry for entry in entries(two.studio, Bindings(), {})}
    found["Plot per step: Norm of ε"].deed()
    assert two.studio.settings.reading.measure == "noise"


# What was open comes again


def test_another_take_clears_what_cannot_be_shown(qtbot, two):
    act(two, "View: A beside B")
    generate(qtbot, two, seeds=(9,))
    assert two.tab.viewer.followed == 0
    qtbot.waitUntil(lambda: two.tab.reading._print is not None)
    assert isinstance(two.tab.reading._print, Print)
    assert two.tab.reading.ab.isVisible()


def test_a_picture_with_ghosts_is_not_the_result(qtbot, two):
    tab = two.tab
    tab.timeline.choose_last()
    assert tab.viewer.shows_result
    tab.canvas.header.onion.click()
    assert not tab.viewer.shows_result  # so that it is not saved with a recipe that makes another


def test_the_keys_of_the_pictures_act_on_the_ab_line_too(qtbot, two):
    tab = two.tab
    tab.canvas.setFocus()
    act(two, "View: A beside B")
    qtbot.waitUntil(tab.reading.ab.hasFocus)
    assert "both are this step" in tab.reading.pair.figures.text()
    QTest.keySequence(tab.reading.ab, QKeySequence("Home"))
    assert tab.viewer.index == 0
    qtbot.waitUntil(lambda: "drag" in tab.reading.pair.figures.text())
    share = tab.reading.ab.share
    QTest.keySequence(tab.reading.ab, QKeySequence("Right"))
    assert tab.reading.ab.share > share
    assert tab.viewer.index == 0
