"""The Encode page: a picture, its round trips, and what is made of its noise."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.engine.errands.results import Encoded
from studio.engine.fault import Fault
from studio.library.task import InputRef
from studio.session.editing.encoding import PLANAR, encoders
from studio.session.editing.trip import error_pixels, noise_pixels
from studio.ui.edit.encode_page import EncodePage

from .conftest import INFO

NOISE = InputRef(name="Noise", sha256="a" * 64)


def encoded(subject, psnr=40.0, rms=0.01):
    return Encoded(
        index=0,
        name=subject.name,
        latent=np.full((3, 8, 8), 0.5, np.float32),
        noise=NOISE,
        original=subject.pixels,
        decoded=subject.pixels,
        psnr=psnr,
        rms=rms,
        mean=0.5,
        std=0.0,
        nfe=61,
        seconds=2.0,
    )


@pytest.fixture
def desk(tasks):
    return tasks.encoding


@pytest.fixture
def page(qtbot, desk):
    page = EncodePage(desk)
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    return page


def test_it_begins_with_what_to_do(qtbot, page):
    assert page.stack.currentWidget() is page.invitation
    assert "Choose a picture" in page.panel.line.text() and not page.panel.start.isEnabled()
    page.offer((("open", "Open…", ""), ("paste", "Paste", "Nothing to paste."), ("take", "t", "")))
    assert not page.invitation.buttons["paste"].isEnabled()
    with qtbot.waitSignal(page.picture_wanted) as wanted:
        QTest.mouseClick(page.invitation.buttons["open"], Qt.MouseButton.LeftButton)
    assert wanted.args == ["open"]


def test_a_round_trip_is_shown_while_it_runs_and_after(page, desk, engine, subject):
    picture = subject(1)
    desk.take(picture)
    page.start()
    (wish,) = engine.errands
    assert wish.base.sampler == "heun" and wish.base.steps == 64 and wish.names == ("picture 1",)
    assert wish.base.guidance == 1.0 and not page.panel.start.isEnabled()
    estimate = subject(2).pixels
    engine.progress(0.25, estimate[None])
    assert (page.panes["pane_decoded"].pixels == estimate).all()
    assert page.panes["pane_noise"].pixels is None
    engine.find(encoded(picture))
    engine.end()
    assert (page.panes["pane_decoded"].pixels == picture.pixels).all()
    assert page.panes["pane_decoded"].figures.text() == "40.0 dB"
    assert page.noise.values["std"].text() == "0.000" and page.noise.generate.isEnabled()
    assert page.trips.table.rowCount() == 1 and page.panel.start.isEnabled()


def test_trips_are_listed_and_the_same_settings_have_one(page, desk, engine, subject):
    desk.take(subject(1))
    for solver, rms in (("heun", 0.01), ("euler", 0.1), ("heun", 0.02)):
        desk.choose("solver", solver)
        page.start()
        engine.find(encoded(subject(1), rms=rms))
        engine.end()
    assert [(trip.solver, trip.rms) for trip in desk.trips] == [("euler", 0.1), ("heun", 0.02)]
    assert desk.trip.solver == "heun"
    page.trips.table.selectRow(0)
    assert desk.trip.solver == "euler"
    assert len(page.plot.plot.lines) == 2


def test_another_picture_begins_anew(page, desk, engine, subject):
    desk.take(subject(1))
    page.start()
    engine.find(encoded(subject(1)))
    desk.take(subject(2))
    assert engine.stops and not desk.trips
    engine.find(encoded(subject(1)))  # it was still on its way
    assert not desk.trips and page.panes["pane_noise"].pixels is None


def test_a_failure_lets_it_be_tried_again(qtbot, page, desk, engine, subject):
    desk.take(subject(1))
    page.start()
    with qtbot.waitSignal(desk.failed):
        engine.end("failed", Fault("It broke."))
    assert page.panel.start.isEnabled() and not desk.running


def test_a_file_of_another_size_is_fitted_and_told(qtbot, desk, subject, tmp_path):
    path = tmp_path / "wide.png"
    Image.fromarray(np.concatenate([subject(1, side=16).pixels] * 2, axis=1)).save(path)
    with qtbot.waitSignal(desk.subject_changed, timeout=10_000):
        desk.take_file(path)
    assert desk.subject.pixels.shape == (8, 8, 3)
    assert "cut and scaled from 32×16" in desk.subject.remark


def test_what_is_no_picture_is_said(qtbot, desk, tmp_path):
    path = tmp_path / "none.png"
    path.write_text("no picture")
    with qtbot.waitSignal(desk.failed, timeout=10_000) as told:
        desk.take_file(path)
    assert "none.png" in str(told.args[0]) and desk.subject is None


def test_a_model_of_points_has_nothing_to_encode(page, desk, models, subject):
    desk.take(subject(1))
    models.open(type(INFO)(**{**_fields(INFO), "window": (-1.0, -1.0, 1.0, 1.0)}))
    assert page.panel.line.text() == PLANAR and not page.panel.start.isEnabled()


def test_from_its_noise_another_class_is_made(desk, engine, subject):
    desk.take(subject(1))
    desk.choose("steps", 32)
    desk.start()
    engine.find(encoded(subject(1)))
    recipe = desk.recipe_from(desk.trip, 2)
    assert recipe.start == NOISE and recipe.classes == (2,) and recipe.steps == 32
    assert recipe.seeds == (5,) and recipe.sampler == "heun"


def test_only_solvers_that_can_go_back_are_offered():
    offered = encoders()
    assert {"heun", "euler"} <= offered.keys()
    assert not {"euler_ancestral", "dpmpp_sde"} & offered.keys()


def test_noise_and_error_become_pictures():
    latent = np.array([-3.0, 0.0, 3.0], np.float32).reshape(1, 1, 3)
    assert noise_pixels(latent)[0, :, 0].tolist() == [2, 128, 254]
    one, other = np.full((1, 1, 3), 100, np.uint8), np.full((1, 1, 3), 105, np.uint8)
    assert error_pixels(one, other, 2.0)[0, 0, 0] == 138  # 127.5 + 10, to the even
    assert error_pixels(one, one, 8.0)[0, 0, 0] == 128


def _fields(info):
    return {name: getattr(info, name) for name in type(info).__dataclass_fields__}
