import math
from itertools import pairwise

import pytest
import torch

from studio.diffusion import KnobError, sample, schedule


@pytest.mark.parametrize(
    ("oracle", "alpha"),
    [
        ("gaussian", 1.0),
        ("gaussian", 2 / 3),
        ("mixture", 1.0),
        ("mixture", 2 / 3),
        ("mixture", 0.5),
    ],
)
def test_the_error_falls_with_the_second_power_of_the_step(oracle, alpha, draw, request):
    denoise, x, errors = request.getfixturevalue(oracle), draw(0) * 80, []
    exact = denoise.solution(x, 80.0, 0.002)
    for count in (128, 256, 512):
        *_, last = sample(denoise, x, schedule("karras", count)[:-1], alpha=alpha)
        errors.append((last.x - exact).square().mean().sqrt().item())
    orders = [math.log2(a / b) for a, b in pairwise(errors)]
    assert all(1.9 < order < 2.1 for order in orders)


def test_it_is_the_default_and_costs_two_evaluations_but_one_at_the_end(mixture, draw):
    steps = list(sample(mixture, draw(0) * 80, schedule("karras", 5)))
    assert [step.nfe for step in steps] == [2, 4, 6, 8, 9]


def test_a_list_that_ends_above_0_is_corrected_to_the_end(mixture, draw):
    *_, last = sample(mixture, draw(0) * 80, schedule("karras", 5)[:-1])
    assert last.nfe == 8
    assert last.error is not None
    assert last.sigma_next == 0.002


@pytest.mark.parametrize("alpha", [1.0, 0.5, 0.3])
def test_the_second_evaluation_is_at_alpha(mixture, draw, alpha):
    seen = []

    def watched(x, sigma):
        seen.append(sigma)
        return mixture(x, sigma)

    list(sample(watched, draw(0) * 80, (80.0, 10.0, 0.0), alpha=alpha))
    assert seen == [80.0, pytest.approx(80 - 70 * alpha, rel=1e-15), 10.0]
    assert alpha != 1 or seen[1] == 10.0


@pytest.mark.parametrize("path", ["edm", "vp", "ve"])
@pytest.mark.parametrize("alpha", [1.0, 0.5])
def test_the_error_is_the_distance_from_euler_per_picture(mixture, draw, path, alpha):
    sigmas, x = schedule("karras", 6), draw(0) * 80
    for step in sample(mixture, x, sigmas, path=path, alpha=alpha):
        if step.sigma_next == 0:
            assert step.error is None
            break
        (straight, *_) = sample(mixture, x, sigmas, "euler", path=path, start=step.index)
        expected = (step.x - straight.x).square().mean((1, 2, 3)).sqrt()
        assert step.error.shape == (5,)
        torch.testing.assert_close(step.error, expected, rtol=1e-9, atol=1e-12)
        x = step.x


def test_flat_states_are_as_good_as_pictures(gaussian, draw):
    for shape in ((7,), (7, 3)):
        (step, *_) = sample(gaussian, draw(0, shape) * 80, (80.0, 40.0, 0.0))
        assert step.error.shape == (7,)


@pytest.mark.parametrize("alpha", [0.0, 1.5])
def test_alpha_is_part_of_a_step(mixture, draw, alpha):
    with pytest.raises(KnobError, match=r"alpha cannot be .*; give a number between 0\.01 and 1"):
        sample(mixture, draw(0), (80.0, 0.0), alpha=alpha)
