"""What is dropped is put to the use of its kind, and a failure leaves everything as it was."""

import shutil
from dataclasses import replace

import pytest
import torch

from studio.engine import worker as worker_module
from studio.library import ModelRef
from studio.models import bundled_toys, default_model, file_digest
from studio.models.presets import form_of
from studio.preferences import Settings, settings_path
from studio.session.studio import Studio
from tests.loras import write_model
from tests.originals import original

MOONS, SPIRALS, *_ = bundled_toys()
PATIENCE = 30_000


@pytest.fixture
def real(qtbot):
    """Start a studio on a small real network; nothing is stood in for."""
    studios = []

    def start(path):
        studio = Studio(Settings(), settings_path())
        studios.append(studio)
        with qtbot.waitSignals([studio.models.opened, studio.models.hashed], timeout=PATIENCE):
            studio.start(str(path))
        return studio

    yield start
    for studio in studios:
        assert studio.close()


@pytest.fixture
def net(tmp_path):
    return write_model(tmp_path / "net.safetensors")


@pytest.fixture
def studio(real, net):
    return real(net)


def guided(path):
    torch.save(original("improved").weights, path)
    return path


def test_a_model_is_known_whatever_its_name(qtbot, studio, tmp_path):
    path = shutil.copy(MOONS, tmp_path / "moons.png.backup")
    with qtbot.waitSignal(studio.models.opened, timeout=PATIENCE):
        studio.open_file(str(path))
    assert studio.models.info.name == "Two moons"


def test_half_a_download_says_so_and_the_model_is_not_even_let_go(
    qtbot, studio, net, tmp_path, monkeypatch
):
    half = tmp_path / "half.safetensors"
    half.write_bytes(default_model().read_bytes()[:5000])
    loaded = []
    monkeypatch.setattr(worker_module, "load_model", lambda *given: loaded.append(given))
    with qtbot.waitSignal(studio.failed) as failed:
        studio.open_file(str(half))
    assert "cut short" in str(failed.args[0]) and studio.models.ready
    with qtbot.waitSignals([studio.models.failed, studio.models.opened]):
        studio.open_model(str(half))
    assert studio.models.path == str(net) and not loaded


def test_a_file_that_changes_while_it_is_read_leaves_the_model(qtbot, studio, net, tmp_path):
    other = write_model(tmp_path / "other.safetensors", channels=16)
    whole = other.read_bytes()
    studio.models.opening.connect(lambda _path: other.write_bytes(whole[: len(whole) // 2]))
    with qtbot.waitSignals([studio.models.failed, studio.models.opened], timeout=PATIENCE):
        studio.open_model(str(other))
    assert studio.models.path == str(net) and studio.models.ready


def test_a_pipeline_with_a_part_missing_says_which(qtbot, studio, tmp_path, tiny_sd_folder):
    folder = tmp_path / "pipeline"
    shutil.copytree(tiny_sd_folder, folder)
    shutil.rmtree(folder / "text_encoder")
    with qtbot.waitSignal(studio.failed, timeout=PATIENCE) as failed:
        studio.open_file(str(folder))
    assert "text" in str(failed.args[0]).lower() or "encoder" in str(failed.args[0]).lower()
    qtbot.waitUntil(lambda: studio.models.ready, timeout=PATIENCE)


def test_a_folder_of_models_is_offered_to_be_watched(qtbot, studio, tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(MOONS, folder)
    (folder / "notes.txt").write_text("mine")
    with qtbot.waitSignal(studio.opening.folder_found) as found:
        studio.open_file(str(folder))
    assert found.args == [str(folder)]


def test_only_the_last_file_dropped_counts(qtbot, studio):
    opened = []
    studio.models.opening.connect(opened.append)
    studio.open_file(str(MOONS))
    with qtbot.waitSignal(studio.models.opened, timeout=PATIENCE):
        studio.open_file(str(SPIRALS))
    assert opened == [str(SPIRALS)]


def test_another_choice_supersedes_one_on_its_way_and_stop_goes_back(qtbot, studio, net):
    opened = []
    studio.models.opened.connect(lambda info: opened.append(info.path))
    studio.open_model(str(MOONS))
    with qtbot.waitSignal(studio.models.opened, timeout=PATIENCE):
        studio.open_model(str(SPIRALS))
    assert opened == [str(SPIRALS)]
    studio.open_model(str(MOONS))
    with qtbot.waitSignal(studio.models.opened, timeout=PATIENCE):
        studio.stop()
    assert studio.models.path == str(SPIRALS) and str(MOONS) not in opened


def test_a_file_that_leaves_things_open_is_asked_about_and_then_opened(qtbot, studio, tmp_path):
    path = guided(tmp_path / "some.pt")
    with qtbot.waitSignal(studio.using.asked) as asked:
        studio.open_file(str(path))
    form = asked.args[0]
    assert form.answers is None and studio.models.ready
    answers = {"side": 16, "heads": 2, "schedule": "cosine", "steps": 4000, "rescale": True}
    with qtbot.waitSignal(studio.models.opened, timeout=PATIENCE):
        studio.using.answer(str(path), answers)
    assert studio.models.path == str(path) and studio.models.info.shape[1] == 16
    assert form_of(path).kept["steps"] == 4000


def test_a_model_whose_settings_are_open_asks_in_place_of_an_error(qtbot, studio, net, tmp_path):
    path = guided(tmp_path / "some.pt")
    failed = []
    studio.failed.connect(failed.append)
    with qtbot.waitSignals([studio.using.asked, studio.models.opened], timeout=PATIENCE):
        studio.open_model(str(path))  # as a recipe or the list of recent models does
    assert studio.models.path == str(net) and not failed


def test_a_classifier_guides_the_open_model(qtbot, studio, tmp_path):
    path = tmp_path / "judge.pt"
    torch.save(original("classifier_attention").weights, path)
    with qtbot.waitSignal(studio.noted):
        studio.open_file(str(path))
    assert studio.editor.recipe.classifier == ModelRef(path=str(path), name="judge")


def test_an_autoencoder_for_a_model_of_pixels_is_refused(qtbot, studio, tmp_path, tiny_sd_folder):
    path = tmp_path / "vae"
    shutil.copytree(tiny_sd_folder / "vae", path)
    with qtbot.waitSignal(studio.failed) as failed:
        studio.open_file(str(path))
    assert "takes no other" in str(failed.args[0])


def test_a_model_that_was_moved_is_found_by_its_hash(qtbot, studio, tmp_path):
    moons = shutil.copy(MOONS, tmp_path / "old.toy.json")
    (tmp_path / "old.toy.json").write_text(MOONS.read_text() + "\n")
    digest = file_digest(moons)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    moved = shutil.move(moons, folder / "renamed.toy.json")
    catalogue = studio.catalogue
    catalogue.searching.watch(str(folder))
    qtbot.waitUntil(lambda: catalogue.entry(str(moved)) is not None, timeout=PATIENCE)
    catalogue.hashes.want(str(moved))
    qtbot.waitUntil(lambda: catalogue.entry(str(moved)).sha256 == digest)
    recipe = studio.editor.whole.model_copy(
        update={"model": ModelRef(path=str(moons), name="Moons", sha256=digest)}
    )
    with qtbot.waitSignal(studio.models.opened, timeout=PATIENCE):
        said = studio.opening.take_over(recipe)
    assert said == f"Its model was found at {moved}."
    assert studio.models.path == str(moved)


def test_one_of_its_name_is_hashed_to_see_whether_it_is_that(qtbot, studio, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    moved = folder / "own.toy.json"
    moved.write_text(MOONS.read_text() + "\n")
    catalogue = studio.catalogue
    catalogue.searching.watch(str(folder))
    qtbot.waitUntil(lambda: catalogue.entry(str(moved)) is not None, timeout=PATIENCE)
    digest = file_digest(moved)
    gone = ModelRef(path=str(tmp_path / "own.toy.json"), name="Own", sha256=digest)
    recipe = studio.editor.whole.model_copy(update={"model": gone})
    with qtbot.waitSignal(studio.models.opened, timeout=PATIENCE):
        said = studio.opening.take_over(recipe)
    assert "not here" in said and studio.models.path == str(moved)
    assert replace(catalogue.entry(str(moved))).sha256 == digest
