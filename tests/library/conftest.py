"""Frames, trajectories and takes small enough to write by the dozen."""

import numpy as np
import pytest

from studio.library import Frame, ModelRef, Recipe, Trajectory, write_take


def frame(index, batch=2, size=4, *, seed=None, error=True, carry=None):
    """Return a frame whose float64 estimate is exactly representable in float32."""
    random = np.random.default_rng(index if seed is None else seed)
    denoised = random.standard_normal((batch, 3, size, size)).astype(np.float32)
    return Frame(
        index=index,
        sigma=80.0 / (index + 1),
        sigma_next=80.0 / (index + 2),
        nfe=2 * index + 1,
        x=random.standard_normal((batch, 3, size, size)),
        denoised=denoised.astype(np.float64),
        preview=random.integers(0, 256, (batch, size, size, 3), dtype=np.uint8),
        error=random.random(batch) if error else None,
        change=random.random(batch) if index else None,
        carry={} if carry is None else carry,
    )


def trajectory(steps=3, **options):
    """Return a recorded trajectory of `steps` frames."""
    made = Trajectory(np.random.default_rng(99).standard_normal((2, 3, 4, 4)), steps, **options)
    for index in range(steps):
        made.append(frame(index))
    return made


def assert_same(a, b):
    """Compare two frames bit by bit, types and names included."""
    assert (a.index, a.sigma, a.sigma_next, a.nfe) == (b.index, b.sigma, b.sigma_next, b.nfe)
    for name in ("x", "denoised", "preview", "error", "change"):
        assert_bits(getattr(a, name), getattr(b, name))
    assert list(a.carry) == list(b.carry)
    for name in a.carry:
        assert_bits(a.carry[name], b.carry[name])


def assert_bits(a, b):
    assert type(a) is type(b)
    if isinstance(a, np.ndarray):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert a.tobytes() == b.tobytes()
    else:
        assert repr(a) == repr(b)


@pytest.fixture
def recipe():
    return Recipe(
        model=ModelRef(path="/models/tiles.safetensors", name="Dungeon tiles", sha256="3f" * 32),
        knobs={"s_churn": 20, "s_tmax": float("inf"), "s_noise": 1.003},
        schedule_knobs={"rho": 7.0},
        steps=3,
        sigmas=(80.0, 9.723, 0.47, 0.0),
        seeds=(5, 6),
        labels=(-1, 3),
    )


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)


@pytest.fixture
def make_take(tmp_path, recipe, pixels):
    def make(root=tmp_path, **options):
        wanted = {"status": "finished", "nfe": 5, "seconds": 0.25} | options
        return write_take(root, recipe, pixels, trajectory(), **wanted)

    return make
