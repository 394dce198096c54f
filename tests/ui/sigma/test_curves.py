"""Curves over σ are drawn in the plot of the schedule, by mouse and by keyboard."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from studio.diffusion import schedule
from studio.diffusion.curve import curve
from studio.library import Recipe
from studio.session.curves import drawables
from studio.ui.sigma.editor import ScheduleEditor
from studio.ui.sigma.places import Places, ValueScale, round_step, round_top
from tests.fakes import FakeModel

NO, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
SIGMAS = schedule("karras", 10)
BASE = Recipe(steps=10, guidance_curve="80: 1, 5: 3, 0.1: 1")


@pytest.fixture
def editor(qtbot):
    plot = ScheduleEditor()
    qtbot.addWidget(plot)
    plot.resize(620, 240)
    plot.show()
    plot.set_sigmas(SIGMAS)
    plot.set_plan(SIGMAS, BASE)
    plot.set_curves(drawables(BASE, FakeModel().info))
    plot.show_layer("guidance_curve")
    plot.grab()
    return plot


@pytest.fixture
def told(editor):
    """What is drawn comes back as a recipe, as in the window."""
    heard = []

    def take(field, text):
        heard.append(curve(text).points)
        recipe = BASE.model_copy(update={field: text})
        editor.set_curves(drawables(recipe, FakeModel().info))

    editor.curve_edited.connect(take)
    return heard


def send(plot, kind, spot, button=LEFT, modifiers=NO):
    port = plot.plot.viewport()
    held = button if kind != QEvent.Type.MouseButtonRelease else Qt.MouseButton.NoButton
    pressed = button if kind != QEvent.Type.MouseMove else Qt.MouseButton.NoButton
    point = QPointF(*spot)
    place = QPointF(port.mapToGlobal(point.toPoint()))
    QApplication.sendEvent(port, QMouseEvent(kind, point, place, pressed, held, modifiers))


def drag(plot, spot, end, modifiers=NO):
    send(plot, QEvent.Type.MouseButtonPress, spot)
    for share in (0.3, 0.7, 1.0):
        on_the_way = [a + share * (b - a) for a, b in zip(spot, end, strict=True)]
        send(plot, QEvent.Type.MouseMove, on_the_way, modifiers=modifiers)
    send(plot, QEvent.Type.MouseButtonRelease, end)


def spot(plot, sigma, value):
    height = plot.scale_of(plot.drawable).height(value)
    return plot._pixel(plot.places.place(sigma), height)


def test_a_point_is_dragged_to_a_level_and_a_round_value(editor, told):
    x, y = spot(editor, SIGMAS[5], 2.0)
    drag(editor, spot(editor, 5.0, 3.0), (x + 3, y - 3))
    assert told[-1] == ((80.0, 1.0), (SIGMAS[5], 2.0), (0.1, 1.0))


def test_with_alt_nothing_snaps(editor, told):
    x, y = spot(editor, SIGMAS[5], 2.0)
    drag(editor, spot(editor, 5.0, 3.0), (x + 3, y - 3), ALT)
    _, (sigma, value), _ = told[-1]
    assert sigma < SIGMAS[5] and sigma == pytest.approx(SIGMAS[5], rel=0.2)
    assert 2.0 < value < 2.2


def test_a_drag_straight_up_keeps_the_level(editor, told):
    x, y = spot(editor, 5.0, 3.0)
    drag(editor, (x, y), (x + 2, spot(editor, 5.0, 3.6)[1]))
    assert told[-1][1] == (5.0, 3.6)


def test_a_point_cannot_pass_its_neighbours_but_makes_a_jump(editor, told):
    _, y = spot(editor, 5.0, 3.0)
    drag(editor, spot(editor, 5.0, 3.0), (5, y))
    assert told[-1] == ((80.0, 1.0), (80.0, 3.0), (0.1, 1.0))
    assert editor.drawable.curve(80.0) == 3.0 and editor.drawable.curve(80.1) == 1.0


def test_the_sides_of_a_jump_go_together_until_a_level_is_typed(editor, told, qtbot):
    editor.hand.edited.emit("guidance_curve", "5: 1, 5: 3, 0.1: 3, 0.1: 1")
    x, y = spot(editor, SIGMAS[4], 2.0)
    drag(editor, spot(editor, 5.0, 3.0), (x + 2, y))
    assert told[-1] == ((SIGMAS[4], 1.0), (SIGMAS[4], 2.0), (0.1, 3.0), (0.1, 1.0))
    qtbot.keyClick(editor, Qt.Key.Key_Right, SHIFT)
    assert told[-1][:2] == ((SIGMAS[5], 1.0), (SIGMAS[5], 2.0))
    drag(editor, spot(editor, SIGMAS[5], 2.0), (editor.plot.viewport().width() - 10, y))
    assert told[-1][1] == (pytest.approx(0.1, rel=0.01), 2.0) and told[-1][1][0] > 0.1
    editor.point_sigma.typed.emit(0.105)
    editor.select_point(0)
    editor.point_sigma.typed.emit(50.0)
    assert told[-1][0] == (50.0, 1.0) and told[-1][1][0] < 1


def test_a_value_is_never_below_0(editor, told):
    x, y = spot(editor, 5.0, 3.0)
    drag(editor, (x, y), (x, y + 300), ALT)
    assert told[-1][1] == (5.0, 0.0)


def test_the_scale_stays_while_a_point_is_dragged_and_then_fits(editor, told):
    x, y = spot(editor, 5.0, 3.0)
    before = editor.scale_of(editor.drawable).top
    send(editor, QEvent.Type.MouseButtonPress, (x, y))
    send(editor, QEvent.Type.MouseMove, (x, y - 70))
    assert editor.scale_of(editor.drawable).top == before == 4.0
    send(editor, QEvent.Type.MouseButtonRelease, (x, y - 70))
    assert editor.scale_of(editor.drawable).top > before


def test_a_double_click_adds_a_point_where_it_was(editor, told):
    send(editor, QEvent.Type.MouseButtonDblClick, spot(editor, SIGMAS[7], 2.0))
    assert told[-1] == ((80.0, 1.0), (5.0, 3.0), (0.1, 1.0), (SIGMAS[7], 2.0)) or told[-1] == (
        (80.0, 1.0),
        (5.0, 3.0),
        (SIGMAS[7], 2.0),
        (0.1, 1.0),
    )
    assert editor.point_sigma.isVisible()


def test_a_click_elsewhere_moves_the_cursor(editor, told, qtbot):
    with qtbot.waitSignal(editor.step_chosen) as chosen:
        send(editor, QEvent.Type.MouseButtonPress, spot(editor, SIGMAS[8], 3.5))
    assert chosen.args == [8] and not told and editor.selected_point is None


def test_keys_choose_nudge_shift_add_and_take_away(editor, told, qtbot):
    editor.select_point(0)
    qtbot.keyClick(editor, Qt.Key.Key_Right)
    assert editor.selected_point == 1
    for modifiers, size in ((NO, 0.05), (SHIFT, 0.005), (CONTROL, 0.5)):
        before = editor.drawable.curve.points[1][1]
        qtbot.keyClick(editor, Qt.Key.Key_Down, modifiers)
        assert before - told[-1][1][1] == pytest.approx(size)
    qtbot.keyClick(editor, Qt.Key.Key_Right, SHIFT)
    lower = max(sigma for sigma in SIGMAS if sigma < 5.0)
    assert told[-1][1][0] == lower
    qtbot.keyClick(editor, Qt.Key.Key_Left, SHIFT)
    assert told[-1][1][0] == min(sigma for sigma in SIGMAS if sigma > lower)
    qtbot.keyClick(editor, Qt.Key.Key_Insert)
    assert len(told[-1]) == 4 and editor.selected_point == 2
    assert told[-1][1][0] > told[-1][2][0] > told[-1][3][0]
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    assert len(told[-1]) == 3


def test_exact_numbers_are_typed(editor, told, qtbot):
    editor.select_point(1)
    editor.point_value.begin()
    editor.point_value.setText("2,75")
    qtbot.keyClick(editor.point_value, Qt.Key.Key_Return)
    assert told[-1][1] == (5.0, 2.75)
    assert editor.point_value.accessibleName() == "Guidance at point 2"
    editor.point_sigma.begin()
    editor.point_sigma.setText("0")
    qtbot.keyClick(editor.point_sigma, Qt.Key.Key_Return)
    assert len(told) == 1 and "above 0" in editor.point_sigma.toolTip()
    editor.point_sigma.setText("1.5")
    qtbot.keyClick(editor.point_sigma, Qt.Key.Key_Return)
    assert told[-1][1] == (1.5, 2.75)


def test_the_last_point_stays_as_a_constant(editor, told, qtbot):
    editor.select_point(0)
    for _ in range(4):
        qtbot.keyClick(editor, Qt.Key.Key_Delete)
    assert told[-1] == ((1.0, 1.0),) and len(told) == 2
    assert not editor.point_sigma.isVisible() and editor.point_value.isVisible()


def test_the_other_layers_are_dimmed_and_left_alone(editor, told):
    assert editor.plot.getAxis("right").isVisible() and editor.curve_layer.dots.isVisible()
    assert editor.curve.opts["pen"].color().alphaF() < 0.5
    assert not editor.diamond.isVisible() and not editor.band.isVisible()
    changed = []
    editor.levels_edited.connect(changed.append)
    drag(editor, editor._spot(8, SIGMAS[8]), spot(editor, SIGMAS[8], 0.5))
    assert not changed
    editor.show_layer("")
    assert not editor.plot.getAxis("right").isVisible()
    assert not editor.curve_layer.dots.isVisible() and len(editor.faint.line.getData()[0])
    assert editor.curve.opts["pen"].color().alphaF() == 1


def test_layers_are_chosen_by_click_and_by_arrow(editor, qtbot):
    tabs = editor.tabs
    assert [tab.accessibleName() for tab in tabs._tabs] == [
        "edit schedule",
        "edit Guidance",
        "edit Churn",
    ]
    qtbot.mouseClick(tabs._tabs[2], LEFT)
    assert editor.drawable.field == "knobs.churn_curve"
    qtbot.keyClick(tabs._tabs[2], Qt.Key.Key_Left)
    assert editor.drawable.field == "guidance_curve"


def test_a_layer_that_goes_leaves_the_schedule(editor):
    editor.show_layer("knobs.churn_curve")
    editor.set_curves(drawables(BASE.model_copy(update={"sampler": "unipc"}), FakeModel().info))
    assert editor.drawable is None and not editor.plot.getAxis("right").isVisible()


def test_the_take_has_its_own_levels_and_cursor(editor):
    editor.show_layer("")
    editor.set_cursor(3)
    editor.set_taken((40.0, 9.0, 3.0, 1.0, 0.2, 0.0))
    assert editor.taken.point.getData()[0].tolist() == [3 * 10 / 5]
    assert editor.taken.point.getData()[1].tolist() == pytest.approx([0.0])  # log10 of 1
    assert "take σ 1 " in editor.readout.text() and "plan" in editor.readout.text()
    editor.set_taken(())
    assert not editor.taken.point.isVisible() and "take" not in editor.readout.text()


# Plain arithmetic

LISTS = [SIGMAS, (80.0, 0.0), (50.0, 10.0, 1.0), (80.0, 5.0, 1.0, 8.0, 0.5, 0.0)]


@pytest.mark.parametrize("levels", LISTS)
@pytest.mark.parametrize("sigma", [60.0, 7.0, 0.6, 0.01])
def test_a_place_leads_back_to_its_level(levels, sigma):
    places = Places(levels)
    low = min(level for level in levels if level > 0) * (1e-3 if levels[-1] == 0 else 1)
    back = places.sigma(places.place(sigma))
    assert back == pytest.approx(min(max(sigma, low), levels[0]))


def test_the_levels_of_a_list_stand_at_its_steps():
    places = Places(SIGMAS)
    assert [places.place(sigma) for sigma in SIGMAS[:-1]] == pytest.approx(range(10))
    assert places.place(1e-30) == pytest.approx(10)


@pytest.mark.parametrize("text", ["2", "80: 0, 5: 3, 0.001: 1", "80: 0, 5: 0, 5: 3, 0.1: 3"])
def test_a_trace_is_the_curve(text):
    places, drawn = Places(SIGMAS), curve(text)
    xs, values = places.trace(drawn)
    assert xs == sorted(xs)
    jumps = {x for x, after in pairwise(xs) if x == after}
    for x, value in zip(xs, values, strict=True):
        if x not in jumps and x < 10:
            assert value == pytest.approx(drawn(places.sigma(x)))
    assert len(jumps) == (text.count("5:") == 2)


@pytest.mark.parametrize("top", [0.3, 1.0, 4.0, 70.0, 1234.0])
def test_scales_are_round_and_hold_what_they_are_for(top):
    assert round_top([top], 0.0) >= 1.15 * top
    assert round_top([0.1 * top], top) == pytest.approx(top, rel=1)
    assert top / 60 <= round_step(top) <= top / 9
    scale = ValueScale.within(top, -3.0, 2.0)
    assert scale.value(scale.height(top / 3)) == pytest.approx(top / 3)
