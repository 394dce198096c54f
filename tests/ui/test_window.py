"""The whole window on a fake model: what a person does, from the first paint to closing."""

import time

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QAbstractSpinBox, QPushButton, QSlider, QWidget

from studio.app import build
from studio.engine.fault import Fault
from studio.library import LibraryError
from studio.session import keeping as keeping_module


@pytest.fixture
def model(stand_in):
    return stand_in


@pytest.fixture
def open_window(qtbot, model):
    """Return a function that opens the window and waits until Generate can be pressed."""
    windows = []

    def open_window(*argv, wait=True):
        _, window = build(list(argv))
        windows.append(window)
        qtbot.addWidget(window)
        if wait:
            with qtbot.waitSignals([window.generate_enabled, window.studio.shelf.reloaded]):
                window.show()
        else:
            window.show()
        return window

    yield open_window
    for window in windows:
        window.close()
        assert window.ended_cleanly


@pytest.fixture
def window(open_window):
    return open_window()


@pytest.fixture
def generated(qtbot, window):
    generate(qtbot, window)
    return window


def child(window, name, kind=QWidget):
    found = window.findChild(kind, name)
    assert found is not None, f"no {kind.__name__} is called {name}"
    return found


def press(qtbot, window, name):
    qtbot.mouseClick(child(window, name), Qt.MouseButton.LeftButton)


def generate(qtbot, window):
    with qtbot.waitSignal(window.studio.shelf.take_added) as added:
        press(qtbot, window, "generate")
    return added.args[0]


def slow(model, x, sigma):
    time.sleep(0.01)


CONTROLS = (
    "model_picker,sampler,schedule,steps,sigma_min,sigma_max,rho,s_churn,s_tmin,s_tmax,s_noise,"
    "class_label,guidance,seed,images,live,generate,stop,canvas,timeline,play,branch,schedule_plot,"
    "step_plot,takes,tabs,progress,device"
)


@pytest.mark.parametrize("name", CONTROLS.split(","))
def test_every_control_has_its_name_and_says_what_it_does(window, name):
    control = child(window, name)
    assert control.accessibleName()
    if name not in ("canvas", "schedule_plot", "step_plot", "tabs"):  # theirs depend on the place
        assert control.toolTip()


def test_nothing_runs_before_the_first_paint(open_window):
    window = open_window(wait=False)
    assert not window.studio.engine.running
    assert not child(window, "generate").isEnabled()


def test_generate_fills_canvas_timeline_plots_and_takes(generated):
    assert child(generated, "timeline", QSlider).maximum() == 17
    assert child(generated, "timeline", QSlider).value() == 17
    assert child(generated, "takes", QAbstractItemView).model().rowCount() == 1
    assert generated.tab.viewer.index == 17
    assert len(child(generated, "step_plot").bars.opts["height"]) == 17
    assert "35 NFE" in generated.status.label.text()


def test_scrubbing_shows_the_step(qtbot, generated):
    slider = child(generated, "timeline", QSlider)
    slider.setFocus()
    before = generated.tab.viewer.picture().copy()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert generated.tab.viewer.index == 0
    assert not np.array_equal(generated.tab.viewer.picture(), before)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert generated.tab.viewer.index == 1
    assert child(generated, "schedule_plot").cursor_step == 1
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert np.array_equal(generated.tab.viewer.picture(), before)


@pytest.mark.parametrize("view", ["x", "x0", "eps", "delta"])
def test_every_view_can_be_chosen(qtbot, generated, view):
    press(qtbot, generated, f"view_{view}")
    assert generated.tab.viewer.view == view
    assert generated.studio.settings.canvas_view == view
    assert generated.tab.viewer.picture().shape == (8, 8, 3)


def test_a_click_follows_another_picture(qtbot, generated):
    canvas = child(generated, "canvas")
    qtbot.mouseClick(
        canvas, Qt.MouseButton.LeftButton, pos=canvas.picture_rect(5).center().toPoint()
    )
    assert generated.tab.viewer.followed == 5
    assert "seed 5" in generated.tab.timeline.header.title.text()


def test_stop_stops_and_keeps_the_partial_take(qtbot, window, model):
    model.hook = slow
    child(window, "steps", QAbstractSpinBox).setValue(300)
    with qtbot.waitSignal(window.studio.shelf.take_added) as added:
        press(qtbot, window, "generate")
        qtbot.waitUntil(lambda: len(model.calls) > 8)
        press(qtbot, window, "stop")
    assert added.args[0].status == "stopped"
    assert not child(window, "stop").isEnabled()


def test_generate_while_running_replaces_the_run_and_keeps_both(qtbot, window, model):
    model.hook = slow
    child(window, "steps", QAbstractSpinBox).setValue(50)
    press(qtbot, window, "generate")
    qtbot.waitUntil(lambda: len(model.calls) > 8)
    model.hook = None
    press(qtbot, window, "generate")
    qtbot.waitUntil(lambda: window.studio.shelf.count() == 2)
    assert [each.take.status for each in window.studio.shelf.page(2, 0)] == ["finished", "stopped"]
    qtbot.waitUntil(lambda: child(window, "takes", QAbstractItemView).model().rowCount() == 2)


def test_live_feels_the_knob(qtbot, window):
    child(window, "live").setChecked(True)
    qtbot.waitUntil(lambda: window.studio.shelf.count() == 1)
    child(window, "s_churn", QAbstractSpinBox).setValue(30)
    qtbot.waitUntil(lambda: window.studio.shelf.count() == 2)
    assert window.studio.shelf.page(1, 0)[0].take.recipe.knobs["s_churn"] == 30


def test_a_dragged_knob_stays_where_it_is_while_live_runs_come_and_go(qtbot, generated, model):
    generate(qtbot, generated)
    model.hook = slow
    child(generated, "live").setChecked(True)
    churn = child(generated, "s_churn", QAbstractSpinBox)
    opened = []
    generated.studio.shelf.take_opened.connect(lambda take, _: opened.append(take.id))
    for value in range(1, 12):
        churn.setValue(value)
        qtbot.wait(60)
        assert churn.value() == value
        qtbot.wait(60)
    assert generated.studio.editor.recipe.knobs["s_churn"] == 11
    assert not opened, "a take that nobody chose was opened"


def test_a_take_brings_back_its_recipe(qtbot, generated):
    child(generated, "steps", QAbstractSpinBox).setValue(5)
    generate(qtbot, generated)
    takes = child(generated, "takes", QAbstractItemView)
    takes.setFocus()
    with qtbot.waitSignal(generated.studio.shelf.take_opened):
        qtbot.keyClick(takes, Qt.Key.Key_Down)
    assert child(generated, "steps", QAbstractSpinBox).value() == 18
    assert child(generated, "timeline", QSlider).maximum() == 17


def test_undo_and_redo_of_a_knob(qtbot, window):
    steps = child(window, "steps", QAbstractSpinBox)
    steps.setValue(40)
    child(window, "canvas").setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert steps.value() == 18
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_Z, both)
    assert steps.value() == 40


def test_a_dropped_png_restores_its_recipe(qtbot, generated):
    child(generated, "steps", QAbstractSpinBox).setValue(5)
    picture = generated.studio.shelf.page(1, 0)[0].take.pictures[0]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(picture))])
    none = Qt.KeyboardModifier.NoModifier
    left = Qt.MouseButton.LeftButton
    generated.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, left, none))
    assert child(generated, "steps", QAbstractSpinBox).value() == 18
    assert child(generated, "toast").isVisible()


def test_a_seed_that_is_no_number_disables_generate_and_says_why(qtbot, window):
    seed = child(window, "seed")
    seed.setFocus()
    seed.setText("five")
    seed.editingFinished.emit()
    assert not child(window, "generate").isEnabled()
    assert "five" in child(window, "generate").toolTip()
    seed.setText("5")
    seed.editingFinished.emit()
    assert child(window, "generate").isEnabled()


def test_nonsense_in_the_range_disables_generate_and_says_why(window):
    child(window, "sigma_max", QAbstractSpinBox).setValue(0.001)
    assert not child(window, "generate").isEnabled()
    assert "sigma" in child(window, "generate").toolTip()


def test_an_error_is_shown_and_the_next_run_works(qtbot, window, model):
    model.hook = lambda model, x, sigma: 1 / 0
    with qtbot.waitSignal(window.studio.failed):
        press(qtbot, window, "generate")
    assert child(window, "toast").isVisible()
    assert "ZeroDivisionError" in child(window, "toast").text
    model.hook = None
    assert generate(qtbot, window).status == "finished"


def test_copy_puts_the_followed_picture_on_the_clipboard(qtbot, generated):
    canvas = child(generated, "canvas")
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (8, 8)


def test_a_trashed_take_leaves_the_list(qtbot, generated):
    takes = child(generated, "takes", QAbstractItemView)
    takes.setFocus()
    qtbot.keyClick(takes, Qt.Key.Key_Delete)
    assert takes.model().rowCount() == 0
    assert generated.studio.shelf.count() == 0
    undo = next(
        b for b in child(generated, "toast").findChildren(QPushButton) if b.text() == "Undo"
    )
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert generated.studio.shelf.count() == 1


def test_window_settings_and_recipe_survive_a_restart(open_window):
    first = open_window()
    first.resize(1120, 723)
    child(first, "steps", QAbstractSpinBox).setValue(27)
    child(first, "live").setChecked(False)
    first.studio.remember(theme="light")
    first.close()
    again = open_window()
    assert (again.width(), again.height()) == (1120, 723)
    assert child(again, "steps", QAbstractSpinBox).value() == 27
    assert again.studio.settings.theme == "light"


@pytest.mark.parametrize("moment", ["before it is ready", "while it samples", "when idle"])
def test_closing_at_any_moment_is_quick_and_clean(qtbot, open_window, model, moment):
    model.hook = slow
    window = open_window(wait=moment != "before it is ready")
    if moment == "while it samples":
        window.studio.editor.edit("steps", 500)
        window.tab.generate()
        qtbot.waitUntil(lambda: len(model.calls) > 3)
    start = time.perf_counter()
    window.close()
    assert time.perf_counter() - start < 3
    assert window.ended_cleanly and not window.studio.engine.running


def test_a_partial_take_is_kept_when_the_window_closes(qtbot, open_window, model):
    model.hook = slow
    window = open_window()
    window.studio.editor.edit("steps", 500)
    window.tab.generate()
    qtbot.waitUntil(lambda: len(model.calls) > 5)
    window.close()
    again = open_window()
    assert again.studio.shelf.count() == 1
    assert again.studio.shelf.page(1, 0)[0].take.status == "stopped"


def test_a_folder_of_pictures_can_be_given_at_the_start(qtbot, tmp_path, monkeypatch):
    for i in range(3):
        Image.fromarray(np.full((8, 8, 3), 80 * i, np.uint8)).save(tmp_path / f"{i}.png")
    _, window = build([str(tmp_path)])
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.generate_enabled, timeout=20_000):
        window.show()
    assert window.studio.models.info.images == 3
    take = generate(qtbot, window)
    assert take.recipe.model.path == str(tmp_path)
    window.close()


@pytest.mark.parametrize("how", ["click", "key"])
def test_what_is_being_typed_counts_when_generate_is_pressed(qtbot, window, how):
    seed = child(window, "seed")
    seed.setFocus()
    seed.selectAll()
    qtbot.keyClicks(seed, "777")
    with qtbot.waitSignal(window.studio.shelf.take_added) as added:
        if how == "click":
            press(qtbot, window, "generate")
        else:
            qtbot.keyClick(seed, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert added.args[0].recipe.seeds[0] == 777


def test_a_picture_of_the_batch_before_can_be_clicked_without_harm(qtbot, generated, model):
    canvas = child(generated, "canvas")
    model.hook = lambda model, x, sigma: time.sleep(0.05)
    spot = canvas.picture_rect(10).center().toPoint()
    generated.studio.editor.edit("seeds", (1, 2))
    with qtbot.waitSignal(generated.studio.sampling.started):
        press(qtbot, generated, "generate")
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=spot)
    model.hook = None
    qtbot.waitUntil(lambda: generated.studio.shelf.count() == 2)
    assert generated.tab.viewer.followed < 2 and generated.tab.viewer.index == 17


def test_a_take_without_its_steps_fills_the_canvas_with_its_pictures(qtbot, generated):
    first = generated.studio.shelf.page(1, 0)[0].take
    generate(qtbot, generated)
    (first.folder / "trajectory.safetensors").unlink()
    with qtbot.waitSignal(generated.studio.shelf.take_opened):
        generated.studio.shelf.reopen(first.id)
    assert generated.tab.viewer.picture() is None
    assert generated.tab.canvas.header.pill.text == ""
    assert len(child(generated, "step_plot").bars.opts["height"]) == 0


def test_a_take_looked_at_while_sampling_keeps_its_own_figures(qtbot, generated, model):
    made = generated.studio.shelf.page(1, 0)[0].take
    model.hook = slow
    generated.studio.editor.edit("steps", 400)
    with qtbot.waitSignal(generated.studio.sampling.progressed):
        press(qtbot, generated, "generate")
    with qtbot.waitSignal(generated.studio.shelf.take_opened):
        generated.studio.shelf.reopen(made.id)
    qtbot.waitSignal(generated.studio.sampling.progressed).wait()
    assert "18 / 18" in generated.tab.canvas.header.pill.text
    generated.studio.sampling.stop()
    qtbot.waitUntil(lambda: not generated.studio.sampling.running)
    assert "18 / 18" in generated.tab.canvas.header.pill.text


def test_a_live_run_that_was_dropped_leaves_no_row(qtbot, window, model):
    model.hook = slow
    window.studio.remember(live=True)
    window.studio.editor.edit("steps", 300)
    qtbot.waitUntil(lambda: len(model.calls) > 4)
    window.studio.editor.edit("knobs.s_churn", 5.0)
    window.studio.sampling.stop()
    qtbot.waitUntil(lambda: not window.studio.sampling.running)
    assert child(window, "takes", QAbstractItemView).model().rowCount() == 0


def test_trashing_goes_on_with_the_next_take(qtbot, generated):
    generate(qtbot, generated)
    takes = child(generated, "takes", QAbstractItemView)
    takes.setFocus()
    for left in (1, 0):
        qtbot.keyClick(takes, Qt.Key.Key_Delete)
        assert takes.model().rowCount() == left


def test_a_take_that_cannot_be_saved_has_a_row_until_it_can(qtbot, generated, monkeypatch):
    real = keeping_module.write_take

    def full(*_args, **_kwargs):
        raise LibraryError("The take could not be written: the disk is full.")

    monkeypatch.setattr(keeping_module, "write_take", full)
    with qtbot.waitSignal(generated.studio.shelf.keeper.unsaved):
        press(qtbot, generated, "generate")
    model = generated.tab.takes.view.take_model
    assert model.rowCount() == 2 and model.item(0).note == "not saved"
    generated.studio.shelf.reloaded.emit()
    assert model.rowCount() == 2 and model.item(0).note == "not saved"
    monkeypatch.setattr(keeping_module, "write_take", real)
    generated.studio.shelf.keeper.retry()
    qtbot.waitUntil(lambda: generated.studio.shelf.count() == 2)
    qtbot.waitUntil(lambda: model.rowCount() == 2 and model.item(0).note == "")


def test_branch_goes_on_from_the_step_that_is_looked_at(qtbot, window):
    button = child(window, "branch", QPushButton)
    assert not button.isEnabled() and "Generate first" in button.toolTip()
    first = generate(qtbot, window)
    assert not button.isEnabled() and "Nothing is left" in button.toolTip()
    window.tab.timeline.choose(5)
    assert button.isEnabled() and button.text() == "Branch from step 6"
    window.studio.editor.edit("guidance", 2.0)
    with qtbot.waitSignal(window.studio.shelf.take_added) as added:
        press(qtbot, window, "branch")
    branch = added.args[0]
    assert branch.parent == first.id and branch.recipe.segments[0].from_step == 6
    rows = [window.tab.takes.view.take_model.item(row) for row in range(2)]
    assert [row.generation for row in rows] == [0, 1]
    assert rows[1].title == "branch @ 6 · guidance 2"
    assert window.tab.takes.view.current_take == branch.id
    with qtbot.waitSignal(window.studio.shelf.take_opened):
        window.studio.shelf.reopen(branch.id)
    assert window.tab.panel.way.isVisible()
    press(qtbot, window, "afresh")
    assert not window.tab.panel.way.isVisible()
    assert window.studio.editor.recipe.guidance == 2.0


def test_b_branches_while_pictures_have_the_focus(qtbot, generated):
    generated.tab.timeline.choose(3)
    generated.tab.canvas.setFocus()
    with qtbot.waitSignal(generated.studio.shelf.take_added) as added:
        qtbot.keyClick(generated.tab.canvas, Qt.Key.Key_B)
    assert added.args[0].parent


def test_the_timeline_follows_a_run_whose_way_changes(qtbot, window, model):
    model.hook = slow
    window.studio.remember(live=True)
    window.studio.editor.edit("steps", 40)
    with qtbot.waitSignal(window.studio.shelf.take_added) as added:
        window.studio.generate()
        qtbot.waitUntil(lambda: window.studio.shown and len(window.studio.shown.trajectory) > 3)
        with qtbot.waitSignal(window.studio.sampling.changed):
            window.studio.editor.edit("steps", 12)
    steps = len(added.args[0].trajectory())
    assert 12 <= steps < 40
    assert window.tab.timeline.slider.maximum() == steps - 1
    assert window.tab.timeline.filmstrip._total == steps


def test_a_take_is_exported_by_mouse(qtbot, window, monkeypatch, tmp_path):
    button = child(window, "export_take", QPushButton)
    assert not button.isEnabled()
    generate(qtbot, window)
    press(qtbot, window, "export_take")
    dialog = window.findChild(QWidget, "export_dialog")
    dialog.kind.choose(".csv")
    assert not dialog.speed.isEnabled()
    dialog.kind.choose(".gif")
    dialog.pictures.choose(0)
    dialog.side.choose(256)
    path = str(tmp_path / "film")
    monkeypatch.setattr(
        "studio.ui.deeds.QFileDialog.getSaveFileName", lambda *_args: (path, "GIF film")
    )
    with qtbot.waitSignal(window.studio.exporting.ended) as ended:
        qtbot.mouseClick(child(dialog, "export_now"), Qt.MouseButton.LeftButton)
    assert ended.args[0] == tmp_path / "film.gif"
    with Image.open(ended.args[0]) as film:
        assert film.size[0] == 256


def test_errors_go_when_the_person_goes_on(qtbot, window):
    window.studio.failed.emit(Fault("It broke.", "Try again."))
    window.studio.noted.emit("By the way.")
    assert [toast.title for toast in window.toasts._toasts] == ["It broke.", "By the way."]
    with qtbot.waitSignal(window.studio.sampling.started):
        window.tab.generate()
    assert "It broke." not in [toast.title for toast in window.toasts._toasts]
