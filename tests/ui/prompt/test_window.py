"""Prompts in the window, with a model that takes them."""

import threading

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from studio.library import read_recipe
from studio.ui.prompt import desk as desk_module
from tests.conftest import put_in_place
from tests.text_models import TextModel

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def stand_in(monkeypatch):
    """Let every model that is opened be this one, which takes texts."""
    return put_in_place(monkeypatch, TextModel("fake", previews=("linear", "full")))


def control(window, name):
    (found,) = window.findChildren(QWidget, name)
    return found


def write(qtbot, window, name, text):
    field = control(window, name)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    return field


@pytest.fixture
def made(qtbot, window):
    """Write a prompt and press Ctrl+Enter in it; return the take."""
    window.activateWindow()
    write(qtbot, window, "negative_prompt", "fog")
    field = write(qtbot, window, "prompt", "a red fox")
    with qtbot.waitSignal(window.studio.shelf.take_added) as added:
        qtbot.keyClick(field, Qt.Key.Key_Return, CONTROL)
    return added.args[0]


def test_a_model_of_texts_begins_as_people_expect(window):
    recipe = window.studio.editor.recipe
    assert (recipe.guidance, len(recipe.seeds)) == (7.5, 1)
    assert not window.tab.panel.condition.guidance.modified
    assert control(window, "prompt").isVisible()


def test_ctrl_enter_generates_with_what_was_just_typed(made):
    assert (made.recipe.prompt, made.recipe.negative_prompt) == ("a red fox", "fog")


def test_a_picture_brings_its_prompt_back(qtbot, window, made, tmp_path):
    png = next(made.folder.glob("*.png"))
    write(qtbot, window, "prompt", "something else").commit()
    window.studio.editor.edit("width", 64)
    with qtbot.waitSignal(window.studio.noted):
        window.studio.open_file(str(png))
    assert control(window, "prompt").toPlainText() == "a red fox"
    assert control(window, "negative_prompt").toPlainText() == "fog"
    assert window.studio.editor.recipe.width == 0
    with qtbot.waitSignal(window.studio.shelf.take_added) as added:
        window.tab.generate()
    again = next(added.args[0].folder.glob("*.png"))
    with Image.open(png) as one, Image.open(again) as two:
        assert np.array_equal(np.asarray(one), np.asarray(two))


def test_takes_are_known_by_their_prompts(qtbot, window, made):
    item = window.tab.takes.view.take_model.item(0)
    assert item.title == "a red fox"
    assert item.subtitle.startswith("Heun · Karras · 18 · seed")


def test_a_size_is_sampled_and_a_branch_keeps_it(qtbot, window, made):
    window.tab.panel.picture.size_row.sized.emit(32, 0)
    assert window.studio.editor.recipe.width == 32
    window.tab.timeline.choose(3)
    with qtbot.waitSignal(window.studio.failed) as failed:
        window.tab.branch()
    assert "goes on at the same size" in str(failed.args[0])
    with qtbot.waitSignal(window.studio.shelf.take_added) as added:
        window.tab.generate()
    recipe = added.args[0].recipe
    assert read_recipe(next(added.args[0].folder.glob("*.png"))) == recipe
    window.studio.editor.undo()
    assert window.studio.editor.recipe.width == 0


def test_a_branch_takes_another_prompt(qtbot, window, made):
    window.tab.timeline.choose(5)
    write(qtbot, window, "prompt", "a castle")
    with qtbot.waitSignal(window.studio.shelf.take_added) as added:
        window.tab.branch()
    (segment,) = added.args[0].recipe.segments
    assert (segment.from_step, segment.changes) == (6, {"prompt": "a castle"})
    assert window.tab.takes.view.take_model.item(1).title == "branch @ 6 · prompt “a castle”"


def test_the_queue_takes_what_was_just_typed(qtbot, window, made):
    field = write(qtbot, window, "prompt", "a castle")
    keys = CONTROL | Qt.KeyboardModifier.ShiftModifier
    with qtbot.waitSignal(window.studio.shelf.take_added) as added:
        qtbot.keyClick(field, Qt.Key.Key_Return, keys)
    assert added.args[0].recipe.prompt == "a castle"


def test_live_follows_the_prompt(qtbot, window, made):
    window.studio.remember(live=True)
    with qtbot.waitSignal(window.studio.sampling.ended) as ended:
        write(qtbot, window, "prompt", "a castle")
    assert ended.args[0].recipe.prompt == "a castle"


def test_tokens_are_counted(qtbot, window):
    write(qtbot, window, "prompt", "a red fox")
    length = window.tab.panel.prompt.prompt.length
    qtbot.waitUntil(lambda: length.text() == "3 / 75")


def test_the_preview_is_remembered(qtbot, window, stand_in):
    box = control(window, "preview")
    box.setCurrentIndex(box.findData("full"))
    qtbot.waitUntil(lambda: stand_in.codec.shown == "full")
    assert window.studio.settings.preview == "full"
    stand_in.codec.shown = "linear"
    with qtbot.waitSignal(window.studio.models.opened):
        window.studio.open_model("fake")
    qtbot.waitUntil(lambda: stand_in.codec.shown == "full")
    assert box.currentData() == "full"


def test_a_slow_prompt_is_said_to_be_read(qtbot, window, stand_in, monkeypatch):
    window.tab.prompting._slow.setInterval(0)
    go_on, read = threading.Event(), stand_in.condition

    def slowly(*args, **named):
        assert go_on.wait(10)
        return read(*args, **named)

    monkeypatch.setattr(stand_in, "condition", slowly)
    write(qtbot, window, "prompt", "a red fox")
    window.tab.generate()
    pill = window.tab.canvas.header.pill
    qtbot.waitUntil(lambda: pill.text == "Reading the prompt…")
    with qtbot.waitSignal(window.studio.sampling.started):
        go_on.set()
    assert pill.text != "Reading the prompt…"
    qtbot.waitUntil(lambda: not window.studio.sampling.running)


def test_a_weaker_model_is_asked_for(qtbot, window, monkeypatch, tmp_path):
    weak = tmp_path / "weak.safetensors"
    weak.write_bytes(b"weak")
    dialog = desk_module.QFileDialog
    monkeypatch.setattr(dialog, "getOpenFileName", lambda *_: (str(weak), ""))
    window.tab.panel.steering.guide.asking.emit(False)
    assert window.studio.editor.recipe.guide.path == str(weak)
    with qtbot.waitSignal(window.studio.failed) as failed:
        window.tab.generate()
    assert "weaker model cannot be opened" in str(failed.args[0])
    window.tab.panel.steering.guide.reset()
    with qtbot.waitSignal(window.studio.shelf.take_added):
        window.tab.generate()
