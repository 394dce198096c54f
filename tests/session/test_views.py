import numpy as np
import pytest

from studio.library import Frame, Trajectory
from studio.session.views import view


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
