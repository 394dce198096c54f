import math
from itertools import pairwise

import pytest
import torch

from studio.diffusion import BrownianNoise, KeyedNoise, KnobError, initial_noise, sample, schedule

SHAPE = (3, 4, 4)
SEEDS = (7, 0, 2**32 + 7, 123456789012345)
WAY = (80.0, 31.7, 8.0, 2.5, 1.0, 0.3, 0.002)


def increment(noise, a, b):
    """Return W(b) - W(a) in float64."""
    return noise(a, b).double() * math.sqrt(a - b)


def tolerance(count):
    return 4.5 / math.sqrt(count)


def test_increments_are_unit_normal_and_independent():
    noise = BrownianNoise(range(100), (1, 16, 16))
    draws = torch.stack([noise(a, b).flatten() for a, b in pairwise(WAY)]).double()
    count = draws.shape[1]
    assert draws.mean(1).abs().max() < tolerance(count)
    assert (draws.var(1) - 1).abs().max() < tolerance(count) * math.sqrt(2)
    assert ((draws**4).mean(1) - 3).abs().max() < tolerance(count) * math.sqrt(96)
    apart = draws @ draws.T / count - torch.diag((draws**2).mean(1))
    assert apart.abs().max() < tolerance(count)
    latents = initial_noise(range(100), (1, 16, 16)).flatten().double()
    assert (draws @ latents / count).abs().max() < tolerance(count)
    keyed = KeyedNoise(range(100), (1, 16, 16))(1.0, 0.5).flatten().double()
    assert (draws @ keyed / count).abs().max() < tolerance(count)


@pytest.mark.parametrize("top", [1e-9, 1e-3, 1.0, 4.0, 80.0, 2.0**31, 2.0**32, 1e12])
@pytest.mark.parametrize("ratio", [0.9999, 0.5, 1e-3, 0.0])
def test_every_move_is_unit_normal(top, ratio):
    draw = BrownianNoise(range(4), (64, 64))(top, top * ratio).double()
    assert (draw.var() - 1).abs() < tolerance(draw.numel()) * math.sqrt(2)


def test_the_way_is_the_sum_of_its_parts():
    noise = BrownianNoise(SEEDS, SHAPE)
    whole = increment(noise, WAY[0], WAY[-1])
    parts = sum(increment(BrownianNoise(SEEDS, SHAPE), a, b) for a, b in pairwise(WAY))
    torch.testing.assert_close(parts, whole, rtol=0, atol=1e-5)
    fine = [1 + i / 1000 for i in range(1001)][::-1]
    parts = sum(increment(noise, a, b) for a, b in pairwise(fine))
    torch.testing.assert_close(parts, increment(noise, 2.0, 1.0), rtol=0, atol=1e-5)


def test_the_path_is_the_same_whatever_was_asked_before():
    moves = list(pairwise(WAY))
    noise = BrownianNoise(SEEDS, SHAPE)
    there = [noise(a, b) for a, b in moves]
    again = BrownianNoise(SEEDS, SHAPE)
    for step in (5, 0, 3, 3, 1):
        again.at(step)
        assert again(*moves[step]).equal(there[step])
    assert there[0][0].equal(there[0][2])


@pytest.mark.parametrize("batch", [1, 2, 3, 7])
def test_noise_does_not_depend_on_the_batch(batch):
    seeds = range(20, 27)
    whole = BrownianNoise(seeds, SHAPE)(1.0, 0.5)
    for first in range(0, 7, batch):
        part = BrownianNoise(seeds[first : first + batch], SHAPE)(1.0, 0.5)
        assert part.equal(whole[first : first + batch])


def test_the_path_stays_what_it_is():
    """Recipes rely on these numbers: they are written down, not computed."""
    written = [-0.229705, 0.9108914, -1.1174861, 0.1226099]
    assert BrownianNoise((5,), (4,))(1.0, 0.5)[0].tolist() == pytest.approx(written, abs=1e-5)


@pytest.mark.parametrize("move", [(1.0, 1.0), (1.0, 2.0), (0.0, 0.0), (1.5, 1.5 - 1e-9)])
def test_what_is_not_on_the_path_is_drawn_as_keyed_noise(move):
    noise, keyed = BrownianNoise(SEEDS, SHAPE), KeyedNoise(SEEDS, SHAPE)
    for step in (0, 4):
        noise.at(step)
        keyed.at(step)
        noise(3.0, 2.0)
        assert all(noise(*move).equal(keyed(*move)) for _ in range(3))


def test_a_move_drawn_again_within_a_step_is_fresh():
    noise = BrownianNoise(SEEDS, SHAPE)
    first, second, third = (noise(3.0, 2.0) for _ in range(3))
    assert not first.equal(second) and not second.equal(third) and not first.equal(third)
    noise.at(1)
    assert noise(3.0, 2.0).equal(first)


def test_it_is_placed_as_asked():
    noise = BrownianNoise((1,), SHAPE, "cpu", torch.float64)(1.0, 0.5)
    assert noise.dtype == torch.float64
    assert noise.equal(noise.float().double())
    assert BrownianNoise((1,), SHAPE)(1.0, 0.5).dtype == torch.float32


def test_seeds_are_whole_numbers_from_0():
    with pytest.raises(KnobError, match="The seed -1 is negative"):
        BrownianNoise((3, -1), SHAPE)


SDES = ("dpmpp_sde", "euler_maruyama", "dpmpp_2m_sde", "dpmpp_3m_sde", "euler_ancestral")


@pytest.mark.parametrize("sampler", SDES)
def test_more_steps_lead_to_the_same_picture(gaussian, sampler):
    seeds, shape = range(40), (1, 2, 2)
    x = initial_noise(seeds, shape) * 80

    def apart(kind):
        one, other = (
            [*sample(gaussian, x, schedule("karras", n), sampler, noise=kind(seeds, shape))][-1].x
            for n in (64, 128)
        )
        return (one - other).square().mean().sqrt().item()

    assert apart(BrownianNoise) < 0.2 * apart(KeyedNoise)


@pytest.mark.parametrize("sampler", ["dpmpp_sde", "pc", "restart", "dpm_adaptive"])
def test_going_on_from_any_step_is_bit_equal(mixture, draw, sampler):
    seeds, shape, sigmas = (3, 4, 5, 6, 7), (1, 2, 2), schedule("karras", 8)
    steps = [*sample(mixture, draw(0) * 80, sigmas, sampler, noise=BrownianNoise(seeds, shape))]
    for k, step in enumerate(steps[:-1]):
        source = BrownianNoise(seeds, shape)
        where = {"start": k + 1, "history": steps[: k + 1]}
        *_, last = sample(mixture, step.x, sigmas, sampler, noise=source, **where)
        assert last.x.equal(steps[-1].x)


@pytest.mark.parametrize("sampler", ["euler_maruyama", "dpmpp_2m_sde", "dpmpp_sde"])
def test_the_pictures_keep_the_spread_of_the_data(gaussian, sampler):
    seeds, shape = range(100), (1, 4, 4)
    x = initial_noise(seeds, shape) * 80
    noise = BrownianNoise(seeds, shape)
    *_, last = sample(gaussian, x, schedule("karras", 128), sampler, noise=noise)
    assert last.x.std().item() == pytest.approx(gaussian.std, rel=0.1)
    assert last.x.mean().item() == pytest.approx(gaussian.mean, abs=0.06)
