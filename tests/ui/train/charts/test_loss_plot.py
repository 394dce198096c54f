"""The plot of loss: what it draws, what it passes over, and what it says under the mouse."""

from math import log10

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.ui.theme import LIGHT, apply_theme
from studio.ui.train.charts.digest import digest
from studio.ui.train.charts.loss_plot import LossPlot
from studio.ui.train.charts.measures import MEASURES
from tests.ui.train.charts.conftest import (
    make_course,
    make_facts,
    make_long_course,
    viewport_point,
)


@pytest.fixture
def plot(qtbot, known):
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.resize(900, 300)
    plot.show()
    plot.show_digest(known)
    return plot


def mouse(plot, x, y=0.0, kind=QEvent.Type.MouseMove, buttons=Qt.MouseButton.NoButton):
    point = QPointF(viewport_point(plot, x, y))
    event = QMouseEvent(kind, point, point, buttons, buttons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(plot.plot.viewport(), event)


def test_losses_stand_at_their_logarithms(plot):
    x, y = plot.lines.raw.getData()
    assert x.tolist() == list(range(1, 11))
    # The ends may be taken for outliers: they are drawn at the edge.
    np.testing.assert_allclose(y[1:-1], [-k * log10(2) for k in range(1, 9)])


def test_held_out_losses_are_dashed_and_in_the_colour_of_noise(plot):
    x, y = plot.lines.held_out.getData()
    assert x.tolist() == [5.0, 10.0]
    np.testing.assert_allclose(y, [log10(0.1), log10(0.05)])
    assert plot.lines.held_out.opts["pen"].style() == Qt.PenStyle.DashLine


def test_checkpoints_and_resumes_have_their_marks(plot):
    x, y = plot.lines.checkpoints.getData()
    assert x.tolist() == [5.0, 10.0]
    assert set(y) == {plot._heights.floor}
    assert plot.lines.resumes.getData()[0].tolist() == [5.0, 5.0]
    plot.show_digest(digest(make_course(resumes=np.array([3.0, 7.0])), None))
    assert plot.lines.resumes.getData()[0].tolist() == [3.0, 3.0, 7.0, 7.0]


def test_an_outlier_does_not_move_the_axis_but_has_a_mark_at_its_edge(plot):
    losses = np.full(200, 0.5) + np.linspace(0.1, 0, 200)
    losses[50], losses[90] = 1000.0, 1e-6
    plot.show_digest(digest(make_long_course(losses), None))
    top, bottom = plot._heights.high, plot._heights.low
    assert log10(0.6) <= top < log10(1)
    assert log10(0.25) < bottom <= log10(0.5)
    assert (51.0, top) in zip(*plot.lines.clipped.getData(), strict=True)
    assert (91.0, bottom) in zip(*plot.lines.clipped.getData(), strict=True)
    assert np.nanmax(plot.drawn.smooth) < log10(0.65)


def test_a_loss_that_is_missing_is_a_gap(plot):
    losses = 2.0 ** -np.arange(10.0)
    losses[4] = np.nan
    plot.show_digest(digest(make_course(loss=losses), None))
    assert np.isnan(plot.lines.raw.getData()[1][4])
    plot.move_cross(5.0)
    assert plot.readout.plain.startswith("– · 5 kimg")
    assert not len(plot.dot.getData()[0])
    plot.grab()


def test_a_curve_without_a_logarithm_is_none(plot):
    plot.set_measure("gradient_norm")
    plot.show_digest(digest(make_course(gradient_norm=np.zeros(10)), None))
    assert plot._empty.text() == "This run wrote down no gradient norm"


def test_the_mouse_reads_all_figures_of_the_nearest_line(plot):
    with_kimg = []
    plot.hovered.connect(with_kimg.append)
    mouse(plot, 3.2)
    assert with_kimg == [3.0]
    assert plot.readout.plain == "0.25 · 3 kimg · lr 2.0e-4 · 1,234 img/s · |∇| 0.5"
    QApplication.sendEvent(plot.plot.viewport(), QEvent(QEvent.Type.Leave))
    assert with_kimg == [3.0, None]
    assert plot.readout.plain == "log · smoothed · held-out dashed"


def test_a_click_chooses_a_time(qtbot, plot):
    with qtbot.waitSignal(plot.chosen) as chosen:
        mouse(plot, 7.4, kind=QEvent.Type.MouseButtonPress, buttons=Qt.MouseButton.LeftButton)
    assert chosen.args == [7.0]


def test_the_keys_move_the_cross_and_choose(qtbot, plot):
    for key, place in (
        (Qt.Key.Key_Left, 10.0), (Qt.Key.Key_Left, 9.0), (Qt.Key.Key_Home, 1.0),
        (Qt.Key.Key_Left, 1.0), (Qt.Key.Key_Right, 2.0), (Qt.Key.Key_End, 10.0),
    ):  # fmt: skip
        QTest.keyClick(plot, key)
        assert plot.cross == place
    with qtbot.waitSignal(plot.chosen) as chosen:
        QTest.keyClick(plot, Qt.Key.Key_Return)
    assert chosen.args == [10.0]
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.cross is None


@pytest.mark.parametrize(
    ("id", "values"),
    [("learning_rate", [2e-4] * 10), ("images_per_second", [1234.0] * 10), ("skipped", [0.0] * 10),
     ("half_life_kimg", [0.05 * k for k in range(1, 11)])],
)  # fmt: skip
def test_other_measures_are_drawn_as_they_are_from_0(plot, id, values):
    plot.set_measure(id)
    np.testing.assert_allclose(plot.lines.smooth.getData()[1], values)
    assert plot._heights.low == 0.0
    assert not plot.lines.raw.isVisible()
    assert plot.lines.held_out.getData()[0] is None or not len(plot.lines.held_out.getData()[0])
    assert not plot.smoothing.isVisible()


def test_a_measure_that_was_not_written_down_says_so(plot):
    plot.set_measure("memory")
    assert plot._empty.text() == "This run wrote down no memory"
    plot.show_digest(digest(make_course(memory=np.full(10, 2.0**31)), None))
    assert not plot._empty.isVisible()
    np.testing.assert_allclose(plot.lines.smooth.getData()[1], 2.0)


def test_the_length_of_the_average_is_that_of_the_log(plot):
    plot.show_digest(digest(make_course(half_life_kimg=np.full(10, 7.0)), make_facts()))
    plot.set_measure("half_life_kimg")
    np.testing.assert_allclose(plot.lines.smooth.getData()[1], 7.0)


def test_the_menu_offers_every_measure(qtbot, plot):
    actions = plot.picker.menu.actions()
    assert [action.text() for action in actions] == [m.label for m in MEASURES.values()]
    with qtbot.waitSignal(plot.measure_chosen) as chosen:
        actions[2].trigger()
    assert chosen.args == ["gradient_norm"]
    assert plot.measure.id == "gradient_norm"
    assert plot.accessibleName() == "gradient norm over the course of the run"


def test_smoothing_can_be_turned_off(plot):
    plot.smoothing.choose("none")
    np.testing.assert_array_equal(plot.drawn.smooth, plot.drawn.raw)
    assert plot._heights.low > plot.drawn.raw.min()  # outliers stay outside
    assert plot.readout.plain == "log · held-out dashed"


def test_without_figures_it_says_when_they_come(plot):
    plot.show_digest(None)
    assert plot._empty.isVisible()
    assert "after the first thousand pictures" in plot._empty.text()
    assert plot.spoken().words == plot._empty.text()
    mouse(plot, 3.0)
    assert plot.cross is None


def test_a_screen_reader_hears_the_newest_figure(plot):
    assert plot.spoken().words == "Loss 0.00195 at 10 kimg"
    plot.move_cross(2.0)
    assert plot.spoken().words == "Loss 0.5 at 2 kimg"


def test_it_takes_the_colours_of_another_theme(qapp, plot):
    apply_theme(qapp, LIGHT)
    assert plot.lines.smooth.opts["pen"].color().name() == LIGHT.accent


def test_a_long_run_is_drawn_with_its_band(plot):
    rng = np.random.default_rng(0)
    course = make_long_course(rng.uniform(0.4, 0.6, 10_000))
    plot.show_digest(digest(course, make_facts()))
    assert len(plot.lines.raw.getData()[0]) == 2000
    band = plot.lines.band.getData()[1]
    assert len(band) == 4000
    assert band.min() == pytest.approx(log10(course.loss.min()), abs=0.02)
    assert band.max() == pytest.approx(log10(course.loss.max()), abs=0.02)
    plot.grab()
