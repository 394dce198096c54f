import pytest
from PySide6.QtCore import Qt

from studio.library import Recipe
from studio.session.editor import RecipeEditor
from studio.ui.design_dialog import DesignDialog


@pytest.fixture
def editor(qtbot):
    return RecipeEditor(Recipe(steps=9, sigma_max=40.0))


@pytest.fixture
def dialog(qtbot, editor):
    dialog = DesignDialog(editor.recipe)
    qtbot.addWidget(dialog)
    dialog.chosen.connect(editor.edit_all)
    editor.changed.connect(dialog.show_recipe)
    return dialog


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def checked(dialog):
    return {place for place, cell in dialog.cells.items() if cell.isChecked()}


def test_the_recipe_is_marked_in_the_table(dialog):
    assert checked(dialog) == {
        ("Solver", 3),
        ("Time steps", 3),
        ("Path σ(t)", 2),
        ("Path σ(t)", 3),
        ("Scaling s(t)", 1),
        ("Scaling s(t)", 2),
        ("Scaling s(t)", 3),
    }
    assert not any(head.isChecked() for head in dialog.heads)  # its own σ max


def test_a_column_is_taken_whole_and_undone_in_one_go(dialog, editor, qtbot):
    before = editor.recipe
    press(qtbot, dialog.heads[0])
    recipe = editor.recipe
    assert (recipe.sampler, recipe.schedule, recipe.sigma_max) == ("euler", "vp", None)
    assert recipe.knobs == {"path": "vp", "scaling": "vp"}
    assert [head.isChecked() for head in dialog.heads] == [True, False, False, False]
    assert recipe.steps == 9
    editor.undo()
    assert editor.recipe == before


def test_one_ingredient_is_taken_alone(dialog, editor, qtbot):
    press(qtbot, dialog.cells["Time steps", 1])
    assert (editor.recipe.sampler, editor.recipe.schedule) == ("heun", "ve")
    assert editor.recipe.sigma_max == 40.0


def test_a_click_on_what_is_taken_already_leaves_it_taken(dialog, editor, qtbot):
    before = editor.recipe
    press(qtbot, dialog.cells["Solver", 3])
    assert editor.recipe == before
    assert dialog.cells["Solver", 3].isChecked()


def test_a_solver_with_a_way_of_its_own_says_why_no_path_can_be_taken(dialog, editor):
    editor.edit("sampler", "dpmpp_2m")
    cell = dialog.cells["Path σ(t)", 0]
    assert not cell.isEnabled()
    assert "take Euler or Heun" in cell.toolTip()


def test_every_cell_has_a_name_for_a_screen_reader(dialog):
    names = [cell.accessibleName() for cell in dialog.cells.values()]
    assert len(set(names)) == len(names) == 16
