"""The LoRA section of the Sample tab, by mouse and keys."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.library import LoraRef
from studio.session.loras import Entry
from studio.ui.lora_section import LoraSection

ONE = LoraRef(path="/loras/one.safetensors", name="Watercolour", strength=0.5)
LONG = LoraRef(path="/loras/two.safetensors", name="A style with a name that goes on " * 4)


@pytest.fixture
def section(qtbot):
    section = LoraSection()
    qtbot.addWidget(section)
    section.resize(296, 300)
    section.show()
    return section


def child(section, name):
    return section.findChild(QWidget, name)


def test_without_a_network_there_is_no_section_and_with_one_a_quiet_line(section):
    section.show_entries((), offered=False)
    assert not section.isVisible()
    section.show_entries((), offered=True)
    assert section.isVisible() and section.empty.isVisible()
    assert section.header.note.text() == ""


def test_it_shows_each_lora_with_its_strength_and_what_is_wrong(section):
    off = LONG.model_copy(update={"on": False})
    entries = (Entry(ONE, "rank 8", remark="Made for “X”."), Entry(off, problem="It is gone."))
    section.show_entries(entries, offered=True)
    one, two = section._list
    assert (one.name.text(), one.facts.text(), one.switch.isChecked()) == (
        "Watercolour",
        "rank 8",
        True,
    )
    assert one.strength.field.value() == 0.5 and one.remark.text == "Made for “X”."
    assert two.problem.text == "It is gone." and not two.switch.isChecked()
    assert not two.strength.isEnabled() and not section.empty.isVisible()
    assert section.header.note.text() == "1 of 2 on"
    assert child(section, "lora_0_strength").accessibleName() == "strength of Watercolour"
    assert section.minimumSizeHint().width() <= 296  # a long name makes nothing wider
    section.show_entries(entries[:1], offered=True)
    assert len(section._list) == 1


def test_what_the_person_does_is_said_with_the_place_in_the_list(qtbot, section):
    section.show_entries((Entry(LONG), Entry(ONE)), offered=True)
    said = []
    section.switched.connect(lambda *given: said.append(("switched", *given)))
    section.strength_changed.connect(lambda *given: said.append(("strength", *given)))
    section.removed.connect(lambda *given: said.append(("removed", *given)))
    qtbot.mouseClick(child(section, "lora_1"), Qt.MouseButton.LeftButton)
    field = child(section, "lora_1_strength")
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "-0.25")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClick(section._list[0].strength.slider, Qt.Key.Key_End)
    qtbot.mouseClick(child(section, "lora_1_remove"), Qt.MouseButton.LeftButton)
    assert said == [
        ("switched", 1, False),
        ("strength", 1, -0.25),
        ("strength", 0, 2.0),
        ("removed", 1),
    ]


def test_files_can_be_dropped_on_it(section):
    dropped = []
    section.dropped.connect(dropped.append)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/a.safetensors"), QUrl("https://example.org/b")])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    section.dropEvent(event)
    assert dropped == ["/a.safetensors"]


def test_in_the_window_the_button_and_the_command_add_one(window, monkeypatch):
    added = []
    monkeypatch.setattr(window.studio.loras, "add", added.append)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/style.safetensors", ""))
    window.tab.loras.add_button.click()
    assert added == ["/style.safetensors"]


def test_in_the_window_the_recipe_follows_the_section(qtbot, window):
    studio, section = window.studio, window.tab.loras
    section.show_entries((), offered=False)
    studio.editor.edit("loras", (ONE,))
    qtbot.waitUntil(lambda: "There is no LoRA at" in section._list[0].problem.text)
    assert "There is no LoRA at" in window.tab.problem  # and Generate says why
    qtbot.mouseClick(child(section, "lora_0"), Qt.MouseButton.LeftButton)
    assert not studio.editor.recipe.loras[0].on and window.tab.problem == ""
    qtbot.mouseClick(child(section, "lora_0_remove"), Qt.MouseButton.LeftButton)
    assert studio.editor.recipe.loras == ()
