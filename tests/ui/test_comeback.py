"""The window after a crash of the one before it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from studio.app import build
from studio.library import Recipe
from studio.session.recovery import Mark
from studio.ui.toast import Toast

ROOT = Path(__file__).parents[2]

CRASHING = """
from PySide6.QtCore import QTimer
from studio.app import build
from studio.engine import worker
from studio.session import modeldesk, studio
from tests.fakes import FakeModel

model = FakeModel()
worker.load_model = lambda path, device, dtype, running=None: model
modeldesk.file_digest = lambda path: "ab" * 32
studio.findable = lambda path: "fake"
app, window = build([])
tab, session = window.tab, window.studio

def look(take, trajectory):
    tab.timeline.choose(5)
    tab.canvas.follow(2)
    session.editor.edit("steps", 25)
    session.queue.hold(True)
    session.queue.add(session.editor.whole)
    session.recovery.write()
    session._disk.run(lambda: None, lambda _: print("open", take.id, flush=True), print)

window.generate_enabled.connect(tab.generate)
session.shelf.take_added.connect(look)
window.show()
app.exec()
"""


@pytest.fixture
def opened(qtbot, stand_in):
    windows = []

    def opened():
        _, window = build([])
        windows.append(window)
        qtbot.addWidget(window)
        with qtbot.waitSignals([window.generate_enabled, window.studio.shelf.reloaded]):
            window.show()
        return window

    yield opened
    for window in windows:
        window.close()


@pytest.fixture
def killed(home):
    """Return the id of the take that a window looked at when its process was killed."""
    paths = {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    process = subprocess.Popen(
        [sys.executable, "-c", CRASHING], stdout=subprocess.PIPE, text=True, env=os.environ | paths
    )
    said = process.stdout.readline().split()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert said[:1] == ["open"]
    return said[1]


def toasts(window):
    return [toast for toast in window.findChildren(Toast) if toast.isVisible()]


def left(home, mark):
    folder = home / "open"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gone.json").write_text(mark.model_dump_json())


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows kills otherwise")
def test_a_killed_window_comes_back(qtbot, killed, opened):
    window = opened()
    viewer, studio = window.tab.viewer, window.studio
    qtbot.waitUntil(lambda: studio.shown is not None and viewer.index == 5)
    assert studio.shown.id == killed
    assert viewer.followed == 2
    assert studio.editor.recipe.steps == 25  # the edit after the take
    assert studio.shown.recipe.steps == 18
    assert [item.recipe.steps for item in studio.queue.items] == [25]
    assert studio.queue.held
    assert "ended unexpectedly" in toasts(window)[0].text
    window.close()
    again = opened()
    assert again.studio.shown is None and not toasts(again)


def test_what_was_sampling_is_offered_and_goes_on(qtbot, home, opened):
    recipe = Recipe(seeds=(5, 6), steps=9, model={"path": "fake"})
    left(home, Mark(recipe=recipe, running=recipe, tab=1))
    window = opened()
    qtbot.waitUntil(lambda: bool(toasts(window)))
    toast = toasts(window)[0]
    assert "2 images with Heun, 9 steps" in toast.text and not toast.timer.isActive()
    assert window.top_bar.tabs.currentIndex() == 1
    button = next(b for b in toast.findChildren(QPushButton) if b.text() == "Go on")
    with qtbot.waitSignal(window.studio.shelf.take_added) as added:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert added.args[0].recipe.seeds == (5, 6)


def test_a_second_window_is_no_crash(qtbot, opened):
    first = opened()
    first.studio.editor.edit("steps", 30)
    first.studio.recovery.write()
    with qtbot.waitSignal(first.studio.shelf.take_added):
        first.tab.generate()
    second = opened()
    assert not toasts(second) and second.studio.shown is None
