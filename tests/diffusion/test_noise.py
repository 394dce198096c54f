import math

import numpy as np
import pytest
import torch

from studio.diffusion import (
    KeyedNoise,
    KnobError,
    ReferenceNoise,
    initial_noise,
    random_labels,
    sample,
)

SHAPE = (3, 4, 4)
SEEDS = (7, 0, 2**32 + 7, 123456789012345)


class Stacked:
    """One generator per seed, drawn from in the order of the reference."""

    def __init__(self, seeds):
        self.generators = [torch.Generator().manual_seed(seed % (1 << 32)) for seed in seeds]

    def randn(self, dtype):
        return torch.stack([torch.randn(SHAPE, generator=g, dtype=dtype) for g in self.generators])

    def randint(self, high):
        return torch.stack([torch.randint(high, size=[], generator=g) for g in self.generators])


def test_initial_noise_is_that_of_the_reference():
    noise = initial_noise(SEEDS, SHAPE)
    assert noise.dtype == torch.float32
    assert noise.equal(Stacked(SEEDS).randn(torch.float32))
    assert noise[0].equal(noise[2])


@pytest.mark.parametrize("shape", [(3, 4, 4), (1, 2, 2), (3,)])
@pytest.mark.parametrize("batch", [1, 2, 3, 7])
def test_noise_does_not_depend_on_the_batch(shape, batch):
    seeds = range(20, 27)
    everything, keyed = initial_noise(seeds, shape), KeyedNoise(seeds, shape)
    whole = keyed(1.0, 0.5)
    for first in range(0, 7, batch):
        part = seeds[first : first + batch]
        rows = slice(first, first + batch)
        assert initial_noise(part, shape).equal(everything[rows])
        assert KeyedNoise(part, shape)(1.0, 0.5).equal(whole[rows])


def test_keyed_noise_depends_on_seed_step_and_draw_alone():
    noise = KeyedNoise(SEEDS, SHAPE)
    draws = {}
    for step in (0, 1, 5):
        noise.at(step)
        draws |= {(step, draw): noise(9.0, 3.0) for draw in range(3)}
    for (step, draw), expected in draws.items():
        fresh = KeyedNoise(SEEDS[::-1], SHAPE)
        fresh.at(step)
        for _ in range(draw):
            fresh(2.0, 1.0)
        assert fresh(2.0, 1.0).equal(expected.flip(0))
    rows = torch.cat([draw[[0, 1, 3]] for draw in draws.values()])
    assert len({row.numpy().tobytes() for row in rows}) == 27


def test_keyed_noise_is_float32_placed_as_asked():
    noise = KeyedNoise((1,), SHAPE, "cpu", torch.float64)(1.0, 0.5)
    assert noise.dtype == torch.float64
    assert noise.equal(noise.float().double())
    assert KeyedNoise((1,), SHAPE)(1.0, 0.5).dtype == torch.float32


def test_keyed_noise_is_unit_normal_and_unlike_the_latents():
    noise = KeyedNoise(range(100), (1, 32, 32))
    noise.at(3)
    flat = noise(1.0, 0.5).flatten()
    assert flat.mean().item() == pytest.approx(0, abs=4 / math.sqrt(len(flat)))
    assert flat.std().item() == pytest.approx(1, abs=4 / math.sqrt(2 * len(flat)))
    latents = initial_noise(range(100), (1, 32, 32)).flatten()
    assert abs((flat * latents).mean().item()) < 4 / math.sqrt(len(flat))


def test_keyed_noise_stays_what_it_is():
    """Recipes rely on these numbers: they are written down, not computed."""
    noise = KeyedNoise((5,), (4,))
    noise.at(2)
    noise(1.0, 0.5)
    written = [-1.4486305, 1.4014503, 0.4702882, 0.6508826]
    assert noise(1.0, 0.5)[0].tolist() == pytest.approx(written, abs=1e-6)


@pytest.mark.parametrize("num_classes", [0, 10])
def test_reference_noise_is_the_stream_of_the_reference(num_classes):
    stream = Stacked(SEEDS)
    stream.randn(torch.float32)
    if num_classes:
        labels = stream.randint(num_classes)
        assert random_labels(SEEDS, SHAPE, num_classes).equal(labels)
    expected = [stream.randn(torch.float64) for _ in range(5)]
    noise = ReferenceNoise(SEEDS, SHAPE, num_classes=num_classes)
    assert all(noise(2.0, 3.0).equal(draw) for draw in expected)
    for step in (3, 0, 0, 4, 1, 2):
        noise.at(step)
        assert noise(2.0, 3.0).equal(expected[step])


def test_reference_noise_is_float64_placed_as_asked():
    assert ReferenceNoise((1,), SHAPE)(1.0, 2.0).dtype == torch.float64
    assert ReferenceNoise((1,), SHAPE, "cpu", torch.float32)(1.0, 2.0).dtype == torch.float32


@pytest.mark.parametrize("sampler", ["dpmpp_sde", "pc", "annealed_langevin"])
def test_reference_noise_refuses_a_sampler_that_draws_more_than_once_a_step(sampler):
    noise = ReferenceNoise(SEEDS, SHAPE)
    steps = sample(
        lambda x, sigma: x * 0.5, torch.ones(4, *SHAPE), (9.0, 3.0, 1.0), sampler, noise=noise
    )
    with pytest.raises(KnobError, match="draws more than once a step; choose keyed or Brownian"):
        list(steps)


def test_reference_noise_serves_each_step_again():
    noise = ReferenceNoise(SEEDS, SHAPE)
    noise.at(0)
    first = noise(1.0, 2.0)
    with pytest.raises(KnobError, match="one draw for each step"):
        noise(1.0, 2.0)
    noise.at(0)
    assert noise(1.0, 2.0).equal(first)


def test_labels_are_classes():
    labels = random_labels(range(200), SHAPE, 3)
    assert labels.dtype == torch.int64
    assert labels.shape == (200,)
    assert set(labels.tolist()) == {0, 1, 2}


@pytest.mark.parametrize("kind", [KeyedNoise, ReferenceNoise])
def test_each_step_of_a_run_has_its_own_noise(kind):
    """A step draws the same whether the run began before it or at it."""

    def denoise(x, sigma):
        return x * 0

    sigmas, x = (9.0, 3.0, 1.0, 0.5), torch.zeros(4, *SHAPE)
    knobs = {"sampler": "euler", "s_churn": 1.0}
    steps = list(sample(denoise, x, sigmas, noise=kind(SEEDS, SHAPE), **knobs))
    (alone,) = sample(denoise, steps[1].x, sigmas, noise=kind(SEEDS, SHAPE), start=2, **knobs)
    assert alone.x.equal(steps[2].x)


@pytest.mark.parametrize("make", [initial_noise, KeyedNoise, ReferenceNoise])
def test_seeds_are_whole_numbers_from_0(make):
    with pytest.raises(KnobError, match="The seed -1 is negative"):
        make((3, -1), SHAPE)
    with pytest.raises(KnobError, match="There is no seed"):
        make((), SHAPE)
    make(np.array([3, 4]), SHAPE)


def test_noise_is_brought_to_the_state_before_it_is_scaled(gaussian, draw):
    """Float32 noise loses nothing on its way into a float64 state."""
    ends = []
    for dtype in (torch.float32, torch.float64):
        noise = KeyedNoise(range(5), (1, 2, 2), dtype=dtype)
        *_, last = sample(gaussian, draw(0) * 9, (9.0, 3.0, 0.0), noise=noise, s_churn=0.5)
        ends.append(last.x)
    assert ends[0].equal(ends[1])
