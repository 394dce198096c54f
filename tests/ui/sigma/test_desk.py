"""What is drawn becomes the recipe, and what is kept comes back."""

import pytest
from PySide6.QtWidgets import QApplication


@pytest.fixture
def plot(window):
    return window.tab.viewer.plots.schedule


def entries(menu):
    return {action.text(): action for action in menu.actions() if action.text()}


def test_a_drawn_list_is_the_list_of_the_run(window, plot):
    levels = (50.0, 10.0, 3.25, 0.5, 0.01)
    plot.levels_edited.emit(levels)
    editor = window.studio.editor
    assert editor.recipe.schedule == "custom" and editor.recipe.steps == 5
    assert editor.plan.sigmas == (*levels, 0.0)
    assert plot.editable and plot._levels == levels
    assert window.tab.panel.sampler.findChild(object, "levels").text() == "50.0 10.0 3.25 0.5 0.01"
    editor.undo()
    assert editor.recipe.schedule == "karras"


def test_one_drag_is_undone_at_once(window, plot):
    for sigma in (9.0, 8.0, 7.0):
        plot.levels_edited.emit((50.0, sigma, 0.01))
    window.studio.editor.undo()
    assert window.studio.editor.recipe.schedule == "karras"


def test_handles_turn_knobs(window, plot):
    plot.knob_edited.emit("sigma_max", 40.0)
    plot.knob_edited.emit("schedule_knobs.rho", 3.0)
    recipe = window.studio.editor.recipe
    assert (recipe.schedule, recipe.sigma_max, recipe.schedule_knobs) == (
        "karras",
        40.0,
        {"rho": 3.0},
    )


def test_a_list_out_of_the_models_range_says_so(window, plot):
    plot.levels_edited.emit((500.0, 1.0, 0.01))
    assert "σ max" in window.studio.editor.problem or window.studio.editor.plan.sigmas[0] == 80


def test_schedules_are_kept_laid_over_used_and_forgotten(window, plot):
    desk, studio = window.tab.schedule_desk, window.studio
    plot.levels_edited.emit((50.0, 10.0, 3.25, 0.5, 0.01))
    desk.keep("Mine")
    studio.editor.edit("schedule", "karras")
    menu = desk.menu()
    over = entries(entries(menu)["Lay over"].menu())
    over["Mine"].setChecked(True)
    over["Exponential"].setChecked(True)
    assert set(plot._overlays) == {"Mine", "Exponential"}
    assert plot._overlays["Mine"] == (50.0, 10.0, 3.25, 0.5, 0.01, 0.0)
    entries(entries(menu)["Use a kept one"].menu())["Mine"].trigger()
    assert studio.editor.plan.sigmas == (50.0, 10.0, 3.25, 0.5, 0.01, 0.0)
    entries(entries(menu)["Forget a kept one"].menu())["Mine"].trigger()
    assert not studio.settings.own_schedules and set(plot._overlays) == {"Exponential"}


def test_the_axis_is_chosen_and_remembered(window, plot):
    menu = window.tab.schedule_desk.menu()
    entries(entries(menu)["Axis"].menu())["log SNR"].trigger()
    assert plot.axis.id == "snr" and window.studio.settings.sigma_axis == "snr"
    entries(menu)["Show the falls of ln σ"].trigger()
    assert plot.falls.bars.isVisible()


def test_the_menu_opens_from_its_button(window, plot):
    plot.more.click()
    menu = QApplication.activePopupWidget()
    assert "Axis" in entries(menu)
    menu.close()


def test_a_solver_with_a_way_of_its_own_is_not_edited(window, plot):
    window.studio.editor.edit("sampler", "dpm_fast")
    assert not plot.editable
    window.studio.editor.edit("sampler", "euler")
    assert plot.editable


def test_a_drawn_curve_is_the_recipes_and_is_undone(window, plot):
    editor, panel = window.studio.editor, window.tab.panel
    before = editor.recipe
    plot.show_layer("guidance_curve")
    for value in ("3", "3.5"):
        plot.curve_edited.emit("guidance_curve", f"80: 1, 5: {value}, 0.1: 1")
    assert editor.recipe.guidance_curve == "80: 1, 5: 3.5, 0.1: 1"
    assert panel.condition.curve.box.text() == "80: 1, 5: 3.5, 0.1: 1"
    assert not panel.condition.guidance.isEnabled()
    editor.undo()
    assert editor.recipe == before and panel.condition.guidance.isEnabled()
    plot.curve_edited.emit("guidance_curve", "2.5")
    assert editor.recipe.guidance == 2.5 and not plot.drawable.own


def test_shapes_begin_a_curve_and_lead_back(window, plot):
    desk, editor = window.tab.schedule_desk, window.studio.editor
    assert "Shape" not in entries(desk.menu())
    editor.edit("knobs.s_churn", 20.0)
    plot.show_layer("knobs.churn_curve")
    menu = desk.menu()
    shapes = entries(entries(menu)["Shape"].menu())
    shapes["Linear, falling"].trigger()
    assert editor.recipe.knobs["churn_curve"] == "80: 40, 0.002: 0"
    rows = {id: row for row in window.tab.panel.noise.stack.row_list for id in row.ids}
    assert not rows["s_churn"].isEnabled() and not rows["s_tmin"].isEnabled()
    assert rows["s_noise"].isEnabled() and rows["churn_curve"].isEnabled()
    assert not plot.band.isVisible()
    entries(desk.shapes())["Back to what its knobs say"].trigger()
    assert editor.recipe.knobs == {"s_churn": 20.0} and rows["s_churn"].isEnabled()


def test_a_curve_of_any_solver_can_be_drawn(window, plot):
    window.studio.editor.edit("sampler", "pc")
    plot.show_layer("knobs.langevin")
    plot.curve_edited.emit("knobs.langevin", "80: 0, 1: 1")
    assert window.studio.editor.recipe.knobs["langevin"] == "80: 0, 1: 1"
    window.studio.editor.edit("sampler", "heun")
    assert plot.drawable is None


def test_live_keeps_the_steps_above_the_change_of_a_curve(window, plot, qtbot):
    studio = window.studio
    studio.editor.edit("guidance_curve", "80: 1, 5: 3, 0.1: 1")
    with qtbot.waitSignal(studio.sampling.ended):
        studio.generate()
    plot.show_layer("guidance_curve")
    plot.curve_edited.emit("guidance_curve", "80: 1, 5: 3, 0.1: 2")
    above = sum(sigma >= 5 for sigma in studio.editor.plan.sigmas)
    assert studio.branching.kept_steps == above - 1
    plot.curve_edited.emit("guidance_curve", "80: 2, 5: 3, 0.1: 2")
    assert studio.branching.kept_steps == 0


def test_the_plot_marks_the_take_where_the_plan_leads_elsewhere(window, plot, qtbot):
    studio = window.studio
    with qtbot.waitSignal(studio.sampling.ended):
        studio.generate()
    assert not plot.taken.point.isVisible()
    studio.editor.edit("schedule_knobs.rho", 3.0)
    window.tab.viewer.look_at(4)
    sigma = window.tab.viewer.trajectory.sigmas[4]
    assert plot.taken.point.getData()[1][0] == plot.axis.height(sigma)
    assert plot.point.getData()[1][0] == plot.axis.height(studio.editor.plan.sigmas[4])
