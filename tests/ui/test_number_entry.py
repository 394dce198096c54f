"""Numbers are typed as in English or in German, in every field of the window."""

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QLineEdit

from studio.ui.field import NumberField
from studio.ui.seed_row import SeedRow

FIELDS = ("sigma_min", "sigma_max", "rho", "s_churn", "s_tmin", "s_tmax", "s_noise", "guidance")


@pytest.fixture(params=["C", "de_DE"])
def locale(request):
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield request.param
    QLocale.setDefault(before)


def typed(qtbot, field, text):
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_every_field_takes_point_and_comma(qtbot, window, locale):
    for name in FIELDS:
        field = window.findChild(NumberField, name)
        for text, value in (("1.25", 1.25), ("1,5", 1.5), ("0,75", 0.75)):
            typed(qtbot, field, text)
            assert field.value() == value, (name, text)
            assert not window.tab.panel.problem
    recipe = window.studio.editor.recipe
    assert recipe.guidance == 0.75 and recipe.knobs["s_churn"] == 0.75


def test_a_list_of_levels_takes_them_too(qtbot, window, locale):
    window.studio.editor.edit("schedule", "custom")
    levels = window.findChild(QLineEdit, "levels")
    for text in ("40 2.5 0.25", "40 2,5 0,25"):
        levels.setFocus()
        levels.selectAll()
        qtbot.keyClicks(levels, text)
        qtbot.keyClick(levels, Qt.Key.Key_Return)
        assert window.studio.editor.recipe.schedule_knobs["levels"] == text
        assert window.studio.editor.problem == ""


def test_a_long_list_of_seeds_ends_in_dots_until_it_is_edited(qtbot):
    row = SeedRow()
    qtbot.addWidget(row)
    row.resize(280, 28)
    row.show()
    row.set_value((5, 9, 1200, 77, 31337, 2))
    assert row.edit.text().startswith("5, 9,") and row.edit.text().endswith("…")
    wide = len(row.edit.text())
    row.resize(360, 28)
    assert len(row.edit.text()) > wide
    row.resize(280, 28)
    row.activateWindow()
    qtbot.waitUntil(row.isActiveWindow)
    row.edit.clearFocus()
    row.edit.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: row.edit.text() == "5, 9, 1200, 77, 31337, 2")
    row.edit.clearFocus()
    assert row.edit.text().endswith("…")
