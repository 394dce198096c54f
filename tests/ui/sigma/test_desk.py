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
