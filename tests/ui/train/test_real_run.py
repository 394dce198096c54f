"""A whole run in the window, with a real trainer: new, start, pause, resume, stop, open."""

import numpy as np
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.app import build
from studio.models import load_model
from studio.preferences import runs_folder
from studio.ui.pages import TRAIN
from tests.session.training.folders import fake_run

SMALL = {
    "channels = 64": "channels = 8",
    "multipliers = [1, 2]": "multipliers = [1]",
    "blocks = 2": "blocks = 1",
    "attention = [8]": "attention = []",
    "batch = 64": "batch = 4",
    "stats_kimg = 1.0": "stats_kimg = 0.004",
    "samples = 16": "samples = 0",
    'device = "auto"': 'device = "cpu"',
}


def click(button):
    assert button.isEnabled(), button.toolTip()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_run_from_pictures_to_an_open_model(qtbot, monkeypatch, open_tab, tmp_path):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    pictures = tmp_path / "cats.npz"
    images = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 3), dtype=np.uint8)
    np.savez(pictures, images=images)
    tab = open_tab()
    desk, faults = tab.studio.training, []
    tab.studio.failed.connect(faults.append)
    desk.start()

    def stands(*states):
        qtbot.waitUntil(
            lambda: desk.standing is not None and desk.standing.state in states, timeout=60_000
        )
        assert not faults

    dialog = tab.deeds.ask_new(pictures)
    dialog.form.side.choose(0)
    dialog.show_text()
    text = dialog.text.text
    for old, new in SMALL.items():
        assert old in text, old
        text = text.replace(old, new)
    dialog.text.editor.setPlainText(text)
    click(dialog.make)
    stands("new")
    qtbot.waitUntil(
        lambda: desk.details is not None and desk.details.data is not None, timeout=60_000
    )
    assert tab.left.data.facts.text() == "12 pictures · 8 px" and tab.left.data.sheet.isVisible()

    click(tab.left.controls.main)
    stands("running")
    click(tab.left.controls.main)
    stands("paused")
    click(tab.left.controls.main)
    stands("running")
    qtbot.waitUntil(lambda: desk.standing.status.kimg > 0, timeout=60_000)
    click(tab.left.controls.stop)
    stands("stopped")
    qtbot.waitUntil(lambda: desk.details.checkpoint is not None)
    assert "Stopped and saved" in tab.right.log.toPlainText()

    with qtbot.waitSignal(tab.studio.models.opening):
        click(tab.right.open)
    model = load_model(tab.studio.models.path, "cpu")
    assert model.info.name == "cats" and model.info.shape == (3, 8, 8)
    assert model.denoise(torch.zeros(1, 3, 8, 8), 1.0).isfinite().all()


def test_what_trains_is_said_when_the_window_opens(qtbot, home, stand_in):
    fake_run(runs_folder() / "one")
    fake_run(runs_folder() / "two", "paused")
    _, window = build([])
    qtbot.addWidget(window)
    started = [window.generate_enabled, window.studio.training.first_look]
    with qtbot.waitSignals(started, timeout=60_000):
        window.show()
    qtbot.waitUntil(lambda: "2 runs are training" in window.status.note.text())
    assert not window.top_bar.tabs.tabIcon(TRAIN).isNull()
    window.close()
