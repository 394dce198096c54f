import numpy as np
import pytest

from studio.library.track import Track
from studio.ui.plane.scene import FIRST, LAYERS, SECOND, Look, Scene
from tests.library.test_plane import SIGMAS, planar_run

PLAIN = Look(layers=frozenset(LAYERS) - {"scaled"})


@pytest.fixture
def run():
    frames, aims, noise = planar_run()
    return Track(frames), aims, noise


def test_paths_go_up_to_the_step(run):
    track, aims, noise = run
    scene = Scene(track, PLAIN, 0.5)
    assert [len(scene.paths(step)) for step in range(3)] == [1, 2, 4]
    np.testing.assert_allclose(scene.paths(1)[1], aims + noise)
    np.testing.assert_allclose(scene.path(2, 1)[-1], aims[1])
    assert len(Scene(track, PLAIN.with_layer("paths", False), 0.5).paths(2)) == 0


def test_links_run_from_the_state_to_its_estimate(run):
    track, aims, noise = run
    marks = Scene(track, PLAIN, 0.5).marks(1)
    np.testing.assert_allclose(marks.links[0], aims + noise)
    np.testing.assert_allclose(marks.links[1], aims)


@pytest.mark.parametrize("view", ["x", "eps"])
def test_views_without_estimates(run, view):
    marks = Scene(run[0], Look(view=view), 0.5).marks(1)
    assert marks.points is not None and marks.estimates is None and marks.links is None


def test_noise_is_shown_as_the_noise_that_it_is(run):
    track, _, noise = run
    np.testing.assert_allclose(Scene(track, Look(view="eps"), 0.5).marks(0).points, noise)


def test_the_change_runs_from_the_estimate_before(run):
    track, aims, _ = run
    before, now = Scene(track, Look(view="delta"), 0.5).marks(2).links
    np.testing.assert_allclose(before, aims)
    np.testing.assert_allclose(now, aims)


@pytest.mark.parametrize(("mode", "axis"), [(FIRST, 0), (SECOND, 1)])
def test_a_profile_is_a_coordinate_against_the_fall_of_sigma(run, mode, axis):
    track, aims, noise = run
    look = Look(mode=mode, layers=PLAIN.layers)
    paths = Scene(track, look, 0.5).paths(2)
    np.testing.assert_allclose(paths[:3, 0, 0], -np.log(SIGMAS[:3]))
    assert paths[3, 0, 0] > paths[2, 0, 0]  # σ = 0 stands right of the least one
    np.testing.assert_allclose(paths[1, :, 1], (aims + noise)[:, axis])
    left, low, right, high = Scene(track, look, 0.5).span((-1.0, -1.0, 3.0, 3.0))
    assert left < -np.log(4) and right > paths[3, 0, 0] and low < -1 and high > 3


def test_every_space_has_its_camera():
    looks = [PLAIN, Look(), Look(view="eps"), Look(mode=FIRST), Look(mode=SECOND)]
    assert len({look.space for look in looks}) == 5
    assert Look(view="x").space == Look(view="x0").space


def test_the_axis_of_sigma_stands_still_while_a_run_goes_on():
    early, whole = (Track(planar_run(steps=steps)[0]) for steps in (1, 3))
    look = Look(mode=FIRST)
    box = (-1.0, -1.0, 3.0, 3.0)
    assert Scene(early, look, 0.5, 0.25).span(box) == Scene(whole, look, 0.5, 0.25).span(box)
    assert Scene(early, look, 0.5, 0.25).depth(0) == pytest.approx(-np.log(4))
