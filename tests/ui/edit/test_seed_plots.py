"""The plots under the canvas: lines, their ends, and what is said where there are none."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.ui.edit.plots import NOTHING, QualityPlot, ResidualPlot
from studio.ui.edit.seed_lines import SeedPlot


@pytest.fixture
def shown(qtbot):
    def show(plot):
        qtbot.addWidget(plot)
        plot.resize(420, 200)
        plot.show()
        return plot

    return show


def falling(steps=20, seeds=6):
    return 10.0 ** -np.linspace(0, 4, steps)[:, None] * np.linspace(1, 2, seeds)[None]


def test_the_chosen_seed_is_bold_and_the_others_are_thin_lines(shown):
    plot = shown(ResidualPlot())
    plot.show_residuals(falling(), 2, 20)
    x, y = plot.lines.bright.getData()
    assert np.allclose(x, np.arange(20))
    assert np.allclose(y, np.log10(falling()[:, 2]))
    _, others = plot.lines.others.getData()
    assert np.isfinite(others).sum() == 5 * 20
    assert plot.lines.bright.opts["pen"].widthF() > plot.lines.others.opts["pen"].widthF()
    assert plot.readout.text() == "log · per step · 6 seeds"


def test_the_axis_reaches_from_the_least_to_the_greatest(shown):
    plot = shown(ResidualPlot())
    plot.show_residuals(falling(), 0, 40)
    (left, right), (low, high) = plot.plot.getPlotItem().getViewBox().viewRange()
    assert left < 0
    assert right > 39
    assert low == pytest.approx(-4, abs=0.3)
    assert high == pytest.approx(np.log10(2), abs=0.5)


def test_a_residual_of_0_lies_on_the_floor_and_does_not_stretch_the_axis(shown):
    plot = shown(ResidualPlot())
    values = falling(5, 1)
    values[-1] = 0.0
    plot.show_residuals(values, 0)
    _, y = plot.lines.bright.getData()
    assert np.isfinite(y).all()
    assert y[-1] == y.min() == pytest.approx(np.log10(values[-2, 0]))


def test_values_that_are_not_there_yet_leave_a_gap(shown):
    plot = shown(ResidualPlot())
    values = falling(6, 2)
    values[3] = np.nan
    plot.show_residuals(values, 1)
    assert np.isnan(plot.lines.bright.getData()[1][3])


def test_without_values_it_says_so(shown):
    plot = shown(SeedPlot("some", "SOME", "accent"))
    plot.say("No picture yet")
    plot.show_values(NOTHING, 3)
    assert plot._empty.isVisible()
    assert plot._empty.text() == "No picture yet"
    plot.show_values(falling(3, 1), 0)
    assert not plot._empty.isVisible()


def test_the_note_loses_whole_figures_where_there_is_no_room(shown):
    plot = shown(ResidualPlot())
    plot.resize(270, 200)
    plot.show_residuals(falling(), 0, 20)
    assert plot.readout.text() in ("log · per step", "log")
    plot.resize(600, 200)
    assert plot.readout.text() == "log · per step · 6 seeds"


def test_the_mouse_reads_a_step(shown):
    plot = shown(ResidualPlot())
    plot.show_residuals(falling(3, 1), 0, 3)
    viewport = plot.plot.viewport()
    QTest.mouseMove(viewport, viewport.rect().center())
    assert plot.readout.text().startswith("step 2 · ")
    assert "0.01" in plot.readout.text()


def test_psnr_and_ssim_change_places(shown):
    plot = shown(QualityPlot())
    plot.show_known(known=False)
    assert "no original" in plot.psnr._empty.text()
    psnr, ssim = np.linspace(5, 30, 10)[:, None], np.linspace(0, 0.9, 10)[:, None]
    plot.show_quality(psnr, ssim, 0, 10)
    assert plot.shown is plot.psnr
    assert plot.psnr.readout.text() == "the original is known"
    QTest.mouseClick(plot._others[plot.psnr], Qt.MouseButton.LeftButton)
    assert plot.shown is plot.ssim
    assert plot.ssim.plot.getPlotItem().getViewBox().viewRange()[1][1] > 1
    QTest.mouseClick(plot._others[plot.ssim], Qt.MouseButton.LeftButton)
    assert plot.shown is plot.psnr
