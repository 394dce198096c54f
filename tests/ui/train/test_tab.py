"""The Train tab on run folders without a trainer."""

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.session.training.folders import fake_run

CHECKPOINT = "checkpoint-000200.000"


def look(qtbot, window):
    desk = window.studio.training
    with qtbot.waitSignal(desk.changed):
        desk.look()
    qtbot.waitUntil(lambda: not desk.background.busy)


def test_a_run_that_is_at_work_is_shown_with_its_figures(qtbot, open_tab, runs):
    lines = [{"event": "stats", "time": 1.0, "gradient_norm": 0.42},
             {"event": "log", "time": time.time(), "text": "Resumed."}]  # fmt: skip
    fake_run(runs / "emoji-ft", lines=lines, checkpoint=CHECKPOINT)
    tab = open_tab().pages.train
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
        ("finished", "Train longer…", False),
    ],
)
def test_the_buttons_offer_what_can_be_done(open_tab, runs, state, text, stoppable):
    fake_run(runs / "run", state, checkpoint=CHECKPOINT if state else "")
    controls = open_tab().pages.train.left.controls
    assert controls.main.text() == text and controls.main.isEnabled()
    assert controls.stop.isEnabled() is stoppable


@pytest.mark.parametrize("name, command", [("main", "pause"), ("stop", "stop")])
def test_buttons_tell_the_trainer(qtbot, open_tab, runs, name, command):
    folder = fake_run(runs / "run")
    tab = open_tab().pages.train
    QTest.mouseClick(getattr(tab.left.controls, name), Qt.MouseButton.LeftButton)
    qtbot.waitUntil((folder / "commands" / command).is_file)
    assert not tab.left.controls.main.isEnabled()


def test_without_runs_it_says_what_to_do(open_tab):
    tab = open_tab().pages.train
    assert tab.stack.currentWidget() is tab.welcome
    assert not tab.left.controls.main.isEnabled() and not tab.right.open.isEnabled()


def test_open_as_model_opens_the_newest_checkpoint(qtbot, open_tab, runs):
    folder = fake_run(runs / "run", checkpoint=CHECKPOINT)
    window = open_tab()
    with qtbot.waitSignal(window.studio.models.opening) as opening:
        QTest.mouseClick(window.pages.train.right.open, Qt.MouseButton.LeftButton)
    assert opening.args[0] == str(folder / CHECKPOINT / "model.safetensors")
    assert window.pages.currentWidget() is window.pages.sample
