"""Undo is about the recipe of the tab that is shown."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.ui.pages import EDIT, SAMPLE

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot, stand_in):
    from studio.app import build

    _, window = build([])
    qtbot.addWidget(window)
    with qtbot.waitSignals([window.generate_enabled, window.studio.shelf.reloaded]):
        window.show()
    yield window
    window.close()


def test_every_tab_undoes_its_own(qtbot, window):
    studio = window.studio
    sample, edit = studio.editor, studio.editing.editor
    sample.edit("steps", 33)
    window.top_bar.tabs.setCurrentIndex(EDIT)
    page = window.pages.edit.page
    undo = next(action for action in window.actions() if action.text().startswith("Undo"))
    assert not undo.isEnabled()  # nothing was edited here
    before = edit.recipe.steps
    edit.edit("steps", 44)
    assert undo.isEnabled()
    page.panel.card.setFocus()
    QTest.keyClick(page.panel.card, Qt.Key.Key_Z, CONTROL)
    assert edit.recipe.steps == before
    assert sample.recipe.steps == 33

    from studio.session.editing.subjects import Subject

    with qtbot.waitSignal(studio.editing.picture_changed):
        studio.editing.take_whole(Subject("grey", np.full((8, 8, 3), 90, np.uint8)))
    canvas = page.middle.canvas
    canvas.setFocus()
    edit.edit("steps", 55)
    QTest.keyClick(canvas, Qt.Key.Key_I)
    QTest.keyClick(canvas, Qt.Key.Key_Z, CONTROL)
    assert page.sight.mask.empty  # the mask has an undo of its own
    assert edit.recipe.steps == 55

    window.top_bar.tabs.setCurrentIndex(SAMPLE)
    undo.trigger()
    assert sample.recipe.steps != 33
    assert edit.recipe.steps == 55
