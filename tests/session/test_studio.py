import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.engine import run as run_module
from studio.library import LibraryError, read_recipe
from studio.preferences import Settings, load_settings, settings_path
from studio.session import keeping as keeping_module
from studio.session import modeldesk, remembering
from studio.session.studio import Studio


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
    assert studio.shelf.count() == 1 and studio.shown.id == made.id and studio.shown.stored


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
    assert studio.shown.id == first.id and len(studio.shown.trajectory) == 18


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
    real = keeping_module.write_take

    def full(root, *_args, **_kwargs):
        raise LibraryError(f"The take cannot be written to “{root}”: the disk is full.")

    monkeypatch.setattr(keeping_module, "write_take", full)
    with qtbot.waitSignal(studio.failed) as failed:
        studio.generate()
    assert "disk is full" in failed.args[0].title and "kept in memory" in failed.args[0].advice
    monkeypatch.setattr(keeping_module, "write_take", real)
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
    (trashed,) = studio.shelf.discard([made.id])
    assert studio.shelf.count() == 0 and not made.folder.exists() and trashed.folder.exists()
    studio.shelf.recover([trashed])
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

    def load(path, device, dtype, running=None):
        if path == "broken":
            raise ValueError("“broken” is not a model.")
        return model

    monkeypatch.setattr(worker_module, "load_model", load)
    monkeypatch.setattr(worker_module, "inspect_model", lambda path: None)
    with qtbot.waitSignals([studio.failed, studio.models.opened]):
        studio.open_model("broken")
    assert studio.models.ready


def test_a_full_disk_at_the_end_does_not_keep_the_studio_from_closing(start, monkeypatch):
    studio = start()

    def full(path, settings):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(remembering, "save_settings", full)
    assert studio.close()


@pytest.fixture
def opened(qtbot):
    def open_model(studio, path):
        with qtbot.waitSignals([studio.models.opened, studio.models.hashed]):
            studio.open_model(path)

    return open_model


def test_a_take_of_another_model_brings_its_own_range(qtbot, studio, take, two_models, opened):
    one, two = two_models
    opened(studio, two)
    studio.editor.edit("sigma_max", 40.0)
    made = take(studio)
    opened(studio, one)
    assert studio.editor.recipe.sigma_max is None
    with qtbot.waitSignals([studio.shelf.take_opened, studio.models.opened]):
        studio.shelf.reopen(made.id)
    assert studio.models.path == two
    assert studio.editor.recipe.sigma_max == 40.0
    assert studio.editor.plan.sigmas == made.recipe.sigmas


def test_a_picture_of_a_model_that_is_gone_says_so(qtbot, studio, take, two_models, opened):
    opened(studio, two_models[1])
    made = take(studio)
    opened(studio, two_models[0])
    Path(two_models[1]).unlink()
    with qtbot.waitSignal(studio.noted) as noted:
        studio.open_file(str(made.pictures[0]))
    assert "which is not here" in noted.args[0]


def test_a_model_file_that_changed_is_noticed(qtbot, studio, monkeypatch, two_models, opened):
    opened(studio, two_models[1])
    with qtbot.waitSignal(studio.shelf.take_added) as added:
        studio.generate()
    made = added.args[0]
    opened(studio, two_models[0])
    monkeypatch.setattr(modeldesk, "file_digest", lambda path: "cd" * 32)
    said = []
    studio.noted.connect(said.append)
    with qtbot.waitSignal(studio.models.hashed):
        studio.open_file(str(made.pictures[0]))
    assert any("has changed since" in text for text in said)


def test_a_live_change_does_not_outlive_a_change_of_model(qtbot, start, two_models, opened):
    studio = start(live=True)
    studio.editor.edit("knobs.s_churn", 3.0)
    opened(studio, two_models[0])
    qtbot.wait(150)
    assert not studio.sampling.running and studio.shelf.count() == 0


def test_a_device_that_fails_leaves_the_model_as_it_was(qtbot, studio, two_models, opened):
    opened(studio, two_models[0])
    with qtbot.waitSignals([studio.failed, studio.models.opened]):
        studio.apply({"device": "nowhere"})
    assert studio.models.ready and studio.models.path == two_models[0]


def test_broken_after_unfinished_goes_back_to_what_worked(qtbot, studio, two_models, opened):
    opened(studio, two_models[0])
    studio.open_model(two_models[1])
    studio.open_model("broken")
    qtbot.waitUntil(lambda: studio.models.ready and studio.models.path != "broken")
    assert studio.models.path in two_models


def test_only_the_last_take_asked_for_is_opened(qtbot, studio, take):
    made = [take(studio) for _ in range(3)]
    opened = []
    studio.shelf.take_opened.connect(lambda found, _: opened.append(found.id))
    for one in made:
        studio.shelf.reopen(one.id)
    qtbot.waitUntil(lambda: bool(opened))
    qtbot.wait(50)
    assert opened == [made[-1].id]


def test_a_run_that_starts_is_not_hidden_by_a_take_on_its_way(qtbot, studio, take):
    made = take(studio)
    with qtbot.waitSignal(studio.shelf.take_added):
        studio.generate()
        with qtbot.waitSignal(studio.sampling.started):
            studio.shelf.reopen(made.id)
    assert studio.shown.id != made.id


def test_a_take_is_written_once_when_only_the_index_fails(qtbot, studio, take, monkeypatch):
    def locked(self, take):
        raise LibraryError("The index of takes cannot be used: database is locked.")

    with monkeypatch.context() as patch:
        patch.setattr(keeping_module.Index, "add", locked)
        with qtbot.waitSignals([studio.noted, studio.shelf.take_added]):
            studio.generate()
    take(studio)
    assert len(list(studio.shelf.root.glob("*/*/recipe.json"))) == 2


def test_a_text_file_on_the_command_line_still_opens_a_model(qtbot, start, tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    studio = start()
    assert studio.close()
    again = Studio(studio.settings, settings_path())
    with qtbot.waitSignals([again.failed, again.models.opened]):
        again.start(str(tmp_path / "notes.txt"))
    assert again.close()


def test_a_run_without_room_to_record_keeps_what_it_has(qtbot, studio, model, monkeypatch):
    real = run_module.Trajectory.append

    def full(self, frame):
        if frame.index == 4:
            raise LibraryError("The steps could not be written to “/tmp”: the disk is full.")
        real(self, frame)

    monkeypatch.setattr(run_module.Trajectory, "append", full)
    with qtbot.waitSignals([studio.failed, studio.shelf.take_added]):
        studio.generate()
    take = studio.shelf.page(1, 0)[0].take
    assert take.status == "stopped" and len(take.trajectory()) == 4


def test_a_hash_that_goes_on_does_not_keep_the_studio_from_closing(qtbot, start, monkeypatch):
    studio = start()
    release = threading.Event()
    monkeypatch.setattr(modeldesk, "file_digest", lambda path: release.wait(10))
    with qtbot.waitSignal(studio.models.opened):
        studio.open_model("fake")
    qtbot.wait(30)
    begin = time.perf_counter()
    assert not studio.close()  # the application then leaves without waiting for it
    assert time.perf_counter() - begin < 1
    release.set()
    qtbot.waitUntil(lambda: not studio._hasher.busy)


@pytest.mark.parametrize("damage", ["gone", "cut off"])
def test_a_take_without_its_steps_shows_its_pictures(qtbot, studio, take, damage):
    made = take(studio)
    file = made.folder / "trajectory.safetensors"
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:5000])
    said = []
    studio.steps_missed.connect(said.append)
    with qtbot.waitSignal(studio.shelf.take_opened):
        studio.shelf.reopen(made.id)
    assert studio.shown.trajectory is None and len(studio.shown.pictures) == 16
    assert any("steps of this take are gone" in text for text in said)


def test_a_remembered_device_that_is_gone_is_replaced(start):
    studio = start(device="cuda:9")
    assert studio.models.ready and studio.settings.device == "auto"


def test_a_broken_model_at_the_start_leaves_the_default_one(qtbot, start, two_models, tmp_path):
    assert start().close()
    broken = tmp_path / "bad.npz"
    studio = Studio(Settings(), settings_path())
    broken.write_bytes(b"")
    with qtbot.waitSignals([studio.opening.failed, studio.models.opened]):
        studio.start(str(broken))
    assert studio.models.ready and studio.models.path != str(broken)
    assert studio.close()
