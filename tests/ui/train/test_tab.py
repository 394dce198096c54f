"""The Train tab on run folders without a trainer."""

import json
import time

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QScrollBar, QWidget

from studio.ui.train.cluster_dialog import ClusterDialog
from studio.ui.train.data_sheet import SheetDialog
from studio.ui.train.new_run import NewRunDialog
from studio.ui.train.run_text import RunFileDialog
from tests.session.training.folders import add_lines, fake_run

CHECKPOINT = "checkpoint-000200.000"


def test_a_run_that_is_at_work_is_shown_with_its_figures(qtbot, open_tab, runs):
    lines = [{"event": "log", "time": time.time(), "text": "Resumed."}]
    fake_run(runs / "emoji-ft", lines=lines, checkpoint=CHECKPOINT)
    tab = open_tab()
    values = {name: value.whole for name, value in tab.right.now.values.items()}
    assert values["Speed"] == "5,210 img/s" and values["Gradient norm"] == "0.42"
    assert values["Batch"] == "256 = 64 × 4" and values["Memory"] == "9.6 GB"
    assert tab.right.recipe.values["Start from"].whole == "dungeon-tiles-small"
    assert tab.right.log.toPlainText().endswith("Resumed.")
    assert tab.foot.percent.text() == "43 %"
    assert tab.left.controls.main.text() == "Pause" and tab.left.controls.stop.isEnabled()


@pytest.mark.parametrize(
    "state, text, stoppable",
    [
        ("", "Start", False),
        ("paused", "Resume", True),
        ("stopped", "Resume", False),
        ("finished", "Longer…", False),
    ],
)
def test_the_buttons_offer_what_can_be_done(open_tab, runs, state, text, stoppable):
    fake_run(runs / "run", state, checkpoint=CHECKPOINT if state else "")
    controls = open_tab().left.controls
    assert controls.main.text() == text and controls.main.isEnabled()
    assert controls.stop.isEnabled() is stoppable


@pytest.mark.parametrize("name, command", [("main", "pause"), ("stop", "stop")])
def test_buttons_tell_the_trainer(qtbot, open_tab, runs, name, command):
    folder = fake_run(runs / "run")
    tab = open_tab()
    QTest.mouseClick(getattr(tab.left.controls, name), Qt.MouseButton.LeftButton)
    qtbot.waitUntil((folder / "commands" / command).is_file)
    assert not tab.left.controls.main.isEnabled()


def test_what_was_asked_for_is_not_asked_again_until_the_run_speaks(qtbot, open_tab, runs):
    folder = fake_run(runs / "run")
    tab = open_tab()
    QTest.mouseClick(tab.right.sample, Qt.MouseButton.LeftButton)
    qtbot.waitUntil((folder / "commands" / "sample").is_file)
    qtbot.waitUntil(lambda: tab.right.sample.text() == "Sampling…")
    assert not tab.right.sample.isEnabled() and tab.right.save.isEnabled()
    add_lines(folder, {"event": "sheet", "time": 9.0, "file": "samples/000214.000.png"})
    tab.studio.training.look()
    qtbot.waitUntil(tab.right.sample.isEnabled)
    assert tab.right.sample.text() == "Sample now"


def test_without_runs_it_says_what_to_do(open_tab):
    tab = open_tab()
    assert tab.stack.currentWidget() is tab.welcome
    assert not tab.left.controls.main.isEnabled() and not tab.right.open.isEnabled()


def test_open_as_model_opens_the_newest_checkpoint(qtbot, open_tab, runs):
    folder = fake_run(runs / "run", checkpoint=CHECKPOINT)
    tab = open_tab()
    with qtbot.waitSignals([tab.studio.models.opening, tab.deeds.model_opened]):
        QTest.mouseClick(tab.right.open, Qt.MouseButton.LeftButton)
    assert tab.studio.models.path == str(folder / CHECKPOINT / "model.safetensors")


def test_del_leaves_a_run_out_of_the_list_and_says_where_it_stays(qtbot, open_tab, runs):
    folder = fake_run(runs / "run", "stopped")
    tab = open_tab()
    with qtbot.waitSignal(tab.studio.noted) as noted:
        QTest.keyClick(tab.left.runs, Qt.Key.Key_Delete)
    assert str(folder) in noted.args[0] and tab.left.runs.count() == 0
    assert (folder / "run.toml").is_file()


def test_why_a_run_stands_still_is_said(open_tab, runs):
    fake_run(runs / "run", "failed", message="Memory ran out with 64 pictures at once.")
    tab = open_tab()
    assert "Memory ran out" in tab.right.remark.text
    assert tab.left.runs.standing(0).state == "failed"


def test_a_silent_run_can_be_resumed(qtbot, open_tab, runs):
    folder = fake_run(runs / "run", age=3600.0, checkpoint=CHECKPOINT)
    tab, started = open_tab(), []
    tab.studio.training.watch.launcher.train = started.append
    assert "no sign of life" in tab.right.remark.text
    assert tab.left.controls.main.text() == "Resume"
    tab.start()
    qtbot.waitUntil(lambda: started == [folder])


def test_links_take_the_run_to_a_cluster(qtbot, open_tab, runs):
    fake_run(runs / "emoji ft")
    tab = open_tab()
    QTest.mouseClick(tab.foot.links["copy_sbatch"], Qt.MouseButton.LeftButton)
    dialog = tab.findChild(ClusterDialog)
    dialog.fields["nodes"].setValue(4)
    QTest.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    script = QGuiApplication.clipboard().text()
    assert "#SBATCH --nodes=4\n" in script and "emoji ft" in script


def test_settings_of_a_run_that_stands_still_are_edited_in_place(qtbot, open_tab, runs):
    folder = fake_run(runs / "run", "stopped")
    tab = open_tab()
    tab.deeds.edit(folder)
    qtbot.waitUntil(lambda: tab.findChild(RunFileDialog) is not None)
    dialog = tab.findChild(RunFileDialog)
    qtbot.waitUntil(dialog.isVisible)
    text = dialog.text.text
    dialog.text.editor.setPlainText(text.replace("kimg", "kmig"))
    dialog.text.check()
    assert not dialog.save.isEnabled() and "“kmig”" in dialog.text.remark.text
    dialog.text.editor.setPlainText(text.replace("500.0", "900.0"))
    dialog.text.check()
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "900.0" in (folder / "run.toml").read_text())


def test_a_folder_that_is_dropped_is_followed_or_learned_from(qtbot, open_tab, runs, tmp_path):
    folder = fake_run(tmp_path / "elsewhere" / "run", "stopped")
    pictures = tmp_path / "cats"
    pictures.mkdir()
    tab = open_tab()
    tab.deeds.take(folder)
    assert tab.studio.training.selected == folder
    tab.deeds.take(pictures)
    dialog = tab.findChild(NewRunDialog)
    assert dialog.form.data == str(pictures) and dialog.name.text() == "cats"
    qtbot.waitUntil(lambda: not tab.studio.training.background.busy)


def test_what_is_skipped_is_named(qtbot, open_tab, runs):
    folder = fake_run(runs / "run", "stopped")
    said = {"pictures": 9, "size": 32, "from": [[64, 64, 9]], "skipped_count": 1}
    said["skipped"] = [{"name": "1f9ff.png", "reason": "truncated"}]
    (folder / "data.json").write_text(json.dumps(said))
    card = open_tab().left.data
    assert card.facts.text() == "9 pictures · 64→32 px"
    assert card.skipped.text() == "1 picture skipped"
    assert "1f9ff.png: truncated" in card.skipped.toolTip()


def test_the_sheet_is_glimpsed_and_shown_whole(qtbot, open_tab, runs):
    folder = fake_run(runs / "run", "stopped")
    grid = [[10 + 12 * column, 2 + 12 * row, 8] for row in range(5) for column in range(5)]
    sheet = np.zeros((64, 72, 3), np.uint8)
    for place, (left, top, side) in enumerate(grid):
        sheet[top : top + side, left : left + side] = 10 * place + 5
    Image.fromarray(sheet).save(folder / "data.png")
    (folder / "data.json").write_text(json.dumps({"pictures": 25, "size": 8, "grid": grid}))
    tab = open_tab()
    glimpse = tab.studio.training.details.glimpse
    shades = [int(glimpse[12 * (n // 4) + 4, 12 * (n % 4) + 4, 0]) for n in range(16)]
    assert shades == [10 * (n * 25 // 16) + 5 for n in range(16)]
    QTest.mouseClick(tab.left.data.sheet, Qt.MouseButton.LeftButton)
    assert tab.findChild(SheetDialog).isVisible()


def test_everything_has_a_name_and_says_what_it_does(open_tab, runs):
    fake_run(runs / "run", checkpoint=CHECKPOINT)
    tab = open_tab()
    parts = (tab.left, tab.right, tab.foot)
    found = [w for part in parts for w in part.findChildren(QWidget) if w.isVisible()]
    controls = [w for w in found if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    controls = [w for w in controls if not isinstance(w, QScrollBar | QScrollArea)]
    assert len(controls) > 12
    assert [w for w in controls if not w.accessibleName()] == []
    assert [w.accessibleName() for w in controls if not (w.toolTip() or w is tab.left.runs)] == []
