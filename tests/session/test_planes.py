"""A planar model in the session: takes, films, tables, scripts, repeated runs."""

import runpy

import numpy as np
import pytest
from PIL import Image

from studio.library import read_recipe
from studio.library.export.scene import Look
from studio.models import bundled_toys
from studio.preferences import Settings, settings_path
from studio.session.exporting import Wish, export
from studio.session.planes import glimpse, is_planar, planar_info
from studio.session.sampling import Shown
from studio.session.studio import Studio

MOONS = str(bundled_toys()[0])

PATIENCE = 60_000  # milliseconds: loading torch takes long on a busy machine


@pytest.fixture
def studio(qtbot):
    studio = Studio(Settings(device="cpu"), settings_path())
    with qtbot.waitSignals(
        [studio.models.opened, studio.models.hashed, studio.shelf.reloaded], timeout=PATIENCE
    ):
        studio.start(MOONS)
    studio.editor.edit_all({"seeds": tuple(range(20)), "steps": 5, "classes": "random"})
    yield studio
    assert studio.close()


@pytest.fixture
def take(qtbot, studio):
    with qtbot.waitSignal(studio.shelf.take_added, timeout=PATIENCE) as added:
        studio.generate()
    return added.args[0]


def test_a_take_holds_one_picture_and_all_steps(take):
    assert [path.name for path in take.pictures] == ["00.png"]
    assert read_recipe(take.pictures[0]) == take.recipe
    assert take.thumbnail.name == "thumbnail.png"
    frames = take.trajectory()
    assert is_planar(frames) and len(frames) == 5 and frames.state(-1).shape == (20, 2, 1, 1)
    assert (take.folder / "trajectory.safetensors").stat().st_size < 60_000
    frames.close()


def test_a_run_cut_short_keeps_its_picture(qtbot, studio):
    studio.editor.edit("steps", 1000)
    studio.sampling.progressed.connect(lambda _progress: studio.stop())
    with qtbot.waitSignal(studio.shelf.take_added, timeout=PATIENCE) as added:
        studio.generate()
    take = added.args[0]
    with Image.open(take.pictures[0]) as picture:
        assert take.status == "stopped" and picture.width > 200


def test_branch_and_check_work_as_with_pictures(qtbot, studio, take):
    said = []
    studio.noted.connect(said.append)
    with qtbot.waitSignal(studio.sampling.checked, timeout=PATIENCE):
        studio.check()
    assert "to the last bit of its state" in said[-1]
    studio.editor.edit("sampler", "euler")
    with qtbot.waitSignal(studio.shelf.take_added, timeout=PATIENCE) as added:
        studio.branch(2)
    child = added.args[0]
    assert child.parent == take.id
    before, after = take.trajectory(), child.trajectory()
    assert np.array_equal(before.state(2), after.state(2))
    assert not np.array_equal(before.state(-1), after.state(-1))
    before.close()
    after.close()


def test_films_show_the_plane(studio, take, tmp_path):
    assert planar_info(take.recipe).name == "Two moons"
    look = Look(96, words=False, plot=False)
    assert export(studio.shown, tmp_path / "all.gif", Wish(None, "x0", 5, look))
    assert export(studio.shown, tmp_path / "one.gif", Wish(7, "x0", 5, look))
    with Image.open(tmp_path / "all.gif") as film, Image.open(tmp_path / "one.gif") as other:
        assert film.size == (96, 96) and film.n_frames == 5
        assert film.tobytes() != other.tobytes()


def test_a_film_does_without_the_model(studio, take, tmp_path):
    lost = take.recipe.model.model_copy(update={"path": "/gone/other.toy.json", "sha256": ""})
    shown = Shown(take.recipe.model_copy(update={"model": lost}), studio.shown.trajectory)
    look = Look(64, words=False, plot=False)
    assert planar_info(shown.recipe) is None
    assert export(shown, tmp_path / "bare.gif", Wish(None, "x", 5, look))


def test_the_script_makes_the_same_points(studio, take, tmp_path, monkeypatch):
    export(studio.shown, tmp_path / "again.py")
    monkeypatch.chdir(tmp_path)
    runpy.run_path("again.py")
    _, *rows = (tmp_path / "points.csv").read_text().splitlines()
    places = np.array([[float(v) for v in row.split(",")[1:]] for row in rows])
    np.testing.assert_allclose(places, studio.shown.trajectory.state(-1)[:, :, 0, 0], atol=1e-12)


def test_a_glimpse_shows_all_points_with_one_lit(studio, take):
    frames, info = studio.shown.trajectory, studio.models.info
    early, late = (glimpse(frames, step, 0, info) for step in (0, 4))
    assert early.shape == late.shape and not np.array_equal(early, late)
    assert not np.array_equal(glimpse(frames, 4, 3, info), late)
