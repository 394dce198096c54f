import math
from itertools import pairwise

import pytest
import torch

from studio.diffusion import sample, schedule


def test_a_step_is_the_published_factor_on_a_gaussian(gaussian, draw):
    """The distance from the mean is multiplied by 1 + (sigma' - sigma) sigma / (s^2 + sigma^2)."""
    sigmas = schedule("karras", 10)
    distance = draw(0) * 80
    for step in sample(gaussian, gaussian.mean + distance, sigmas, "euler"):
        slope = step.sigma / (gaussian.std**2 + step.sigma**2)
        distance = distance * (1 + (step.sigma_next - step.sigma) * slope)
        torch.testing.assert_close(step.x, gaussian.mean + distance, rtol=1e-12, atol=1e-12)


def test_a_step_costs_one_evaluation_and_knows_no_error(mixture, draw):
    steps = list(sample(mixture, draw(0) * 80, schedule("karras", 7), "euler"))
    assert [step.nfe for step in steps] == [1, 2, 3, 4, 5, 6, 7]
    assert all(step.error is None for step in steps)


def test_the_last_step_gives_the_estimate_itself(mixture, draw):
    *_, last = sample(mixture, draw(0) * 80, schedule("karras", 7), "euler")
    assert last.x.equal(last.denoised)


@pytest.mark.parametrize("oracle", ["gaussian", "mixture"])
def test_the_error_falls_with_the_first_power_of_the_step(oracle, draw, request):
    denoise, x, errors = request.getfixturevalue(oracle), draw(0) * 80, []
    exact = denoise.solution(x, 80.0, 0.002)
    for count in (128, 256, 512):
        *_, last = sample(denoise, x, schedule("karras", count)[:-1], "euler")
        errors.append((last.x - exact).square().mean().sqrt().item())
    orders = [math.log2(a / b) for a, b in pairwise(errors)]
    assert all(0.95 < order < 1.05 for order in orders)
