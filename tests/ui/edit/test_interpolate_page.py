"""The Interpolate page: two ends, and the frames between them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.engine.errands.encoding import Encode
from studio.engine.errands.interpolating import Interpolate, Shift
from studio.engine.errands.results import Frame
from studio.ui.edit.interpolate_page import InterpolatePage

from .test_encode_page import encoded

LATENT = np.ones((3, 8, 8), np.float32)


def frame(index, value):
    return Frame(index, 0.0, np.full((8, 8, 3), value, np.uint8), LATENT)


@pytest.fixture
def desk(tasks):
    return tasks.interpolating


@pytest.fixture
def page(qtbot, desk):
    page = InterpolatePage(desk)
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    return page


@pytest.fixture
def made(page, desk, engine, subject):
    """Make three frames between two noises."""
    desk.choose("frames", 3)
    for number, end in enumerate("ab"):
        desk.take(end, subject(number, latent=LATENT))
    page.start()
    engine.find(*(frame(place, 10 * place) for place in range(3)))
    engine.end()
    return page


def test_it_says_what_is_missing(page, desk, subject):
    assert page.stack.currentWidget() is page.invitation
    assert page.panel.line.text() == "Choose picture A first."
    desk.take("a", subject(1))
    assert page.panel.line.text() == "Choose picture B first."
    desk.choose("mode", "classes")
    assert page.panel.start.isEnabled() and not page.panel.cards["b"].isVisible()
    desk.choose("origin", 1)
    assert page.panel.line.text() == "Choose two different classes."


def test_ends_without_noise_are_encoded_first(page, desk, engine, subject):
    desk.take("a", subject(1, latent=LATENT))
    desk.take("b", subject(2))
    page.start()
    assert isinstance(engine.errands[0], Encode) and engine.errands[0].names == ("picture 2",)
    engine.find(encoded(subject(2)))
    engine.end()
    assert desk.running
    wish = engine.errands[1]
    assert isinstance(wish, Interpolate)
    estimate = subject(9).pixels
    engine.progress(0.1, estimate[None])
    assert (page.picture.pixels == estimate).all()
    assert (wish.latents[0] == LATENT).all() and (wish.latents[1] == 0.5).all()
    assert wish.amounts[0] == 0 and wish.amounts[-1] == 1 and len(wish.amounts) == 25
    engine.end()
    assert not desk.running
    page.start()  # the noise is known now
    assert isinstance(engine.errands[2], Interpolate)
    engine.end()
    desk.choose("label", 1)  # with another class it is another noise
    page.start()
    assert isinstance(engine.errands[3], Encode)


def test_a_stop_while_encoding_makes_no_frames(page, desk, engine, subject):
    for number, end in enumerate("ab"):
        desk.take(end, subject(number))
    page.start()
    engine.find(encoded(subject(0)))
    engine.end("stopped")
    assert len(engine.errands) == 1 and not desk.running and page.panel.start.isEnabled()


def test_frames_are_looked_at_and_played(qtbot, made, desk):
    slider = made.timeline.slider
    made.timeline.choose(0)
    assert (made.picture.pixels == 0).all()
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert (made.picture.pixels == 10).all()
    assert made.picture.figures.text() == "frame 2 / 3 · 50 % of the way"
    QTest.keyClick(made.timeline, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: made.timeline.current == 2)


def test_other_ends_take_the_frames_away(made, desk, subject):
    desk.swap()
    assert (desk.frames[0] == 20).all() and desk.ends["a"].name == "picture 1"
    desk.take("a", subject(5))
    assert not desk.frames and not made.export_button.isEnabled()


def test_the_way_from_class_to_class(page, desk, engine, subject):
    desk.take("a", subject(0, latent=LATENT))
    for name, value in (("mode", "classes"), ("target", 2), ("strength", 2.0), ("frames", 3)):
        desk.choose(name, value)
    page.start()
    (wish,) = engine.errands
    assert isinstance(wish, Shift) and (wish.origin, wish.target) == (0, 2)
    assert wish.amounts == (0.0, 1.0, 2.0) and wish.count == 16
    engine.find(frame(0, 0), frame(1, 1))
    assert page.timeline.header.title.text() == "a to c"
    page.timeline.choose(1)
    assert page.picture.figures.text() == "frame 2 / 3 · amount 1.00"


@pytest.mark.parametrize("ending", [".gif", ".mp4"])
def test_the_film_goes_there_and_back(qtbot, made, desk, tmp_path, ending):
    path = tmp_path / f"way{ending}"
    with qtbot.waitSignal(desk.exported, timeout=20_000):
        desk.export(path, 12.0, back=True)
    if ending == ".gif":
        with Image.open(path) as film:
            assert film.n_frames == 4  # 0 1 2 1, then it begins again
    else:
        assert path.stat().st_size > 500


def test_a_film_that_cannot_be_written_is_told(qtbot, made, desk):
    with qtbot.waitSignal(desk.failed, timeout=20_000):
        desk.export(Path("/nowhere/at/all.gif"), 12.0, back=True)
