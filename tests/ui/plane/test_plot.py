import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent

from studio.library.track import Track
from studio.ui.plane.ground import Ground
from studio.ui.plane.plot import PlanePlot
from studio.ui.plane.scene import FIRST, Look, Scene
from studio.ui.theme import LIGHT, apply_theme
from tests.library.test_plane import planar_run

BOX = (-0.5, -0.5, 2.5, 2.5)

PATIENCE = 60_000  # milliseconds: loading torch takes long on a busy machine


@pytest.fixture
def plot(qtbot):
    plot = PlanePlot()
    qtbot.addWidget(plot)
    plot.resize(400, 400)
    plot.show_scene(Scene(Track(planar_run()[0]), Look(), 0.5), BOX, ())
    plot.show()
    plot.look_at(2)
    yield plot
    plot.close_threads()


def pixel(plot, x, y):
    return QPointF(*plot.camera.pixels(np.array([x, y])))


def wheel(plot, at, notches):
    nothing = QPoint()
    event = QWheelEvent(
        at,
        plot.mapToGlobal(at),
        nothing,
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    plot.wheelEvent(event)


def test_points_are_painted_where_they_are(plot):
    picture = plot.picture()
    for end in (0.0, 1.0, 2.0):
        assert picture.pixelColor(pixel(plot, end, end).toPoint()).green() > 120


def test_hovering_names_the_path_and_a_click_follows_it(qtbot, plot):
    plot.names = ["seed 4", "seed 5", "seed 6"]
    captions = []
    plot.captioned.connect(captions.append)
    at = pixel(plot, 2.0, 2.0).toPoint()
    qtbot.mouseMove(plot, at)
    assert plot.hovered == 2 and captions[-1].startswith("seed 6 · x (2, 2) · x̂₀ (2, 2)")
    with qtbot.waitSignal(plot.followed, timeout=PATIENCE) as followed:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at)
    assert followed.args == [2] and plot.followed_index == 2
    qtbot.mouseMove(plot, QPoint(5, 395))
    assert plot.hovered is None and "σ" in captions[-1]


def test_a_path_is_found_along_its_way(plot):
    path = plot.scene.path(2, 1)
    assert plot.nearest(QPointF(*plot.camera.pixels(path[1]))) == 1


def test_the_wheel_zooms_about_the_mouse_and_a_double_click_fits(qtbot, plot):
    fitted, at = plot.camera, pixel(plot, 1.0, 1.0)
    zooms = []
    plot.zoomed.connect(zooms.append)
    wheel(plot, at, 2)
    assert pixel(plot, 1.0, 1.0) == at and zooms[-1] == pytest.approx(1.44)
    qtbot.mouseDClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    assert plot.camera == fitted and zooms[-1] == 1


def test_a_drag_pans_and_asks_for_the_ground_there(qtbot, plot):
    before = pixel(plot, 0.0, 0.0)
    with qtbot.waitSignal(plot.ground_wanted, timeout=PATIENCE):
        qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
        qtbot.mouseMove(plot, QPoint(140, 90))
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=QPoint(140, 90))
    assert pixel(plot, 0.0, 0.0) - before == QPointF(40, -10)


def test_shift_and_a_drag_carry_the_picture_out(qtbot, plot):
    shift = Qt.KeyboardModifier.ShiftModifier
    carried = []
    plot.drag_requested.connect(carried.append)
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, shift, QPoint(100, 100))
    left = Qt.MouseButton.LeftButton
    place = QPointF(160, 160)
    plot.mouseMoveEvent(QMouseEvent(QEvent.Type.MouseMove, place, place, left, left, shift))
    assert carried == [0]


def test_the_ground_lies_under_the_points(plot):
    dark = plot.picture().pixelColor(10, 200)
    plot.set_ground(Ground(plot.camera, np.ones((4, 4)), np.array([[200.0, 30.0, 1.0, 0.0]])))
    assert plot.picture().pixelColor(10, 200).blue() > dark.blue() + 50
    plot.set_ground(None)
    assert plot.picture().pixelColor(10, 200) == dark


def test_another_theme_colours_everything_anew(qapp, plot):
    plot.set_ground(Ground(plot.camera, np.zeros((4, 4))))
    apply_theme(qapp, LIGHT, 1.0)
    assert plot.picture().pixelColor(10, 200).lightness() > 200


def test_a_profile_shows_the_axis_of_sigma(plot):
    plain = plot.picture()
    plot.show_scene(Scene(plot.scene.track, Look(mode=FIRST), 0.5), BOX, ())
    assert "x₁" in plot.caption and plot.picture() != plain


def test_many_paths_are_painted_in_a_thread_of_their_own(qtbot, plot, monkeypatch):
    monkeypatch.setattr("studio.ui.plane.sight._AT_ONCE", 0)
    plot.show_scene(Scene(plot.scene.track, Look(view="x"), 0.5), BOX, ())
    assert plot._layer is None
    qtbot.waitUntil(lambda: plot._layer is not None, timeout=PATIENCE)
    assert len(plot._layer.places) == 4


def test_it_keeps_what_is_in_the_middle_when_it_is_resized(plot):
    plot.zoom_by(2.0)
    middle = plot.camera.at(200, 200)
    plot.resize(300, 500)
    assert plot.camera.at(150, 250) == pytest.approx(middle)
