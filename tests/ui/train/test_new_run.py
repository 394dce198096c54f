"""Beginning a run: the form, the run file, and what is made of them."""

import tomllib

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.bundled import resource
from studio.session.training.bases import Base
from studio.session.training.founding import free_name
from studio.ui.train.new_run import NewRunDialog
from tests.session.training.folders import fake_run


@pytest.fixture
def pictures(tmp_path):
    """Return an npz of pictures."""
    path = tmp_path / "my cats.npz"
    np.savez(path, images=np.zeros((4, 8, 8, 3), dtype=np.uint8))
    return path


@pytest.fixture
def dialog(qtbot, tmp_path):
    root = tmp_path / "runs"
    dialog = NewRunDialog(root, lambda wish: free_name(root, wish))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def wanted(qtbot, dialog):
    """Press Create and return the name and what the run file says."""
    with qtbot.waitSignal(dialog.wanted) as asked:
        QTest.mouseClick(dialog.make, Qt.MouseButton.LeftButton)
    return asked.args[0], tomllib.loads(asked.args[1])


def test_pictures_are_all_that_is_needed(qtbot, dialog, pictures):
    assert not dialog.make.isEnabled()
    dialog.set_data(pictures)
    name, said = wanted(qtbot, dialog)
    assert name == "my cats" and said["data"]["path"] == str(pictures)
    assert (said["data"]["size"], said["network"]["init"], said["loop"]["kimg"]) == (32, "", 400.0)


def test_fine_tuning_takes_the_size_of_the_model_and_is_shorter(qtbot, dialog, pictures):
    dialog.set_data(pictures)
    dialog.form.choose_base(Base("/models/a.safetensors", "A", "Bundled", 64))
    assert not dialog.form.side.isEnabled()
    _, said = wanted(qtbot, dialog)
    assert (said["data"]["size"], said["network"]["init"]) == (64, "/models/a.safetensors")
    assert said["loop"]["kimg"] == 100.0 and said["optimiser"]["lr"] < 1e-3


def test_a_lora_is_asked_for(qtbot, dialog, pictures):
    dialog.set_data(pictures)
    assert not dialog.form.what_row.isVisible()
    dialog.form.choose_base(Base("/models/a.safetensors", "A", "Bundled", 64))
    assert dialog.form.what_row.isVisible()
    dialog.form.what.choose(8)
    assert wanted(qtbot, dialog)[1]["lora"]["rank"] == 8


def test_points_in_the_plane_are_learned_from_nothing(qtbot, dialog):
    dialog.set_data("two-moons.toy.json")
    assert not dialog.form.side.isEnabled() and not dialog.form.start.isEnabled()
    name, said = wanted(qtbot, dialog)
    assert name == "two-moons" and said["data"]["path"] == "two-moons.toy.json"
    bundled = tomllib.loads(resource("training", "two-moons.toml").read_text())
    assert said["network"]["channels"] == bundled["network"]["channels"]


def test_what_is_wrong_is_said_and_nothing_is_made(dialog, pictures):
    dialog.set_data(pictures.with_name("nowhere"))
    assert "There is nothing at" in dialog.remark.text and not dialog.make.isEnabled()
    dialog.set_data(pictures)
    assert dialog.make.isEnabled() and not dialog.remark.text
    dialog.name.selectAll()
    QTest.keyClicks(dialog.name, "a/b")
    assert "leave out /" in dialog.remark.text and not dialog.make.isEnabled()


def test_a_name_that_was_given_stays(dialog, pictures):
    dialog.name.selectAll()
    QTest.keyClicks(dialog.name, "mine")
    dialog.set_data(pictures)
    assert dialog.name.text() == "mine"


def test_the_run_file_is_checked_as_it_is_typed(qtbot, dialog, pictures):
    dialog.set_data(pictures)
    QTest.mouseClick(dialog.more, Qt.MouseButton.LeftButton)
    text = dialog.text.text
    assert "[optimiser]" in text and not dialog.text.problem
    with qtbot.waitSignal(dialog.text.checked):
        dialog.text.editor.setPlainText(text.replace("batch =", "bach ="))
    assert "Did you mean “batch”?" in dialog.text.remark.text and not dialog.make.isEnabled()
    with qtbot.waitSignal(dialog.text.checked):
        dialog.text.editor.setPlainText(text.replace("batch = 64", "batch = 32"))
    _, said = wanted(qtbot, dialog)
    assert said["loop"]["batch"] == 32


def test_undoing_all_edits_leads_back_to_the_form(qtbot, dialog, pictures):
    dialog.set_data(pictures)
    dialog.show_text()
    dialog.text.editor.setPlainText("")
    assert dialog.back.text() == "Undo all edits"
    QTest.mouseClick(dialog.back, Qt.MouseButton.LeftButton)
    assert wanted(qtbot, dialog)[1]["loop"]["batch"] == 64


def test_create_makes_a_run_that_waits_for_start(qtbot, open_tab, runs, pictures):
    tab = open_tab()
    desk = tab.studio.training
    looked = []
    desk.watch.launcher.look = looked.append
    dialog = tab.deeds.ask_new(pictures)
    qtbot.waitUntil(lambda: dialog.form.start.count() > 1)  # the models to begin from
    assert dialog.form.start.findText("Dungeon tiles network") > 0
    QTest.mouseClick(dialog.make, Qt.MouseButton.LeftButton)
    folder = runs / "my cats"
    qtbot.waitUntil(lambda: desk.standing is not None and desk.standing.folder == folder)
    assert desk.standing.state == "new" and tab.left.controls.main.text() == "Start"
    qtbot.waitUntil(lambda: looked == [folder])


def test_a_copy_has_the_same_settings_under_another_name(qtbot, open_tab, runs):
    folder = fake_run(runs / "tiles", "stopped")
    np.savez(folder / "tiles.npz", images=np.zeros((4, 8, 8, 3), dtype=np.uint8))
    tab = open_tab()
    QTest.mouseClick(tab.right.edit, Qt.MouseButton.LeftButton)
    dialog = tab.findChild(NewRunDialog)
    qtbot.waitUntil(dialog.isVisible)
    name, said = wanted(qtbot, dialog)
    assert name == "tiles-2" and said["loop"]["batch"] == 256
    assert said["data"]["path"] == str(folder / "tiles.npz")
    assert said["network"]["init"] == "dungeon-tiles-small.safetensors"


def test_longer_raises_the_number_of_pictures_and_goes_on(qtbot, open_tab, runs):
    folder = fake_run(runs / "run", "finished")
    tab, started = open_tab(), []
    tab.studio.training.watch.launcher.train = started.append
    tab.deeds.workshop.lengthen(folder, 900.0)
    qtbot.waitUntil(lambda: started == [folder])
    said = tomllib.loads((folder / "run.toml").read_text())
    assert said["loop"] == {"kimg": 900.0, "batch": 256, "micro_batch": 64}
