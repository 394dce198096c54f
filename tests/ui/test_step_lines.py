"""A line for each picture over the steps: what is drawn, read back from the items."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from studio.session.reading.figures import MEASURES
from studio.ui.step_lines import MOST
from studio.ui.step_plot import StepPlot
from studio.ui.theme import LIGHT, apply_theme


@pytest.fixture
def plot(qtbot):
    plot = StepPlot()
    qtbot.addWidget(plot)
    plot.resize(300, 220)
    plot.set_measure(MEASURES["distance"])
    plot.grab()
    return plot


def curves(item):
    """Return the pieces of a curve between its gaps."""
    _, y = item.getData()
    return np.array(y)


def range_of(plot):
    return plot.plot.getPlotItem().getViewBox().viewRange()[1]


def test_the_followed_picture_is_bright_and_the_others_faint(plot):
    values = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    plot.set_lines(values, 1)
    assert plot.lines.bright.getData()[1].tolist() == [2, 5]
    faint = curves(plot.lines.others).reshape(2, 3)
    assert faint[:, :2].tolist() == [[1, 4], [3, 6]] and np.isnan(faint[:, 2]).all()
    x, _ = plot.lines.others.getData()
    assert np.array_equal(np.array(x)[:2], [0, 1])


def test_of_many_pictures_some_are_drawn_and_the_mean_of_all(plot):
    values = np.arange(3.0).reshape(3, 1) + np.arange(500.0)
    plot.set_lines(values, 499)
    faint = curves(plot.lines.others).reshape(-1, 4)
    assert len(faint) == MOST
    assert plot.lines.bright.getData()[1].tolist() == [499, 500, 501]
    assert curves(plot.lines.mean) == pytest.approx([249.5, 250.5, 251.5])
    plot.set_lines(values[:, :1], 0)
    assert len(curves(plot.lines.mean)) == 0


def test_gaps_are_left_out_of_mean_and_range(plot):
    values = np.full((3, 10), 2.0)
    values[0] = np.nan
    values[1, :5] = np.nan
    plot.set_lines(values, 0)
    mean = curves(plot.lines.mean)
    assert np.isnan(mean[0]) and mean[1:].tolist() == [2, 2]
    plot.set_lines(np.full((3, 2), np.nan), 0)
    plot.grab()


def test_the_axis_shows_the_band_and_the_bounds(plot):
    plot.set_measure(MEASURES["noise"])
    plot.set_lines(np.full((4, 2), 0.9), 0, (0.98, 1.0, 1.02), 9)
    assert plot.lines.band.getRegion() == pytest.approx((0.98, 1.02))
    assert plot.lines.middle.value() == 1
    low, high = range_of(plot)
    assert low < 0.9 and high > 1.02
    plot.set_measure(MEASURES["cosine"])
    assert plot.lines.values.size == 0 and not plot.lines.band.isVisible()
    plot.set_lines(np.full((4, 2), 0.5), 0)
    assert range_of(plot)[1] > 1
    plot.set_measure(MEASURES["distance"])
    plot.set_lines(np.full((4, 2), 0.5), 0)
    assert range_of(plot)[0] < 0.01


def test_a_logarithmic_axis_where_values_are_far_apart(plot):
    values = np.geomspace(1e-5, 1, 6).reshape(6, 1)
    plot.set_lines(values, 0)
    assert not plot.log_button.isHidden()
    plot.log_button.click()
    assert plot.lines.bright.getData()[1] == pytest.approx(np.log10(values[:, 0]))
    low, high = range_of(plot)
    assert low < -5 and 0 < high < 1
    plot.set_measure(MEASURES["cosine"])
    plot.set_lines(values, 0)
    assert plot.log_button.isHidden()  # a bounded measure has no use for it
    assert plot.lines.bright.getData()[1] == pytest.approx(values[:, 0])


def test_the_heading_names_the_measure_and_the_readout_its_values(plot, qtbot):
    assert plot.picker.text() == "DISTANCE"
    plot.set_lines(np.array([[1.0, 3.0], [2.0, 6.0]]), 0)
    assert plot.readout.text() == MEASURES["distance"].sign
    plot._hover(1)
    assert "step 2" in plot.readout.text() and ">2<" in plot.readout.text()
    assert "mean 4" in plot.readout.text()
    plot.set_measure(MEASURES["noise"])
    assert plot.picker.text() == "NORM OF ε"


def test_the_picker_opens_all_measures_by_key(plot, qtbot):
    plot.show()
    plot.picker.setFocus()
    qtbot.keyClick(plot.picker, Qt.Key.Key_Space)
    assert plot.picker.menu.isVisible()
    texts = [action.text() for action in plot.picker.menu.actions()]
    assert texts == [measure.label for measure in MEASURES.values()]
    with qtbot.waitSignal(plot.measure_chosen) as chosen:
        plot.picker.menu.actions()[3].trigger()
    assert chosen.args == ["noise"]
    plot.picker.menu.close()


def test_a_step_can_be_chosen_and_hovered(plot, qtbot):
    plot.set_lines(np.ones((5, 2)), 0, None, 5)
    box = plot.plot.getPlotItem().getViewBox()
    from PySide6.QtCore import QPointF

    point = plot.plot.mapFromScene(box.mapViewToScene(QPointF(3, 0)))
    with qtbot.waitSignal(plot.step_chosen) as chosen:
        qtbot.mouseClick(plot.plot.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert chosen.args == [3]


def test_another_theme_recolours_the_lines(plot, qapp):
    plot.set_lines(np.ones((2, 2)), 0)
    apply_theme(qapp, LIGHT, 1.0)
    assert plot.lines.bright.opts["pen"].color().name() == LIGHT.accent
    plot.picker.grab()
