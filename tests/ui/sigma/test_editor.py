"""The schedule is shaped in its plot, by mouse and by keyboard."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from studio.diffusion import schedule
from studio.library import Recipe
from studio.ui.sigma.axis import LINEAR, SNR, time_axis
from studio.ui.sigma.editor import ScheduleEditor

NO = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def recipe():
    return Recipe(steps=10, knobs={"s_churn": 20.0, "s_tmin": 0.05, "s_tmax": 50.0})


@pytest.fixture
def editor(qtbot, recipe):
    plot = ScheduleEditor()
    qtbot.addWidget(plot)
    plot.resize(620, 240)
    plot.show()
    show(plot, recipe, schedule("karras", 10))
    plot.grab()
    return plot


def show(plot, recipe, sigmas):
    plot.set_sigmas(sigmas)
    plot.set_band((0.05, 50.0))
    plot.set_plan(sigmas, recipe)


def send(plot, kind, spot, button=LEFT, modifiers=NO):
    port = plot.plot.viewport()
    held = button if kind != QEvent.Type.MouseButtonRelease else Qt.MouseButton.NoButton
    pressed = button if kind != QEvent.Type.MouseMove else Qt.MouseButton.NoButton
    point = QPointF(*spot)
    place = QPointF(port.mapToGlobal(point.toPoint()))
    QApplication.sendEvent(port, QMouseEvent(kind, point, place, pressed, held, modifiers))


def drag(plot, spot, by, modifiers=NO):
    end = (spot[0], spot[1] + by)
    send(plot, QEvent.Type.MouseButtonPress, spot)
    for share in (0.3, 0.7, 1.0):
        send(plot, QEvent.Type.MouseMove, (spot[0], spot[1] + share * by), modifiers=modifiers)
    send(plot, QEvent.Type.MouseButtonRelease, end)


def heard(signal):
    told = []
    signal.connect(lambda *args: told.append(args if len(args) > 1 else args[0]))
    return told


def level(plot, step):
    return plot._spot(step, plot._levels[step])


def test_a_point_that_is_dragged_is_a_level_moved(editor):
    told = heard(editor.levels_edited)
    before = editor._levels
    drag(editor, level(editor, 4), 6, Qt.KeyboardModifier.AltModifier)
    assert told[-1][4] < before[4]
    assert told[-1][:4] + told[-1][5:] == before[:4] + before[5:]
    assert list(told[-1]) == sorted(told[-1], reverse=True)


def test_a_point_cannot_pass_its_neighbours(editor):
    told = heard(editor.levels_edited)
    drag(editor, level(editor, 4), 150)
    assert editor._levels[5] < told[-1][4] < editor._levels[5] * 1.01


def test_a_point_snaps_to_the_line_between_its_neighbours(editor):
    told = heard(editor.levels_edited)
    middle = (editor._levels[3] * editor._levels[5]) ** 0.5
    by = editor._spot(4, middle)[1] - level(editor, 4)[1]
    drag(editor, level(editor, 4), by + 3)
    assert told[-1][4] == pytest.approx(middle)
    drag(editor, level(editor, 4), by + 3, Qt.KeyboardModifier.AltModifier)
    assert told[-1][4] != pytest.approx(middle, rel=1e-3)


def test_a_click_chooses_a_step_and_changes_nothing(editor):
    edited, chosen = heard(editor.levels_edited), heard(editor.step_chosen)
    drag(editor, level(editor, 4), 0)
    assert not edited and chosen == [4]
    assert editor._selected == 4


@pytest.mark.parametrize(("step", "field"), [(0, "sigma_max"), (9, "sigma_min")])
def test_the_ends_are_the_range_of_the_schedule(editor, step, field):
    told = heard(editor.knob_edited)
    before = editor._levels[step]
    drag(editor, level(editor, step), -8)
    assert told[-1][0] == field and told[-1][1] > before


def test_the_ends_of_a_custom_list_are_levels(editor, recipe):
    show(editor, recipe.model_copy(update={"schedule": "custom"}), schedule("karras", 10))
    told = heard(editor.levels_edited)
    drag(editor, level(editor, 0), 6)
    assert told[-1][0] < 80


def test_the_diamond_bends_the_schedule(editor):
    told = heard(editor.knob_edited)
    spot = editor._bend_spot()
    drag(editor, spot, -15)
    assert told[-1][0] == "schedule_knobs.rho" and told[-1][1] < 7
    drag(editor, spot, 10)
    assert told[-1][1] > 7


def test_the_diamond_follows_the_mouse(editor, recipe):
    told = heard(editor.knob_edited)
    x, y = editor._bend_spot()
    drag(editor, (x, y), -12)
    rho = told[-1][1]
    bent = recipe.model_copy(update={"schedule_knobs": {"rho": rho}})
    show(editor, bent, schedule("karras", 10, rho=rho))
    assert editor._bend_spot()[1] == pytest.approx(y - 12, abs=4)


def test_a_schedule_without_rho_has_no_diamond(editor, recipe):
    show(editor, recipe.model_copy(update={"schedule": "vp"}), schedule("vp", 10))
    assert not editor.diamond.isVisible()


@pytest.mark.parametrize(("edge", "by"), [("s_tmin", -12), ("s_tmax", 12)])
def test_the_edges_of_the_band_are_those_of_the_churn(editor, edge, by):
    told = heard(editor.knob_edited)
    before = {"s_tmin": 0.05, "s_tmax": 50.0}[edge]
    spot = (level(editor, 2)[0] + 20, editor._edges()[edge])
    drag(editor, spot, by)
    assert told[-1][0] == f"knobs.{edge}"
    assert (told[-1][1] > before) == (by < 0)


def test_a_double_click_adds_a_step_where_it_was(editor):
    told = heard(editor.levels_edited)
    x = (level(editor, 3)[0] + level(editor, 4)[0]) / 2
    sigma = (editor._levels[3] * editor._levels[4]) ** 0.5
    send(editor, QEvent.Type.MouseButtonDblClick, (x, editor._spot(3, sigma)[1]))
    assert len(told[-1]) == 11
    assert told[-1][4] == pytest.approx(sigma, rel=0.05)
    assert told[-1][:4] == editor._levels[:4]


KEYS = {
    Qt.Key.Key_Up: 1.01,
    Qt.Key.Key_Down: 1 / 1.01,
}


@pytest.mark.parametrize("key", KEYS)
def test_arrows_nudge_a_level(editor, qtbot, key):
    told = heard(editor.levels_edited)
    editor.select(4)
    qtbot.keyClick(editor, key)
    assert told[-1][4] == pytest.approx(editor._levels[4] * KEYS[key])
    qtbot.keyClick(editor, key, Qt.KeyboardModifier.ShiftModifier)
    assert told[-1][4] == pytest.approx(editor._levels[4] * KEYS[key] ** 0.1)
    qtbot.keyClick(editor, key, Qt.KeyboardModifier.ControlModifier)
    assert told[-1][4] == pytest.approx(editor._levels[4] * KEYS[key] ** 9.58)


def test_keys_walk_add_and_take_away(editor, qtbot):
    told, chosen = heard(editor.levels_edited), heard(editor.step_chosen)
    editor.select(4)
    qtbot.keyClick(editor, Qt.Key.Key_Right)
    qtbot.keyClick(editor, Qt.Key.Key_Left)
    assert chosen == [5, 4]
    qtbot.keyClick(editor, Qt.Key.Key_Insert)
    assert len(told[-1]) == 11 and editor._levels[5] < told[-1][5] < editor._levels[4]
    editor.select(4)
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    assert told[-1] == editor._levels[:4] + editor._levels[5:]


def test_an_exact_level_is_typed(editor, qtbot):
    told = heard(editor.levels_edited)
    editor.select(4)
    assert editor.field.isVisible() and "step 5" in editor.field.accessibleName()
    editor.field.begin()
    editor.field.setText("4,25")
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    assert told[-1][4] == 4.25
    editor.field.begin()
    editor.field.setText("much")
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    assert len(told) == 1 and "not a number" in editor.field.toolTip()


def test_the_axes_stay_while_something_is_dragged(editor):
    box = editor.plot.getPlotItem().getViewBox()
    before = box.viewRange()
    spot = level(editor, 0)
    send(editor, QEvent.Type.MouseButtonPress, spot)
    send(editor, QEvent.Type.MouseMove, (spot[0], spot[1] + 20))
    editor.set_sigmas(schedule("karras", 10, sigma_max=20.0))
    assert box.viewRange() == before
    send(editor, QEvent.Type.MouseButtonRelease, spot)
    assert box.viewRange() != before


def test_a_list_that_is_not_the_solvers_own_cannot_be_dragged(editor, recipe):
    editor.set_plan((), recipe)
    told = heard(editor.levels_edited)
    drag(editor, editor._pixel(4, 0.5), 20)
    assert not editor.editable and not told and not editor.ring.isVisible()


@pytest.mark.parametrize("axis", [LINEAR, SNR, time_axis([0.01 * 1.1**i for i in range(100)])])
def test_every_axis_can_be_dragged_in(editor, axis):
    editor.set_axis(axis)
    told = heard(editor.levels_edited)
    drag(editor, level(editor, 3), 5 if axis is not SNR else -5)
    assert told[-1][3] < editor._levels[3]


@pytest.mark.parametrize("axis", [LINEAR, SNR, time_axis([0.01 * 1.1**i for i in range(100)])])
@pytest.mark.parametrize("sigma", [0.02, 0.5, 7.0, 99.0])
def test_an_axis_leads_there_and_back(axis, sigma):
    assert axis.sigma(axis.height(sigma)) == pytest.approx(sigma)


def test_overlays_are_drawn_with_their_names(editor):
    editor.set_overlays({"VP": schedule("vp", 10), "Mine": (5.0, 1.0, 0.0)})
    assert [item.toPlainText() for item in editor.overlays._names] == ["VP", "Mine"]
    x, _ = editor.overlays.curve.getData()
    assert len(x) == 10 + 2 + 2
    editor.set_overlays({})
    assert not editor.overlays._names


def test_falls_are_bars(editor):
    editor.show_falls(True)
    heights = editor.falls.bars.opts["height"]
    assert len(heights) == 9 and max(heights) == heights[-1] > 0
    editor.show_falls(False)
    assert not editor.falls.bars.isVisible()
