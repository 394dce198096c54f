"""Pictures leave the window as files that hold their recipe."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from studio.library import PictureError, read_recipe
from studio.ui import carry as carry_module
from studio.ui.carry import Carry


@pytest.fixture
def carry(window):
    return window.findChild(Carry)


def test_without_pictures_there_is_nothing_to_carry(carry):
    assert carry.mime(0) is None


def test_a_result_is_carried_with_its_recipe(qtbot, window, carry):
    with qtbot.waitSignal(window.studio.shelf.take_added) as added:
        window.studio.generate()
    mime = carry.mime(3)
    path = Path(mime.urls()[0].toLocalFile())
    assert path.name == "seed3-heun-18.png"
    assert read_recipe(path).sigmas == added.args[0].recipe.sigmas
    stored = np.asarray(Image.open(added.args[0].pictures[3]))
    assert np.array_equal(np.asarray(Image.open(path)), stored)
    assert mime.hasImage() and mime.imageData().width() == stored.shape[1]


def test_a_step_on_the_way_is_carried_without(qtbot, window, carry):
    with qtbot.waitSignal(window.studio.shelf.take_added):
        window.studio.generate()
    window.tab.timeline.choose(4)
    path = Path(carry.mime(2).urls()[0].toLocalFile())
    assert path.name == "seed2-heun-18-x0-step5.png"
    with pytest.raises(PictureError):
        read_recipe(path)


def test_shift_and_drag_carries_the_picture_under_the_mouse(qtbot, window, monkeypatch):
    with qtbot.waitSignal(window.studio.shelf.take_added):
        window.studio.generate()
    carried = []

    class Drag(carry_module.QDrag):
        def exec(self, *_):
            carried.append(self.mimeData().urls()[0].fileName())

    monkeypatch.setattr(carry_module, "QDrag", Drag)
    window.tab.canvas.drag_requested.emit(5)
    assert carried == ["seed5-heun-18.png"]


def test_the_menu_acts_on_the_picture_it_was_asked_for(qtbot, window):
    with qtbot.waitSignal(window.studio.shelf.take_added):
        window.studio.generate()
    window.tab.canvas.menu_requested.emit(5, QPoint(100, 100))
    menu = QApplication.activePopupWidget()
    assert window.tab.viewer.followed == 5
    texts = [action.text() for action in menu.actions()]
    assert "Copy the followed picture" in texts and "Branch: go on from this step" in texts
    menu.close()
