"""Euler and Heun in every corner of the design space, against the algorithms as printed."""

import pytest
import torch

from studio.diffusion import sample, schedule
from studio.diffusion.stride import Curved, Straight, stride

SCHEDULES = ["karras", "vp", "ve", "iddpm"]
PATHS = [{"path": p, "scaling": s} for p in ("edm", "vp", "ve") for s in ("none", "vp")]
SOLVERS = [{"solver": "euler"}] + [{"solver": "heun", "alpha": a} for a in (1.0, 2 / 3, 0.5)]
NOISES = [{}, {"s_churn": 30.0, "s_tmin": 0.05, "s_tmax": 50.0, "s_noise": 1.003}]


@pytest.mark.parametrize("churn", NOISES, ids=["ode", "churn"])
@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: "-".join(map(str, solver.values())))
@pytest.mark.parametrize("path", PATHS, ids=lambda path: "-".join(path.values()))
def test_every_step_is_that_of_the_paper(path, solver, churn, request):
    mixture, paper, draw = map(request.getfixturevalue, ("mixture", "paper", "draw"))
    sampler, knobs = solver["solver"], path | solver | churn
    del knobs["solver"]
    for seed, name in enumerate(SCHEDULES):
        sigmas = schedule(name, 12)
        x = draw(seed) * sigmas[0]
        noise = [draw(100 + i) for i in range(12)]
        expected = paper(solver=sampler, **knobs)(mixture, x, sigmas, noise)
        source = iter(noise)
        steps = sample(mixture, x, sigmas, sampler, noise=lambda *_, z=source: next(z), **knobs)
        for step, state in zip(steps, expected, strict=True):
            torch.testing.assert_close(step.x, state, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("ends", [(0.002, 80.0), (0.01, 157.0)])
def test_the_vp_path_is_solved_from_the_range_that_is_given(mixture, paper, draw, ends):
    sigmas = schedule("karras", 8)
    x = draw(0) * sigmas[0]
    expected = paper(path="vp")(mixture, x, sigmas, sigma_range=ends)[-1]
    *_, last = sample(mixture, x, sigmas, path="vp", sigma_range=ends)
    torch.testing.assert_close(last.x, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("path", ["edm", "vp", "ve"])
@pytest.mark.parametrize("scaling", ["none", "vp"])
def test_one_step_stays_finite(mixture, draw, path, scaling):
    (step,) = sample(mixture, draw(0) * 80, (80.0, 0.0), path=path, scaling=scaling)
    assert step.x.isfinite().all()


def test_the_straight_stride_is_the_curved_one_without_the_detour(mixture, draw):
    path = stride("edm", "vp", (0.1, 80.0), 7.0, 2.0).path
    straight, curved = Straight(7.0, 2.0), Curved(path, False, 7.0, 2.0)
    assert stride("edm", "none", (0.1, 80.0), 7.0, 2.0) == straight
    x = draw(0) * 7
    denoised = mixture(x, 7.0)
    for alpha in (0.3, 0.5, 1.0):
        level = straight.level(alpha)
        assert curved.level(alpha) == level
        prime = straight.euler(x, denoised, alpha)
        torch.testing.assert_close(curved.euler(x, denoised, alpha), prime)
        there = (x, denoised, prime, mixture(prime, level), alpha)
        torch.testing.assert_close(curved.correction(*there), straight.correction(*there))


def test_the_four_discretisations_agree(mixture, draw):
    """With 256 steps of Heun on EDM's path, to 2e-3 of the exact solution."""
    for name in SCHEDULES:
        sigmas = schedule(name, 256)
        x = draw(0) * sigmas[0]
        exact = mixture.solution(x, sigmas[0], 1e-6)
        *_, last = sample(mixture, x, sigmas)
        assert (last.x - exact).square().mean().sqrt() < 2e-3
