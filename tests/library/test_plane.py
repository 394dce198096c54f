import numpy as np
import pytest

from studio.library import Frame, Trajectory, plane
from studio.library.export.plane_film import PlaneFilm
from studio.library.export.points import points_csv
from studio.library.export.table import steps_csv
from studio.library.plane import Window
from studio.library.recipe import Recipe
from studio.library.track import Track

SIGMAS = (4.0, 1.0, 0.25, 0.0)


def planar_run(count=3, steps=3, total=3):
    """Return points that go straight to their estimates, which are (0, 0), (1, 1), (2, 2), …"""
    aims = np.arange(count, dtype=float)[:, None] * np.ones(2)
    noise = np.random.default_rng(0).normal(size=(count, 2))

    def state(sigma):
        return (aims + sigma * noise).reshape(count, 2, 1, 1)

    frames = Trajectory(state(SIGMAS[0]), total)
    for index in range(steps):
        frames.append(
            Frame(
                index=index,
                sigma=SIGMAS[index],
                sigma_next=SIGMAS[index + 1],
                nfe=index + 1,
                x=state(SIGMAS[index + 1]),
                denoised=aims.reshape(count, 2, 1, 1),
                preview=np.zeros((count, 1, 1, 3), np.uint8),
            )
        )
    return frames, aims, noise


def test_points_are_known_by_the_shape_of_their_states():
    assert plane.is_planar((7, 2, 1, 1)) and plane.is_planar((2, 1, 1))
    assert not plane.is_planar((7, 3, 1, 1)) and not plane.is_planar((1, 2, 2, 1))


def test_a_window_maps_its_corners_and_its_grid():
    window = Window(1.0, -1.0, 2.0)
    corners = np.array([[-1.0, 1.0], [3.0, -3.0], [1.0, -1.0]])
    assert window.pixels(corners, 100).tolist() == [[0, 0], [100, 100], [50, 50]]
    np.testing.assert_allclose(window.pixels(window.grid(4), 4)[[0, 5]], [[0.5, 0.5], [1.5, 1.5]])


def test_a_window_holds_the_data_and_shrunk_noise():
    window = Window.around((-3.0, -1.0, 1.0, 1.0), 0.5, margin=1.0)
    assert (window.x, window.half) == (pytest.approx(-0.85), pytest.approx(2.15))


def test_shrunk_noise_keeps_the_spread_of_the_data():
    random = np.random.default_rng(0)
    for sigma in (0.01, 0.5, 80.0):
        x = 0.5 * random.normal(size=100_000) + sigma * random.normal(size=100_000)
        assert (plane.shrink(sigma, 0.5) * x).std() == pytest.approx(0.5, rel=0.02)


def test_dots_are_painted_where_the_points_are():
    window = Window(0.0, 0.0, 1.0)
    found = plane.dots(np.array([[0.5, 0.5]]), window, plane.paper(40), (255, 0, 0), radius=2.0)
    bright = np.argwhere(found[..., 0] > 200)
    np.testing.assert_allclose(bright.mean(axis=0), [9.5, 29.5], atol=0.6)
    outside = plane.dots(np.array([[5.0, 5.0]]), window, plane.paper(40), (255, 0, 0), radius=2.0)
    assert np.array_equal(outside, plane.paper(40))


def test_a_track_tells_states_estimates_and_noise():
    frames, aims, noise = planar_run()
    track = Track(frames)
    assert (track.count, len(track)) == (3, 3)
    np.testing.assert_allclose(track.noise(1), noise)
    np.testing.assert_allclose(track.estimates(2), aims)
    np.testing.assert_allclose(track.states(2)[1], aims + noise)
    shrunk = track.states(3, 0.5)
    for state, sigma in enumerate(SIGMAS):
        share = 1 / np.sqrt(1 + (sigma / 0.5) ** 2)
        np.testing.assert_allclose(shrunk[state], share * (aims + sigma * noise))


def test_only_the_last_step_of_a_whole_run_shows_its_end():
    track = Track(planar_run()[0])
    assert [track.reach(step) for step in range(3)] == [0, 1, 3]
    going_on = Track(planar_run(steps=2)[0])
    assert [going_on.reach(step) for step in range(2)] == [0, 1]


def test_a_track_grows_with_its_run():
    frames, _, _ = planar_run(steps=2)
    track = Track(frames)
    whole, _, _ = planar_run()
    frames.append(whole[2])
    track.grow()
    assert len(track) == 3 and track.states(3).shape == (4, 3, 2)
    np.testing.assert_allclose(track.states(3, 0.5), Track(whole).states(3, 0.5))


@pytest.mark.parametrize("view", ["x", "x0", "eps", "delta", "another"])
def test_every_view_of_a_film_differs_from_step_to_step(view):
    film = PlaneFilm(Track(planar_run()[0]), Window(1.0, 1.0, 2.0), 0.5, 64, lit=1)
    pictures = [film.picture(step, view) for step in range(3)]
    assert {picture.shape for picture in pictures} == {(64, 64, 3)}
    if view != "delta":  # these estimates stay where they are
        assert view == "eps" or not np.array_equal(pictures[0], pictures[2])
    assert pictures[0].std() > 1


def test_a_film_shows_the_density_at_the_steps_noise():
    asked = []

    def ground(points, sigma):
        asked.append(sigma)
        return -0.5 * (points**2).sum(axis=1)

    film = PlaneFilm(Track(planar_run()[0]), Window(0.0, 0.0, 2.0), 0.5, 64, ground=ground)
    picture = film.picture(0, "x")
    assert asked == [4.0] and picture[32, 32].sum() > picture[2, 2].sum()


def test_the_table_of_steps_has_the_places():
    frames, aims, _ = planar_run()
    recipe = Recipe(seeds=(4, 5, 6), steps=3)
    head, *rows = steps_csv(recipe, frames).splitlines()
    names = head.split(",")
    assert names[-6:] == [f"{name} seed {seed}" for name in ("x1", "x2") for seed in (4, 5, 6)]
    np.testing.assert_allclose([float(v) for v in rows[2].split(",")[-6:]], aims.T.ravel())


def test_the_table_of_points_has_seeds_and_classes():
    recipe = Recipe(seeds=(4, 9), labels=(1, -1))
    text = points_csv(recipe, np.array([[0.1, 0.2], [1 / 3, 4.0]]))
    assert text == f"seed,class,x1,x2\n4,1,0.1,0.2\n9,-1,{1 / 3!r},4.0\n"
