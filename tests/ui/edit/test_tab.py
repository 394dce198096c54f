"""The Edit tab in the window, on the closed-form denoiser of a Gaussian."""

from math import log, pi

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest

from studio.session.editing.subjects import Subject
from studio.ui.edit.task_row import TASKS
from studio.ui.pages import EDIT, SAMPLE
from studio.ui.thumbnail import to_image
from tests.fakes import SIGMA_DATA

CONTROL = Qt.KeyboardModifier.ControlModifier


def truth(pixels):
    """Return the bits per value of the density itself, N(0, s² + σ_min²)."""
    x, var = pixels / 127.5 - 1, SIGMA_DATA**2 + 0.002**2
    return float((x**2 / (2 * var) + 0.5 * log(2 * pi * var)).mean() / log(2))


def drop(path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    keys = Qt.KeyboardModifier.NoModifier
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(QPoint(5, 5)), copy, data, left, keys)
    event.held = data  # the event does not keep it
    return event


@pytest.fixture
def tab(window):
    window.resize(1280, 800)
    window.top_bar.tabs.setCurrentIndex(EDIT)
    return window.pages.edit


def test_keys_lead_to_the_tab_and_its_pages(window, tab):
    window.top_bar.tabs.setCurrentIndex(SAMPLE)
    QTest.keyClick(window, Qt.Key.Key_3, CONTROL)
    assert window.pages.currentWidget() is tab
    for task, *_ in TASKS:
        tab.show_task(task)
        assert tab.page.tasks.segment == task and tab.stack.currentWidget() is tab.page
    tab.page.tasks.take_focus()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Left)
    assert tab.task == "interpolate" and window.focusWidget().id == "interpolate"
    tab.encode.panel.solver.box.setFocus()  # every page keeps where its lines are
    assert "encode_columns" in window.pages.splitter_states()


def test_a_picture_goes_up_and_down_and_on(qtbot, window, tab, subject):
    tab.show_task("encode")
    desk = window.studio.edit_tasks.encoding
    desk.take(subject(1))
    desk.choose("steps", 20)
    with qtbot.waitSignal(desk.ended, timeout=20_000):
        QTest.keyClick(window, Qt.Key.Key_Return, CONTROL)
    assert desk.trip.psnr > 40 and desk.trip.nfe == desk.nfe
    tab.encode.noise.a.click()
    assert window.studio.edit_tasks.interpolating.ends["a"].latent is desk.trip.latent
    decoded = desk.trip.decoded
    with qtbot.waitSignal(window.studio.sampling.ended, timeout=20_000):
        tab.encode.noise.generate.click()
    assert window.pages.currentWidget() is window.pages.sample
    again = window.pages.sample.viewer.picture().astype(int)
    assert np.abs(again - decoded).max() <= 1
    # The Sample tab begins at the noise until it is told not to.
    tab.encode.noise.sample.click()
    row = window.pages.sample.panel.seeds.start
    assert window.studio.editor.recipe.start == desk.trip.noise and row.isVisibleTo(row.parent())
    row.clear.click()
    assert window.studio.editor.recipe.start is None and not row.isVisibleTo(row.parent())


def test_likelihood_is_that_of_a_gaussian(qtbot, window, tab, subject):
    tab.show_task("likelihood")
    desk = window.studio.edit_tasks.likelihood
    for name, value in (("bins", "none"), ("levels", 20)):
        desk.choose(name, value)
    desk.add([subject(1), subject(2)])
    with qtbot.waitSignal(desk.ended, timeout=60_000) as told:
        tab.start()
    assert told.args == ["finished"]
    for entry in desk.entries:
        found = entry.measured
        assert found.bits == pytest.approx(truth(entry.subject.pixels), abs=0.01)
        assert sum(term.bits for term in found.terms) == pytest.approx(found.bound)
    assert "over 2" in tab.likelihood.table.mean.text()


def test_dropped_and_pasted_pictures_go_to_the_page(qtbot, window, tab, subject, tmp_path):
    path = tmp_path / "large.png"
    Image.fromarray(subject(1, side=16).pixels).save(path)
    tasks = window.studio.edit_tasks
    tab.show_task("encode")
    with qtbot.waitSignal(tasks.encoding.subject_changed, timeout=10_000):
        tab.dropEvent(drop(path))
    assert tasks.encoding.subject.name == "large.png"
    tab.show_task("interpolate")
    for end in "ab":
        QGuiApplication.clipboard().setImage(to_image(subject(2).pixels))
        tab.paste()
        assert tasks.interpolating.ends[end].name == "pasted picture"
    tab.show_task("restore")
    with qtbot.waitSignal(window.studio.editing.picture_changed, timeout=10_000):
        tab.dropEvent(drop(path))
    assert window.studio.editing.picture.name == "large.png"


def test_takes_are_measured_and_encoded(qtbot, window, tab):
    studio = window.studio
    studio.generate()
    qtbot.waitUntil(lambda: studio.shown is not None and studio.shown.stored, timeout=20_000)
    desk = studio.edit_tasks.likelihood
    with qtbot.waitSignal(desk.list_changed, timeout=10_000):
        tab.measure_shown()
    assert len(desk.entries) == len(studio.shown.recipe.seeds)
    assert desk.entries[0].subject.name == f"seed {studio.shown.recipe.seeds[0]}"
    take = studio.shelf.get(studio.shown.id)
    with qtbot.waitSignal(studio.edit_tasks.encoding.subject_changed, timeout=10_000):
        tab.take_files("encode", take.pictures)
    assert tab.task == "encode"


def test_a_network_that_breaks_is_told_and_stop_stops(qtbot, window, stand_in, tab, subject):
    tab.edit(subject(1), "encode")

    def fail(*_):
        raise RuntimeError("the network broke")

    stand_in.hook = fail
    desk = window.studio.edit_tasks.encoding
    with qtbot.waitSignals([desk.failed, desk.ended], timeout=20_000):
        tab.start()
    assert not desk.running and desk.subject is not None and tab.encode.panel.start.isEnabled()
    stand_in.hook = lambda *_: window.studio.stop()
    with qtbot.waitSignal(desk.ended, timeout=20_000) as told:
        tab.start()
    assert told.args == ["stopped"] and tab.encode.panel.start.isEnabled()


def test_subjects_are_brought_to_the_size_of_the_model():
    pixels = np.zeros((6, 4, 3), np.uint8)
    subject = Subject("tall", pixels, latent=np.zeros((3, 6, 4), np.float32))
    brought = subject.for_model((4, 4))
    assert brought.pixels.shape == (4, 4, 3) and brought.latent is None
    assert brought.remark == "“tall” is cut and scaled from 4×6 for this model."
    assert subject.for_model((4, 6)) is subject
