import shutil
import time

import numpy as np
import pytest
from PIL import Image

from studio.library import LibraryError, read_recipe
from studio.preferences import load_settings, settings_path
from studio.session import shelf as shelf_module
from studio.session import studio as studio_module


@pytest.fixture
def take(qtbot):
    def generate(studio):
        with qtbot.waitSignal(studio.shelf.take_added) as added:
            studio.generate()
        return added.args[0]

    return generate


def slow(model, x, sigma):
    time.sleep(0.01)


def test_generate_makes_a_take_with_pictures_recipe_and_trajectory(studio, take):
    made = take(studio)
    assert made.status == "finished" and made.nfe == 35
    assert len(made.pictures) == 16
    recipe = read_recipe(made.pictures[3])
    assert recipe == made.recipe
    assert recipe.model.sha256 == "ab" * 32
    assert len(made.trajectory()) == 18
    assert studio.shelf.count() == 1 and studio.shown.take == made.id


def test_the_recipe_of_a_take_makes_the_same_picture_again(studio, take):
    studio.editor.edit("knobs.s_churn", 30.0)
    first = take(studio)
    studio.editor.edit("steps", 5)
    studio.editor.edit("knobs.s_churn", 0.0)
    studio.editor.replace(read_recipe(first.pictures[0]))
    second = take(studio)
    assert np.array_equal(first.trajectory()[17].x, second.trajectory()[17].x)


def test_a_stopped_run_keeps_its_partial_take(qtbot, studio, model):
    model.hook = slow
    studio.editor.edit("steps", 200)
    with qtbot.waitSignal(studio.shelf.take_added) as added:
        studio.generate()
        qtbot.waitUntil(lambda: len(model.calls) > 6)
        studio.sampling.stop()
    made = added.args[0]
    assert made.status == "stopped"
    assert 0 < len(made.trajectory()) < 200


def test_partial_takes_can_be_unwanted(qtbot, start, model):
    studio = start(keep_partial=False)
    model.hook = slow
    with qtbot.waitSignal(studio.sampling.ended):
        studio.generate()
        qtbot.waitUntil(lambda: len(model.calls) > 6)
        studio.sampling.stop()
    qtbot.wait(50)
    assert studio.shelf.count() == 0


def test_live_samples_again_after_a_change_and_drops_what_it_overtook(qtbot, start, model):
    studio = start(live=True)
    model.hook = slow
    ended = []
    studio.engine.run_ended.connect(ended.append)
    for steps in (30, 31, 32, 3):
        studio.editor.edit("steps", steps)
        qtbot.wait(120)
    qtbot.waitUntil(lambda: bool(ended) and ended[-1].outcome == "finished")
    qtbot.waitUntil(lambda: studio.shelf.count() == 1)
    assert ended[-1].recipe.steps == 3
    assert [e.outcome for e in ended[:-1]] == ["stopped"] * (len(ended) - 1)


def test_changes_within_80_ms_are_one_run(qtbot, start):
    studio = start(live=True)
    started = []
    studio.sampling.started.connect(started.append)
    for churn in range(1, 20):
        studio.editor.edit("knobs.s_churn", float(churn))
    qtbot.waitUntil(lambda: studio.shelf.count() == 1)
    assert len(started) == 1 and started[0].recipe.knobs["s_churn"] == 19.0


def test_generate_rolls_a_new_seed_only_where_it_may(start, take):
    studio = start()
    before = studio.editor.recipe.seeds
    take(studio)
    assert studio.editor.recipe.seeds == before
    studio.remember(same_seed=False)
    take(studio)
    assert studio.editor.recipe.seeds != before
    assert len(studio.editor.recipe.seeds) == len(before)


def test_a_take_comes_back_with_recipe_and_trajectory(qtbot, studio, take):
    first = take(studio)
    studio.editor.edit("steps", 4)
    take(studio)
    with qtbot.waitSignal(studio.shelf.take_opened):
        studio.shelf.reopen(first.id)
    assert studio.editor.recipe.steps == 18
    assert studio.shown.take == first.id and len(studio.shown.trajectory) == 18


def test_a_dropped_picture_restores_its_recipe(qtbot, studio, take):
    studio.editor.edit("knobs.s_churn", 12.0)
    made = take(studio)
    studio.editor.edit("knobs.s_churn", 0.0)
    with qtbot.waitSignal(studio.noted) as noted:
        studio.open_file(str(made.pictures[0]))
    assert studio.editor.recipe.knobs["s_churn"] == 12.0
    assert "restored" in noted.args[0]


@pytest.mark.parametrize("name", ["plain.png", "notes.txt", "nowhere.png"])
def test_what_cannot_be_opened_is_said(qtbot, studio, tmp_path, name):
    if name == "plain.png":
        Image.new("RGB", (4, 4)).save(tmp_path / name)
    elif name == "notes.txt":
        (tmp_path / name).write_text("hello")
    with qtbot.waitSignal(studio.failed) as failed:
        studio.open_file(str(tmp_path / name))
    assert name in failed.args[0].title


def test_a_save_that_fails_is_said_and_tried_again(qtbot, studio, take, monkeypatch):
    real = shelf_module.write_take

    def full(root, *_args, **_kwargs):
        raise LibraryError(f"The take cannot be written to “{root}”: the disk is full.")

    monkeypatch.setattr(shelf_module, "write_take", full)
    with qtbot.waitSignal(studio.failed) as failed:
        studio.generate()
    assert "disk is full" in failed.args[0].title and "kept in memory" in failed.args[0].advice
    monkeypatch.setattr(shelf_module, "write_take", real)
    take(studio)
    qtbot.waitUntil(lambda: studio.shelf.count() == 2)


def test_moving_the_output_folder_saves_what_could_not_be_saved(qtbot, studio, tmp_path):
    shutil.rmtree(studio.shelf.root)
    studio.shelf.root.parent.mkdir(exist_ok=True)
    studio.shelf.root.write_text("a file in the way")
    with qtbot.waitSignal(studio.failed):
        studio.generate()
    studio.apply({"output_folder": tmp_path / "elsewhere"})
    qtbot.waitUntil(lambda: studio.shelf.count() == 1)
    assert studio.shelf.root == tmp_path / "elsewhere"


def test_a_trashed_take_can_be_recovered(studio, take):
    made = take(studio)
    trashed = studio.shelf.discard(made.id)
    assert studio.shelf.count() == 0 and not made.folder.exists() and trashed.folder.exists()
    studio.shelf.recover(trashed)
    assert studio.shelf.count() == 1 and made.folder.exists()


def test_recipe_and_settings_survive_a_restart(start):
    studio = start()
    studio.editor.edit("steps", 33)
    studio.remember(live=True, theme="light")
    assert studio.close()
    settings, note = load_settings(settings_path())
    assert note is None and settings.theme == "light" and settings.live
    again = start(**dict(settings))
    assert again.editor.recipe.steps == 33


def test_nothing_is_generated_from_nonsense(studio):
    studio.editor.edit("sigma_max", 0.001)
    studio.generate()
    assert not studio.sampling.running


def test_a_model_that_fails_leaves_the_one_before(qtbot, start, model, monkeypatch):
    from studio.engine import worker as worker_module

    studio = start()

    def load(path, device, dtype):
        if path == "broken":
            raise ValueError("“broken” is not a model.")
        return model

    monkeypatch.setattr(worker_module, "load_model", load)
    with qtbot.waitSignals([studio.failed, studio.models.opened]):
        studio.open_model("broken")
    assert studio.models.ready


def test_a_full_disk_at_the_end_does_not_keep_the_studio_from_closing(start, monkeypatch):
    studio = start()

    def full(path, settings):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(studio_module, "save_settings", full)
    assert studio.close()
