"""The sections of prompt, size and guides, each on its own."""

import dataclasses

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from studio.library import ModelRef, Recipe
from studio.ui.model_card import ModelCard
from studio.ui.model_choices import ModelChoice
from studio.ui.prompt.aspects import aspects
from studio.ui.sampler_panel import SamplerPanel
from tests.text_models import TextModel

INFO = dataclasses.replace(TextModel().info, shape=(4, 64, 64), previews=("linear", "full"))
FIXED = dataclasses.replace(INFO, text=False, multiple=0, pixels=1, previews=())
CONTROL = Qt.KeyboardModifier.ControlModifier
HERE = (ModelChoice("/m/weak.pkl", "Weak", "Recent"), ModelChoice("/m/gone", "Gone", "", "gone"))


@pytest.fixture
def panel(qtbot):
    made = SamplerPanel(ModelCard(), models=lambda: HERE)
    made.show_model(INFO)
    made.show_recipe(Recipe())
    qtbot.addWidget(made)
    made.resize(296, 1600)
    made.show()
    QApplication.processEvents()
    made.seen = []
    made.changed.connect(lambda field, value: made.seen.append((field, value)))
    return made


def control(panel, name):
    (found,) = panel.findChildren(QWidget, name)
    return found


def test_the_sections_are_there_for_models_that_have_a_use_for_them(panel):
    sections = (panel.prompt, panel.picture, panel.condition)
    assert all(section.isVisible() for section in sections)
    assert not panel.condition.classes.isVisible() and panel.condition.guidance.isVisible()
    panel.show_model(FIXED)
    assert not any(section.isVisible() for section in sections)
    assert not panel.steering.threshold.isHidden()
    panel.show_model(INFO)
    assert panel.steering.threshold.isHidden()  # latents have no range


def test_typing_is_told_once_it_pauses(qtbot, panel):
    edit = control(panel, "prompt")
    edit.setFocus()
    with qtbot.waitSignal(panel.changed) as told:
        qtbot.keyClicks(edit, "a red fox")
    assert told.args == ["prompt", "a red fox"] and len(panel.seen) == 1
    qtbot.keyClicks(edit, "!")
    panel.show_recipe(Recipe(prompt="a red fox"))  # an answer to what was typed before
    assert edit.toPlainText() == "a red fox!"
    control(panel, "negative_prompt").setFocus()
    assert panel.seen[-1] == ("prompt", "a red fox!")


def test_a_recipe_is_shown_in_silence(panel):
    panel.show_recipe(Recipe(prompt="a\nb", negative_prompt="fog", width=768, guidance_rescale=0.5))
    assert control(panel, "prompt").toPlainText() == "a\nb"
    assert control(panel, "negative_prompt").toPlainText() == "fog"
    assert (control(panel, "width").value(), control(panel, "height").value()) == (768, 512)
    assert control(panel, "guidance_rescale").value() == 0.5
    assert panel.seen == []


def test_the_field_grows_with_its_lines(qtbot, panel):
    edit = control(panel, "prompt")
    heights = []
    for lines in (0, 4, 8, 40):
        panel.show_recipe(Recipe(prompt="\n".join("word" for _ in range(lines))))
        QApplication.processEvents()
        heights.append(edit.height())
    assert heights[0] < heights[1] < heights[2] < heights[3] < 3 * heights[1]
    assert edit.verticalScrollBar().maximum() > 0
    panel.show_recipe(Recipe(prompt="one"))
    assert edit.height() == heights[0] and edit.verticalScrollBar().maximum() == 0


def test_ctrl_up_weighs_the_word(qtbot, panel):
    edit = control(panel, "prompt")
    panel.show_recipe(Recipe(prompt="a red fox"))
    edit.setFocus()
    qtbot.keyClick(edit, Qt.Key.Key_Up, CONTROL)
    qtbot.keyClick(edit, Qt.Key.Key_Up, CONTROL)
    assert edit.toPlainText() == "a red (fox:1.2)"
    assert edit.textCursor().selectedText() == "fox"
    edit.undo()
    edit.undo()
    assert edit.toPlainText() == "a red fox"


def test_pasted_text_becomes_plain(panel):
    edit = control(panel, "prompt")
    mime = QMimeData()
    mime.setText("two\r\nlines\0 and a bell\7")
    edit.insertFromMimeData(mime)
    edit.commit()
    assert panel.seen == [("prompt", "two\nlines and a bell")]
    mime.setText("x" * 20_000)
    edit.insertFromMimeData(mime)
    assert len(edit.toPlainText()) == 16_384


def test_files_are_left_to_the_window(panel, tmp_path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "picture.png"))])
    edit = control(panel, "prompt")
    assert not edit.canInsertFromMimeData(mime)
    mime = QMimeData()
    mime.setText("words")
    assert edit.canInsertFromMimeData(mime)


def test_undo_is_the_windows_where_nothing_was_typed(qtbot, panel):
    edit = control(panel, "prompt")
    shortcut = []
    action = panel.addAction("undo")
    action.setShortcut(QKeySequence.StandardKey.Undo)
    action.triggered.connect(lambda: shortcut.append(1))
    panel.show_recipe(Recipe(prompt="from a take"))
    edit.setFocus()
    qtbot.keyClick(edit, Qt.Key.Key_Z, CONTROL)
    assert shortcut == [1] and edit.toPlainText() == "from a take"
    qtbot.keyClicks(edit, "!")
    qtbot.keyClick(edit, Qt.Key.Key_Z, CONTROL)
    assert shortcut == [1] and edit.toPlainText() == "from a take"


def test_lengths_stand_beside_the_text_they_belong_to(qtbot, panel):
    asked = []
    panel.prompt.counting.connect(asked.append)
    panel.show_recipe(Recipe(prompt="a red fox", negative_prompt="fog"))
    assert asked == ["a red fox", "fog"]
    panel.prompt.show_length("a red fox", (3, 75))
    panel.prompt.show_length("of another time", (9, 75))
    assert panel.prompt.prompt.length.text() == "3 / 75"
    assert panel.prompt.negative.length.text() == ""
    panel.show_recipe(Recipe())
    assert panel.prompt.prompt.length.text() == ""


def sizes(panel):
    told = []
    panel.picture.size_row.sized.connect(lambda *sides: told.append(sides))
    return told


def test_sides_go_in_multiples_and_the_models_own_is_nothing(qtbot, panel):
    told, width = sizes(panel), control(panel, "width")
    width.setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(width, key)
    assert told == [(520, 0), (0, 0), (504, 0)]
    width.selectAll()
    qtbot.keyClicks(width, "701")
    qtbot.keyClick(width, Qt.Key.Key_Return)
    assert told[-1] == (704, 0) and width.value() == 704
    assert panel.picture.size_row.modified
    panel.picture.size_row.reset()
    assert told[-1] == (0, 0) and not panel.picture.size_row.modified


def test_a_swap_is_one_edit(qtbot, panel):
    told = sizes(panel)
    panel.show_recipe(Recipe(width=768))
    qtbot.mouseClick(panel.picture.size_row.swap, Qt.MouseButton.LeftButton)
    assert told == [(0, 768)]
    assert panel.picture.size_row.sides == (512, 768)


def test_a_side_that_is_none_says_why(qtbot, panel):
    width = control(panel, "width")
    width.setFocus()
    width.selectAll()
    qtbot.keyClicks(width, "wide")
    assert "“wide” is not a number" in panel.problem
    assert panel.picture.problem.text == panel.problem
    panel.show_recipe(Recipe(width=256))
    assert not panel.problem and width.value() == 256


def test_shapes_have_about_the_area_of_the_models_own(qtbot, panel):
    told, row = sizes(panel), panel.picture.size_row
    row.menu.aboutToShow.emit()
    texts = [action.text() for action in row.menu.actions()]
    assert texts[0] == "The model's own\t512 × 512" and "Wide 16 : 9\t680 × 384" in texts
    row.menu.actions()[1].trigger()
    assert told == [(592, 440)] == [row.sides]
    for own, multiple in (((512, 512), 64), ((1024, 1024), 8), ((16, 16), 8)):
        for _, (width, height) in aspects(own, multiple):
            assert width % multiple == height % multiple == 0 < min(width, height)
            assert 0.6 < width * height / (own[0] * own[1]) < 1.7


def test_the_preview_is_offered_and_chosen(qtbot, panel):
    chosen = []
    panel.picture.preview.chosen.connect(chosen.append)
    box = control(panel, "preview")
    panel.picture.wish_preview("full")
    assert box.currentData() == "full" and chosen == []
    panel.show_model(INFO)  # as when a LoRA brings classes
    assert box.currentData() == "full"
    box.setCurrentIndex(0)
    assert chosen == ["linear"]
    panel.picture.wish_preview("tiny")  # which this model has not
    assert box.currentData() == "linear"


def test_a_weaker_model_is_chosen_from_those_at_hand(qtbot, panel):
    panel.steering.collapsed = False
    box = control(panel, "guide")
    assert [box.itemText(i) for i in range(box.count())] == [
        "None",
        "Weak",
        "Choose a file…",
        "Choose a folder…",
    ]
    box.setCurrentIndex(1)
    box.activated.emit(1)
    weak = ModelRef(path="/m/weak.pkl", name="Weak")
    assert panel.seen == [("guide", weak)]
    panel.show_recipe(Recipe(guide=weak))
    assert panel.steering.header.note.text() == "1 on"
    assert not control(panel, "negative_prompt").isEnabled()
    panel.steering.guide.reset()
    assert panel.seen[-1] == ("guide", None)


def test_another_file_is_asked_for_or_dropped(qtbot, panel):
    row = panel.steering.classifier
    asked = []
    row.asking.connect(asked.append)
    for at, folder in ((1, False), (2, True)):
        row.box.setCurrentIndex(at)
        row.box.activated.emit(at)
        assert asked[-1] is folder and row.box.currentText() == "None"
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/m/judge.pt")])
    row.dropEvent(Drop(mime))
    judge = ModelRef(path="/m/judge.pt", name="judge")
    assert panel.seen == [("classifier", judge)]
    panel.show_recipe(Recipe(classifier=judge))
    assert panel.condition.classes.isVisible() and not panel.steering.scale.isHidden()


def test_a_model_without_classes_can_be_guided_by_a_weaker_one(panel):
    panel.show_model(FIXED)
    panel.show_recipe(Recipe(guide=ModelRef(path="/m/weak.pkl")))
    assert panel.condition.isVisible() and panel.condition.guidance.isVisible()
    assert not panel.condition.classes.isVisible()


class Drop:
    def __init__(self, mime):
        self._mime = mime

    def mimeData(self):
        return self._mime
