"""The map of loss by noise level: colours, the distribution beside it, and what it says."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.training.run_folder.thinning import LevelGrid
from studio.ui.theme import LIGHT, apply_theme
from studio.ui.train.charts.digest import digest
from studio.ui.train.charts.level_map import LevelMap, level_ticks, share_text, spread
from studio.ui.train.charts.level_scale import CHANGE, HELD_OUT, LOSS, level_scale
from tests.ui.train.charts.conftest import make_course, make_facts, viewport_point


@pytest.fixture
def chart(qtbot, known):
    chart = LevelMap()
    qtbot.addWidget(chart)
    chart.resize(700, 300)
    chart.show()
    chart.show_digest(known)
    return chart


def point(chart, x, y):
    place = QPointF(viewport_point(chart, x, y))
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(chart.plot.viewport(), event)


def test_colours_rise_with_the_loss_and_empty_levels_are_clear(chart):
    image = chart.image.image
    assert image[:, 0, 3].max() == 0
    assert image[:, 1:, 3].min() == 255
    red = image[:, 5, 0].astype(int)
    assert (np.diff(red) <= 0).all()  # the loss falls
    assert red[0] > red[-1]


def test_every_line_has_the_width_of_its_pictures():
    grid = LevelGrid(np.array([0.0, 1.0, 4.0]), np.arange(2.0)[:, None] * np.ones(16), np.ones(16))
    assert spread(grid, grid.loss)[:, 0].tolist() == [0.0] * 120 + [1.0] * 360


def test_the_scale_of_change_is_relative_to_each_level():
    loss = np.array([[1.0, 10.0], [0.5, 5.0], [0.1, 1.0]])
    grid = LevelGrid(np.arange(4.0), loss, loss[0])
    change = level_scale(grid, CHANGE).shares
    np.testing.assert_allclose(change[:, 0], change[:, 1])
    own = level_scale(grid, LOSS)
    assert own.shares[0, 1] > own.shares[0, 0]
    assert own.ends[0].startswith("0.1")


def test_noise_is_not_magnified():
    loss = np.full((5, 16), 0.5) + np.linspace(0, 0.001, 5)[:, None]
    shares = level_scale(LevelGrid(np.arange(6.0), loss, loss[0]), CHANGE).shares
    assert shares.max() - shares.min() < 0.02


def test_the_button_changes_what_the_colours_show(chart):
    before = chart.image.image.copy()
    QTest.mouseClick(chart.button, Qt.MouseButton.LeftButton)
    assert chart.scaling == CHANGE
    assert chart.button.text() == "since start ▾"
    assert "over that at the beginning" in chart.plot.toolTip()
    assert chart.legend.ends[0].startswith("×")
    QTest.mouseClick(chart.button, Qt.MouseButton.LeftButton)
    np.testing.assert_array_equal(chart.image.image, before)


def test_held_out_losses_are_offered_where_there_are_some(chart):
    levels = np.full((2, 16), 0.5)
    levels[1] = 0.25
    chart.show_digest(digest(make_course(held_out_by_level=levels), make_facts()))
    chart.button.click()
    chart.button.click()
    assert chart.scaling == HELD_OUT
    point(chart, 4.0, 8.5)
    assert chart.readout.plain.startswith("0.5 · σ 0.4–0.78")
    assert chart.readout.plain.endswith("5 kimg")
    chart.button.click()
    assert chart.scaling == LOSS


def test_a_run_without_held_out_losses_says_so_and_lets_one_go_back(chart, known):
    chart.set_scaling(HELD_OUT)
    chart.show_digest(known)
    assert chart._empty.text() == "This run wrote down no held-out loss by noise level"
    assert chart.button.isVisible()
    chart.button.click()
    assert chart.scaling == CHANGE
    assert not chart._empty.isVisible()


def test_the_distribution_stands_beside_the_levels_it_belongs_to(chart):
    x, y = chart.beside.getData()
    assert x.min() > 10.0  # right of the map, which ends at 10 kimg
    assert y[np.argmax(x)] == pytest.approx(8.125)  # the density has its mass from 8 to 9
    foot = x.min()
    assert set(np.round(x[(y < 8) | (y > 9)], 9)) == {round(foot, 9)}


def test_without_a_run_file_there_is_no_distribution(chart):
    chart.show_digest(digest(make_course(), None))
    assert chart.beside.getData()[0] is None or not len(chart.beside.getData()[0])
    point(chart, 3.0, 8.5)
    assert "draws" not in chart.readout.plain


def test_the_mouse_reads_level_loss_and_share(chart):
    seen = []
    chart.hovered.connect(seen.append)
    point(chart, 3.1, 8.5)
    assert seen == [3.0]
    assert chart.readout.plain == "0.25 · σ 0.4–0.78 · 100 % of draws · 3 kimg"
    point(chart, 3.1, 0.5)
    assert chart.readout.plain == "no sample · σ 0.002–0.0039 · < 0.1 % of draws · 3 kimg"


def test_over_the_distribution_it_reads_the_share(chart):
    point(chart, 10.5, 8.5)
    assert chart.cross is None
    assert chart.readout.plain == "σ 0.4–0.78 · 100 % of draws"


def test_the_cross_of_the_other_plot_leaves_the_legend(chart):
    chart.move_cross(4.2)
    assert chart.upright.value() == 4.0
    assert not chart.level_line.isVisible()
    assert chart.legend.isVisible()
    assert chart.readout.text() == ""


def test_the_keys_go_along_time_and_levels(chart):
    QTest.keyClick(chart, Qt.Key.Key_Up)
    assert (chart.level, chart.cross) == (8, 10.0)
    QTest.keyClick(chart, Qt.Key.Key_Up)
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert (chart.level, chart.cross) == (9, 9.0)
    assert chart.spoken().words.startswith("0.00391 · σ 0.78–1.5")
    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert (chart.level, chart.cross) == (None, None)


def test_the_marks_stand_at_their_levels():
    marks = dict(reversed(mark) for mark in level_ticks())
    assert marks[".002"] == pytest.approx(0)
    assert marks["80"] == pytest.approx(16)
    assert marks["1"] == pytest.approx(16 * np.log(500) / np.log(40_000))
    assert [text for _, text in level_ticks(few=True)] == [".002", "1", "80"]


@pytest.mark.parametrize(
    ("share", "text"), [(0.2, "20 %"), (0.0152, "1.5 %"), (0.0951, "10 %"), (1e-5, "< 0.1 %")]
)
def test_shares_in_words(share, text):
    assert share_text(share) == text


def test_it_says_when_there_is_nothing_yet(chart):
    chart.show_digest(None)
    assert chart._empty.isVisible()
    assert not chart.legend.isVisible()
    assert not chart.button.isVisible()
    empty = make_course(loss_by_level=np.full((10, 16), np.nan))
    chart.show_digest(digest(empty, make_facts()))
    assert chart._empty.text() == "This run wrote down no loss by noise level"


def test_it_takes_the_colours_of_another_theme(qapp, chart):
    before = chart.image.image.copy()
    apply_theme(qapp, LIGHT)
    assert (chart.image.image != before).any()
