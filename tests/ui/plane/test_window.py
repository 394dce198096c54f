"""The window on a toy model: generate, look, follow, leave."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton
from safetensors.torch import save_file

from studio.app import build
from studio.models import bundled_toys
from studio.models.networks.options import PlaneMLPOptions
from studio.models.networks.plane_mlp import PlaneMLP
from studio.models.networks.preconditioned import Preconditioned
from studio.models.toy.file import read_toy
from studio.models.toy.header import PlaneHeader
from studio.ui.carry import Carry
from studio.ui.picker.dialog import Picker

MOONS, SPIRALS, *_ = map(str, bundled_toys())

PATIENCE = 60_000  # milliseconds: loading torch takes long on a busy machine


@pytest.fixture
def window(qtbot):
    _, window = build([MOONS])
    qtbot.addWidget(window)
    studio = window.studio
    with qtbot.waitSignals(
        [window.generate_enabled, studio.shelf.reloaded, studio.models.hashed], timeout=PATIENCE
    ):
        window.show()
    qtbot.waitUntil(lambda: studio.models.path == MOONS and studio.models.ready, timeout=PATIENCE)
    studio.editor.edit_all({"seeds": tuple(range(12)), "steps": 6, "classes": "random"})
    yield window
    window.close()
    assert window.ended_cleanly


@pytest.fixture
def generated(qtbot, window):
    with qtbot.waitSignal(window.studio.shelf.take_added, timeout=PATIENCE):
        window.tab.generate()
    plane = window.tab.canvas.plane
    qtbot.waitUntil(lambda: plane.info is not None and not plane._thread.busy, timeout=PATIENCE)
    return window


def quiet(qtbot, plane):
    qtbot.waitUntil(lambda: not plane._thread.busy, timeout=PATIENCE)


def test_card_picker_and_drop_know_toys(qtbot, window):
    description = window.tab.card.accessibleDescription()
    assert "plane · 2 classes" in description and "128 points" in description
    catalogue = window.studio.catalogue
    qtbot.waitUntil(lambda: len(catalogue.entries()) == len(catalogue.bundled), timeout=PATIENCE)
    window.tab.card.click()
    picker = window.findChild(Picker)
    picker.search.setText("spirals")
    assert picker.list.current().name == "Two spirals"
    assert picker.foot.findChild(QPushButton, "pick_drawing").isEnabled()
    picker.reject()
    with qtbot.waitSignal(window.studio.models.opened, timeout=PATIENCE):
        window.studio.open_file(SPIRALS)
    assert window.studio.models.info.name == "Two spirals"


def test_the_canvas_shows_paths_over_density_and_flow(qtbot, generated, monkeypatch):
    plane = generated.tab.canvas.plane
    assert plane.isVisible() and plane.info.name == "Two moons"
    late = plane.plot._ground
    assert late.density is not None and late.arrows is not None
    assert "flow of “" in plane.tools.caption.text()
    images = generated.tab.timeline.filmstrip._images
    assert all(image is not None and image.width() > 40 for image in images)
    generated.tab.timeline.choose(0)
    quiet(qtbot, plane)
    assert not np.array_equal(plane.plot._ground.density, late.density)
    monkeypatch.setattr("studio.ui.plane.pane.located", lambda _path: "")
    plane._want_ground()
    quiet(qtbot, plane)
    assert "not here" in plane.tools.caption.text() and plane.plot._ground is None


def test_mouse_and_keys_follow_and_zoom(qtbot, generated):
    tab, canvas = generated.tab, generated.tab.canvas
    canvas.plane.plot.follow(7)
    assert tab.viewer.followed == 7
    assert tab.timeline.header.title.text() == "Trajectory of seed 7"
    canvas.follow(3)
    assert canvas.plane.plot.followed_index == tab.viewer.followed == 3
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.header.zoom.text() == "1.2×"
    qtbot.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.header.zoom.text() == "1×"
    qtbot.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert tab.viewer.followed == 4
    canvas.menu_requested.emit(5, canvas.mapToGlobal(generated.pos()))
    assert tab.viewer.followed == 5
    for menu in canvas.findChildren(QMenu):
        menu.close()


def test_views_and_tools_change_what_is_seen(qtbot, generated):
    canvas, viewer = generated.tab.canvas, generated.tab.viewer
    pictures = []
    for view in ("x", "x0", "eps", "delta"):
        canvas.view_changed.emit(view)
        quiet(qtbot, canvas.plane)
        pictures.append(viewer.picture())
    tools = canvas.plane.tools
    tools.modes["first"].click()
    pictures.append(viewer.picture())
    assert not any(np.array_equal(a, b) for a, b in combinations(pictures, 2))
    tools.layers["field"].click()
    assert generated.studio.settings.plane_layers == ("density", "paths", "scaled")
    for button in (*tools.layers.values(), *tools.modes.values()):
        assert button.toolTip() and button.accessibleName()
    canvas.copy_requested.emit()
    size = canvas.plane.plot.picture().size()
    assert QGuiApplication.clipboard().image().size() == size
    assert generated.findChild(Carry).mime(2).imageData().size() == size


def test_pictures_come_back_with_a_model_of_pictures(qtbot, generated, tmp_path):
    for shade in (20, 200):
        Image.new("RGB", (8, 8), (shade, 0, 0)).save(tmp_path / f"{shade}.png")
    studio, canvas = generated.studio, generated.tab.canvas
    with qtbot.waitSignal(studio.models.opened, timeout=PATIENCE):
        studio.open_model(str(tmp_path))
    studio.editor.edit_all({"classes": "any"})
    with qtbot.waitSignal(studio.shelf.take_added, timeout=PATIENCE):
        generated.tab.generate()
    assert not canvas.plane.isVisible() and generated.tab.viewer.picture().shape == (8, 8, 3)


def test_only_views_that_points_have_are_offered(generated):
    tab, switch = generated.tab, generated.tab.canvas.header.switch
    tab.viewer.choose_view("diff")
    offered = [each.id for each in switch._segments if not each.isHidden()]
    assert offered == ["x", "x0", "eps", "delta"] and switch.view == "x0"
    assert tab.reading._stack.isHidden() and not tab.canvas.header.onion.isEnabled()


def test_a_learned_model_is_shown_with_its_flow_and_the_exact_one(qtbot, window, tmp_path):
    toy = read_toy(Path(MOONS))
    header = PlaneHeader(
        name="Learned moons",
        kwargs=PlaneMLPOptions(width=8, blocks=1, label_dim=2),
        sigma_data=0.5,
        classes=toy.classes,
        distribution=toy,
    )
    network = Preconditioned(PlaneMLP(**header.kwargs.model_dump()), header.sigma_data)
    path = tmp_path / "moons.safetensors"
    save_file(network.state_dict(), path, metadata=header.metadata())
    studio, plane = window.studio, window.tab.canvas.plane
    with qtbot.waitSignal(studio.models.opened, timeout=PATIENCE):
        studio.open_model(str(path))
    with qtbot.waitSignal(studio.shelf.take_added, timeout=PATIENCE):
        window.tab.generate()
    qtbot.waitUntil(lambda: plane.info is not None and not plane._thread.busy, timeout=PATIENCE)
    assert plane.isVisible() and plane.info.name == "Learned moons"
    assert plane.plot._ground.density is not None and plane.plot._ground.exact is not None
    assert "learned flow, exact in colour" in plane.tools.caption.toolTip()
    plane.tools.modes["first"].click()
    quiet(qtbot, plane)
    assert plane.plot._ground.exact is None and plane.plot._ground.arrows is not None
