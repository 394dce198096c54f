"""The plots: what they draw, read back from their items, and how they choose a step."""

from itertools import pairwise
from math import log10

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication

from studio.ui.sigma.plot import SchedulePlot
from studio.ui.step_plot import StepPlot
from studio.ui.theme import LIGHT, apply_theme
from studio.ui.ticks import figure, linear_ticks, log_ticks, step_ticks

SIGMAS = (80.0, 40.0, 10.0, 1.0, 0.1, 0.002, 0.0)


@pytest.fixture
def schedule_plot(qtbot):
    plot = SchedulePlot()
    qtbot.addWidget(plot)
    plot.resize(620, 220)
    plot.grab()
    return plot


@pytest.fixture
def step_plot(qtbot):
    plot = StepPlot()
    qtbot.addWidget(plot)
    plot.resize(300, 220)
    plot.grab()
    return plot


def place(panel, x: float) -> QPoint:
    """Return where the step x lies in the plot's viewport."""
    box = panel.plot.getPlotItem().getViewBox()
    return panel.plot.mapFromScene(box.mapViewToScene(QPointF(x, 0)))


def hover(panel, x: float) -> None:
    """Move the mouse over the step x, no button pressed."""
    none = Qt.MouseButton.NoButton
    point = QPointF(place(panel, x))
    event = QMouseEvent(
        QEvent.Type.MouseMove, point, point, none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(panel.plot.viewport(), event)


def data(item) -> list[tuple[float, float]]:
    x, y = item.getData()
    return [] if x is None else list(zip(x.tolist(), y.tolist(), strict=True))


# The schedule


def test_the_schedule_is_drawn_on_a_logarithmic_axis(schedule_plot):
    schedule_plot.set_sigmas(SIGMAS)
    expected = [(step, log10(sigma)) for step, sigma in enumerate(SIGMAS[:-1])]
    assert np.allclose(data(schedule_plot.curve), expected)


def test_the_final_zero_is_a_point_below_all_others(schedule_plot):
    schedule_plot.set_sigmas(SIGMAS)
    ((x, y),) = data(schedule_plot.zero)
    assert x == 6
    assert y < log10(0.002)
    assert data(schedule_plot.tail) == [(5, log10(0.002)), (6, y)]
    marks = dict(schedule_plot.plot.getAxis("left")._tickLevels[0])
    assert marks[y] == "0"
    schedule_plot.set_sigmas(SIGMAS[:-1])
    assert not schedule_plot.zero.isVisible()


def test_everything_drawn_is_in_sight(schedule_plot):
    schedule_plot.set_sigmas(SIGMAS)
    (left, right), (bottom, top) = schedule_plot.plot.getPlotItem().getViewBox().viewRange()
    points = data(schedule_plot.curve) + data(schedule_plot.zero)
    assert all(left < x < right and bottom < y < top for x, y in points)


def test_the_cursor_stands_on_its_sigma(schedule_plot):
    schedule_plot.set_sigmas(SIGMAS)
    schedule_plot.set_cursor(2)
    assert schedule_plot.cursor_line.value() == 2
    assert data(schedule_plot.point) == [(2, 1.0)]
    assert "σ 10 → 1" in schedule_plot.readout.text()
    schedule_plot.set_cursor(None)
    assert not schedule_plot.cursor_line.isVisible()
    assert not schedule_plot.point.isVisible()
    assert not schedule_plot.readout.text()


def test_a_cursor_beyond_a_shorter_schedule_is_hidden_until_there_is_room(schedule_plot):
    schedule_plot.set_sigmas(SIGMAS)
    schedule_plot.set_cursor(4)
    schedule_plot.set_sigmas((80.0, 1.0, 0.0))
    assert not schedule_plot.point.isVisible()
    schedule_plot.set_sigmas(SIGMAS)
    assert schedule_plot.point.isVisible()


def test_the_band_lies_between_its_sigmas(schedule_plot):
    schedule_plot.set_sigmas(SIGMAS)
    schedule_plot.set_band((0.05, 50.0))
    assert schedule_plot.band.getRegion() == pytest.approx((log10(0.05), log10(50)))
    assert schedule_plot.band.isVisible()
    schedule_plot.set_band((0.0, float("inf")))
    _, (bottom, top) = schedule_plot.plot.getPlotItem().getViewBox().viewRange()
    assert schedule_plot.band.getRegion() == pytest.approx((bottom, top))
    schedule_plot.set_band(None)
    assert not schedule_plot.band.isVisible()


def test_the_previous_schedule_spans_the_same_width(schedule_plot):
    schedule_plot.set_previous((80.0, 1.0, 0.1, 0.0))
    schedule_plot.set_sigmas(SIGMAS)
    assert np.allclose(data(schedule_plot.previous), [(0, log10(80)), (2, 0), (4, -1)])
    schedule_plot.set_previous(None)
    assert data(schedule_plot.previous) == []


def test_an_update_keeps_the_items(schedule_plot):
    before = list(schedule_plot.plot.getPlotItem().items)
    for count in (3, 200, 18):
        schedule_plot.set_sigmas([*np.geomspace(80, 0.002, count).tolist(), 0.0])
        schedule_plot.set_cursor(1)
    assert list(schedule_plot.plot.getPlotItem().items) == before


def test_a_click_and_a_drag_choose_steps(schedule_plot, qtbot):
    schedule_plot.set_sigmas(SIGMAS)
    seen = []
    schedule_plot.step_chosen.connect(seen.append)
    viewport = schedule_plot.plot.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=place(schedule_plot, 2.3))
    qtbot.mouseMove(viewport, place(schedule_plot, 4.1))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=place(schedule_plot, 4.1))
    assert seen == [2, 4]
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place(schedule_plot, 6))
    assert seen == [2, 4, 5]


def test_setting_the_cursor_chooses_nothing(schedule_plot, qtbot):
    schedule_plot.set_sigmas(SIGMAS)
    with qtbot.assertNotEmitted(schedule_plot.step_chosen):
        schedule_plot.set_cursor(3)


def test_hovering_reads_out_the_step_under_the_mouse(schedule_plot, qtbot):
    schedule_plot.set_sigmas(SIGMAS)
    schedule_plot.set_cursor(0)
    with qtbot.assertNotEmitted(schedule_plot.step_chosen):
        hover(schedule_plot, 3)
    assert "step 4 " in schedule_plot.readout.text()
    assert "σ 1 → 0.1" in schedule_plot.readout.text()
    assert schedule_plot.hover_line.value() == 3
    schedule_plot.eventFilter(schedule_plot.plot.viewport(), QEvent(QEvent.Type.Leave))
    assert "σ 80 → 40" in schedule_plot.readout.text()
    assert not schedule_plot.hover_line.isVisible()


def test_an_empty_schedule_answers_no_click(schedule_plot, qtbot):
    with qtbot.assertNotEmitted(schedule_plot.step_chosen):
        point = schedule_plot.plot.viewport().rect().center()
        qtbot.mouseClick(schedule_plot.plot.viewport(), Qt.MouseButton.LeftButton, pos=point)
    schedule_plot.set_cursor(0)
    assert not schedule_plot.point.isVisible()


def test_the_view_does_not_move_under_mouse_and_wheel(schedule_plot, qtbot):
    schedule_plot.set_sigmas(SIGMAS)
    before = schedule_plot.plot.getPlotItem().getViewBox().viewRange()
    viewport = schedule_plot.plot.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.RightButton, pos=place(schedule_plot, 2))
    qtbot.mouseMove(viewport, place(schedule_plot, 4))
    qtbot.mouseRelease(viewport, Qt.MouseButton.RightButton, pos=place(schedule_plot, 4))
    assert schedule_plot.plot.getPlotItem().getViewBox().viewRange() == before


def test_another_theme_recolours_the_plots(schedule_plot, step_plot, qapp):
    apply_theme(qapp, LIGHT, 1.0)
    assert schedule_plot.curve.opts["pen"].color() == QColor(LIGHT.accent)
    assert step_plot.line.opts["pen"].color() == QColor(LIGHT.accent)
    assert step_plot.bars.opts["brush"].rgb() == QColor(LIGHT.noise).rgb()
    assert LIGHT.noise in step_plot.readout.text()


# Per step


def test_bars_are_errors_and_the_line_is_the_changes(step_plot):
    step_plot.set_data([0.1, 0.4, None, 0.2], [None, 2.0, 1.0, 0.5])
    assert step_plot.bars.opts["height"] == pytest.approx([0.1, 0.4, 0.2])
    middles = [x + step_plot.bars.opts["width"] / 2 for x in step_plot.bars.opts["x0"]]
    assert middles == pytest.approx([0, 1, 3])
    x, y = step_plot.line.getData()
    assert x.tolist() == [1, 2, 3]
    assert y / y[0] == pytest.approx([1, 0.5, 0.25])
    assert y[0] == pytest.approx(0.4)  # the line has a scale of its own: both reach the top


def test_on_a_logarithmic_axis_both_have_the_same_scale(step_plot):
    step_plot.set_data([1e-4, 1e-2], [None, 1.0])
    step_plot.set_log(True)
    foot = step_plot.bars.opts["y0"][0]
    tops = [foot + height for height in step_plot.bars.opts["height"]]
    assert tops == pytest.approx([-4, -2])
    assert step_plot.line.getData()[1][0] == pytest.approx(0)


def test_the_logarithmic_axis_is_offered_when_values_are_far_apart(step_plot):
    step_plot.set_data([0.1, 0.2], [None, 0.3])
    assert step_plot.log_button.isHidden()
    step_plot.set_data([1e-5, 0.2], [None, 0.3])
    assert not step_plot.log_button.isHidden()
    step_plot.log_button.click()
    assert step_plot.is_log
    step_plot.log_button.click()
    assert not step_plot.is_log


def test_tiny_values_do_not_stretch_the_logarithmic_axis_without_end(step_plot):
    step_plot.set_data([1e-17, 0.1, 0.0], [None, None, 0.0])
    step_plot.set_log(True)
    _, (bottom, top) = step_plot.plot.getPlotItem().getViewBox().viewRange()
    assert top - bottom < 8
    assert min(step_plot.bars.opts["height"]) >= 0


def test_the_bar_of_the_cursor_is_lit(step_plot):
    step_plot.set_data([0.1, 0.4, None], [None, 2.0, 1.0])
    step_plot.set_cursor(1)
    assert step_plot.marked.opts["height"] == pytest.approx([0.4])
    assert step_plot.column.getRegion() == (0.5, 1.5)
    step_plot.set_cursor(2)
    assert len(step_plot.marked.opts["height"]) == 0
    assert step_plot.column.isVisible()
    step_plot.set_cursor(None)
    assert not step_plot.column.isVisible()


def test_there_is_room_for_the_steps_to_come(step_plot):
    step_plot.set_data([0.1], [None], 18)
    (left, right), _ = step_plot.plot.getPlotItem().getViewBox().viewRange()
    assert left < -0.5
    assert right > 17.5


def test_a_click_on_a_bar_chooses_its_step_and_hovering_reads_it_out(step_plot, qtbot):
    step_plot.set_data([0.1, 0.4, None], [None, 2.0, 1.0])
    viewport = step_plot.plot.viewport()
    with qtbot.waitSignal(step_plot.step_chosen) as chosen:
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place(step_plot, 1))
    assert chosen.args == [1]
    hover(step_plot, 2)
    text = step_plot.readout.text()
    assert "step 3 " in text
    assert ">–<" in text
    assert ">1<" in text


def test_nothing_is_drawn_or_chosen_without_data(step_plot, qtbot):
    assert not step_plot._empty.isHidden()
    with qtbot.assertNotEmitted(step_plot.step_chosen):
        point = step_plot.plot.viewport().rect().center()
        qtbot.mouseClick(step_plot.plot.viewport(), Qt.MouseButton.LeftButton, pos=point)
    step_plot.set_data([0.1], [None])
    assert step_plot._empty.isHidden()
    step_plot.set_data([], [])
    assert not step_plot._empty.isHidden()


def test_values_that_cannot_be_drawn_are_gaps(step_plot):
    step_plot.set_data([float("nan"), 0.1, float("inf")], [None, float("nan"), 0.2])
    assert step_plot.bars.opts["height"] == pytest.approx([0.1])
    step_plot.grab()


# The marks of the axes


@given(st.integers(1, 5000), st.integers(2, 30))
def test_step_marks_are_few_whole_and_in_range(total, most):
    ticks = step_ticks(total, most)
    numbers = [int(text) for _, text in ticks]
    assert [place + 1 for place, _ in ticks] == numbers
    assert len(ticks) <= most + 1
    assert numbers == sorted(set(numbers))
    assert numbers[0] >= 1
    assert numbers[-1] <= total


@given(st.floats(-6, 2), st.floats(0.05, 8), st.integers(2, 12))
def test_logarithmic_marks_lie_inside_and_say_their_value(low, span, most):
    for mark, text in log_ticks(low, low + span, most):
        assert low - 1e-9 <= mark <= low + span + 1e-9
        assert float(text) == pytest.approx(10**mark, rel=0.06)


def test_logarithmic_marks_are_the_powers_of_ten():
    assert [text for _, text in log_ticks(log10(0.002), log10(80), 8)] == [
        "0.01",
        "0.1",
        "1",
        "10",
    ]
    assert [text for _, text in log_ticks(-6, -3, 8)] == ["1e-6", "1e-5", "1e-4", "0.001"]
    assert [text for _, text in log_ticks(log10(1.5), log10(8), 8)] == ["2", "5"]


@given(st.floats(1e-9, 1e6), st.integers(2, 9))
def test_linear_marks_are_even_and_inside(high, most):
    ticks = [mark for mark, _ in linear_ticks(high, most)]
    assert ticks[0] == 0
    assert ticks[-1] <= high * (1 + 1e-6)
    assert 2 <= len(ticks) <= most + 1
    gaps = [b - a for a, b in pairwise(ticks)]
    assert gaps == pytest.approx([gaps[0]] * len(gaps))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.2963, "0.296"), (80.0, "80"), (0.002, "0.002"), (14614.6, "1.46e4"), (1234.5, "1234")],
)
def test_figures_have_three_digits(value, text):
    assert figure(value) == text
