import numpy as np
import pytest

from studio.library import Frame, Trajectory
from studio.session.views import one_state, view


@pytest.fixture
def trajectory():
    """Two steps of one 2x2 picture whose values are easy to follow by hand."""
    start = np.full((1, 3, 2, 2), 4.0)
    frames = Trajectory(start, 2)
    steps = [(4.0, 1.0, 0.0, 1.0), (1.0, 0.0, 0.5, 0.5)]
    for i, (sigma, sigma_next, denoised, x) in enumerate(steps):
        frames.append(
            Frame(
                index=i,
                sigma=sigma,
                sigma_next=sigma_next,
                nfe=i + 1,
                x=np.full((1, 3, 2, 2), x),
                denoised=np.full((1, 3, 2, 2), denoised),
                preview=np.full((1, 2, 2, 3), 128 + 127.5 * denoised).astype(np.uint8),
                error=None,
                carry={},
            )
        )
    return frames


@pytest.mark.parametrize(
    ("kind", "index", "value"),
    [
        ("x0", 0, 128),
        ("x0", 1, 191),
        ("x", 0, 128 + 127.5 / np.sqrt(2)),
        ("x", 1, 128 + 127.5 * 0.5),
        ("eps", 0, 128 + 127.5 / 3),
        ("eps", 1, 128 + 127.5 * 0.5 / 3),
        ("delta", 0, 128),
        ("delta", 1, 255),
    ],
)
def test_every_view_shows_its_quantity(trajectory, kind, index, value):
    pixels = view(trajectory, index, kind)
    assert pixels.shape == (1, 2, 2, 3) and pixels.dtype == np.uint8
    assert np.all(pixels == int(value))


def test_latents_are_seen_in_the_colours_that_they_stand_for():
    """Of the rows only their direction counts for what has no level of its own."""
    rows = ((0.5, 0.0, 0.2), (0.0, -0.25, -0.5), (0.0, 0.0, 0.0))
    frames = Trajectory(np.zeros((1, 2, 1, 1)), 1)
    frames.colours = rows
    state, denoised = np.array([0.6, 0.4]), np.array([0.1, 0.2])
    frames.append(
        Frame(
            index=0,
            sigma=2.0,
            sigma_next=0.0,
            nfe=1,
            x=state.reshape(1, 2, 1, 1),
            denoised=denoised.reshape(1, 2, 1, 1),
            preview=np.zeros((1, 4, 4, 3), np.uint8),
        )
    )
    whole = view(frames, 0, "x")
    assert whole.shape == (1, 4, 4, 3) and len(np.unique(whole.reshape(-1, 3), axis=0)) == 1
    seen = whole[0, 0, 0]
    assert seen.tolist() == [int(128 + 127.5 * v) for v in (0.5, -0.6, 0.0)]
    noise = view(frames, 0, "eps")[0, 0, 0]
    assert noise.tolist() == [int(128 + 127.5 * v) for v in (-0.1 / 6, 0.2 / 6, 0.0)]
    assert one_state(frames, 0, 0).shape == (1, 1, 3)
