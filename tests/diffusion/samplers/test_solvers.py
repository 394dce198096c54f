"""What holds for every solver: its order, its cost, its last step, its independence of others."""

import math
from itertools import pairwise

import pytest
import torch

from studio.diffusion import SAMPLERS, KeyedNoise, sample, schedule

QUIET = {"eta": 0.0, "s_churn": 0.0, "langevin": "0", "restarts": 0}
"""The knobs that take the noise out of a solver that has them."""

ORDERS = [
    ("dpm_2", {}, 2),
    ("dpm_3", {}, 3),
    ("dpm_2_ancestral", {}, 2),
    ("euler_ancestral", {}, 1),
    ("ddim", {}, 1),
    ("dpmpp_2s_ancestral", {}, 2),
    ("dpmpp_sde", {}, 2),
    ("dpmpp_2m", {}, 2),
    ("dpmpp_2m_sde", {"solver_type": "midpoint"}, 2),
    ("dpmpp_2m_sde", {"solver_type": "heun"}, 2),
    ("dpmpp_3m_sde", {}, 2),
    ("exp_ab2", {}, 2),
    ("deis", {"kind": "tab", "order": 1}, 1),
    ("deis", {"kind": "tab", "order": 2}, 2),
    ("deis", {"kind": "tab", "order": 3}, 3),
    ("deis", {"kind": "rhoab", "order": 2}, 2),
    ("deis", {"kind": "rhoab", "order": 3}, 3),
    ("deis", {"kind": "logrho", "order": 2}, 2),
    ("deis", {"kind": "logrho", "order": 3}, 3),
    ("deis", {"kind": "karras", "order": 3}, 3),
    ("lms", {"order": 4}, 4),
    ("exp_ab4", {}, 4),
    ("unipc", {"order": 1, "variant": "bh1"}, 2),
    ("unipc", {"order": 1, "variant": "bh2"}, 2),
    ("unipc", {"order": 2, "variant": "bh1"}, 3),
    ("unipc", {"order": 2, "variant": "bh2"}, 3),
    ("unipc", {"order": 3, "corrector": False}, 3),
    ("pndm", {"kind": "f_pndm"}, 2),
    ("pndm", {"kind": "plms"}, 2),
    ("ipndm", {}, 2),
    ("restart", {}, 2),
]


def quiet(name, knobs):
    own = {knob.id for knob in SAMPLERS[name].knobs}
    return {id: value for id, value in QUIET.items() if id in own} | knobs


def rms_errors(denoise, x, name, grids, exact, **knobs):
    for grid in grids:
        *_, last = sample(denoise, x, grid, name, **quiet(name, knobs))
        yield (last.x - exact).square().mean().sqrt().item()


@pytest.mark.parametrize(("name", "knobs", "order"), ORDERS)
def test_the_order_on_even_steps_in_ln_sigma(mixture, draw, name, knobs, order):
    x = draw(0) * 80
    exact = mixture.solution(x, 80.0, 0.02)
    counts = (128, 256) if order < 3 else (256, 512) if order > 3 else (512, 1024)
    grids = [schedule("exponential", count + 1, 0.02, 80.0)[:-1] for count in counts]
    coarse, fine = rms_errors(mixture, x, name, grids, exact, **knobs)
    assert math.log2(coarse / fine) == pytest.approx(order, abs=0.15)


@pytest.mark.parametrize(("name", "knobs"), [("exp_ab3", {}), ("dpmpp_3m_sde", {"corrected": 1})])
def test_third_order_on_three_estimates(mixture, draw, name, knobs):
    x = draw(0) * 80
    exact = mixture.solution(x, 80.0, 0.02)
    grids = [schedule("exponential", count + 1, 0.02, 80.0)[:-1] for count in (64, 128, 256)]
    knobs = {id: bool(value) for id, value in knobs.items()}
    errors = list(rms_errors(mixture, x, name, grids, exact, **knobs))
    assert all(math.log2(a / b) > 2.8 for a, b in pairwise(errors))


@pytest.mark.parametrize(("name", "order"), [("pndm", 4), ("ipndm", 2)])
def test_adams_coefficients_are_of_fourth_order_on_even_steps_in_sigma(mixture, draw, name, order):
    """iPNDM begins with an Euler step, whose error is of second order."""
    x = draw(0) * 2
    exact = mixture.solution(x, 2.0, 0.5)
    grids = [schedule("linear", count + 1, 0.5, 2.0)[:-1] for count in (128, 256)]
    coarse, fine = rms_errors(mixture, x, name, grids, exact)
    assert math.log2(coarse / fine) == pytest.approx(order, abs=0.15)


def everywhere():
    return [spec.id for spec in SAMPLERS.values()]


@pytest.mark.parametrize("name", everywhere())
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 11])
def test_the_cost_is_what_is_spent_and_the_last_step_gives_the_estimate(mixture, draw, name, steps):
    calls = []

    def denoise(x, sigma):
        calls.append(mixture(x, sigma))
        return calls[-1]

    taken = list(sample(denoise, draw(0) * 80, schedule("karras", steps), name))
    spec = SAMPLERS[name]
    assert taken[-1].nfe == len(calls)
    assert spec.nfe(steps) == (None if spec.adaptive else len(calls))
    assert taken[-1].sigma_next == 0
    assert any(taken[-1].x.equal(call) for call in calls)
    assert all(step.error is None or step.error.shape == (5,) for step in taken)
    assert [step.index for step in taken] == list(range(len(taken)))


@pytest.mark.parametrize("name", everywhere())
def test_a_list_may_end_above_0(mixture, draw, name):
    taken = list(sample(mixture, draw(0) * 80, schedule("karras", 7)[:-1], name))
    assert taken[-1].sigma_next == pytest.approx(0.002)
    assert torch.isfinite(taken[-1].x).all()


@pytest.mark.parametrize("name", [id for id in everywhere() if not SAMPLERS[id].adaptive])
def test_pictures_do_not_depend_on_those_beside_them(mixture, draw, name):
    """The step of an adaptive solver is set by the worst picture, as it says."""

    def end(rows):
        noise = KeyedNoise(tuple(range(5))[rows], (1, 2, 2), dtype=torch.float64)
        *_, last = sample(mixture, draw(0)[rows] * 80, schedule("karras", 6), name, noise=noise)
        return last.x

    torch.testing.assert_close(end(slice(0, 5))[3:], end(slice(3, 5)), rtol=0, atol=1e-12)


TWINS = [
    ("ddim", {}, "euler", {}),
    ("ddim", {"eta": 1.0}, "euler_ancestral", {}),
    ("ddpm", {}, "euler_ancestral", {}),
    ("dpm_2_ancestral", {"eta": 0.0}, "dpm_2", {}),
    ("dpmpp_2m_sde", {"eta": 0.0}, "dpmpp_2m", {}),
    ("dpmpp_3m_sde", {"eta": 0.0, "corrected": True}, "exp_ab3", {}),
    ("lms", {"order": 3}, "deis", {"kind": "rhoab", "order": 3}),
    ("deis", {"order": 1}, "euler", {}),
    ("ipndm", {"order": 1}, "euler", {}),
    ("restart", {"restarts": 0}, "heun", {}),
    ("euler_maruyama", {"langevin": "0", "path": "edm"}, "euler", {}),
    ("euler_maruyama", {"langevin": "0", "path": "ve"}, "euler", {"path": "ve"}),
    ("euler_maruyama", {"langevin": "0", "path": "vp"}, "euler", {"path": "vp", "scaling": "vp"}),
    ("pc", {"corrector_steps": 0, "path": "vp"}, "euler_maruyama", {"path": "vp"}),
]


@pytest.mark.parametrize("twins", TWINS)
def test_methods_that_are_equal_agree(mixture, draw, twins):
    one, knobs, other, others = twins

    def states(name, given):
        noise = KeyedNoise((1, 2, 3, 4, 5), (1, 2, 2), dtype=torch.float64)
        sigmas = schedule("karras", 12)
        return [s.x for s in sample(mixture, draw(0) * 80, sigmas, name, noise=noise, **given)]

    # Euler's last step on a curved path does not lead to the estimate itself.
    pairs = list(zip(states(one, knobs), states(other, others), strict=True))
    for a, b in pairs[:-1] if one == "euler_maruyama" else pairs:
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-10)


STATISTICS = [
    ("euler_ancestral", 800, {}),
    ("ddpm", 800, {}),
    ("dpm_2_ancestral", 120, {}),
    ("dpmpp_2s_ancestral", 100, {}),
    ("dpmpp_sde", 600, {}),
    ("dpmpp_2m_sde", 120, {}),
    ("dpmpp_2m_sde", 160, {"solver_type": "heun"}),
    ("dpmpp_3m_sde", 60, {}),
    ("dpmpp_3m_sde", 80, {"corrected": True}),
    ("dpm_fast", 60, {"eta": 1.0}),
    ("euler_maruyama", 800, {"path": "ve"}),
    ("euler_maruyama", 400, {"path": "vp"}),
    ("euler_maruyama", 600, {"path": "subvp"}),
    ("euler_maruyama", 400, {"path": "edm"}),
    ("euler_maruyama", 600, {"langevin": "80: 0, 1: 1, 0.01: 0.5"}),
    ("restart", 60, {"restart_steps": 20, "restarts": 2}),
    ("annealed_langevin", 100, {"updates": 30, "epsilon": 0.5}),
    ("dpm_2", 120, {"s_churn": 20.0}),
    ("heun", 120, {"s_churn": 20.0}),
    ("euler", 800, {"s_churn": 20.0}),
]


@pytest.mark.parametrize(("name", "steps", "knobs"), STATISTICS)
def test_a_gaussian_comes_out_with_its_mean_and_covariance(name, steps, knobs):
    """Two dimensions; 20,000 samples, whose own spread is 1 % of the covariance."""
    torch.manual_seed(1)
    turn = torch.tensor([[0.8, 0.6], [-0.6, 0.8]], dtype=torch.float64)
    stds, mean = torch.tensor([0.8, 0.4], dtype=torch.float64), torch.tensor([0.6, -1.0])

    def denoise(x, sigma):
        shrink = stds**2 / (stds**2 + sigma**2)
        return mean + ((x - mean) @ turn * shrink) @ turn.T

    x = torch.randn(20_000, 2, dtype=torch.float64) * 80 + mean
    *_, last = sample(denoise, x, schedule("karras", steps), name, **knobs)
    found = torch.cov(((last.x - mean) @ turn).T)
    wanted = torch.diag(stds**2)
    assert ((last.x.mean(0) - mean) / stds).abs().max() < 0.02
    scale = torch.outer(stds, stds)
    assert ((found - wanted) / scale).abs().max() < 0.035


@pytest.mark.parametrize("path", ["ve", "vp"])
def test_predictor_and_corrector_give_a_gaussian(path):
    """In 256 dimensions: the step of the corrector is the ratio of two norms."""
    torch.manual_seed(2)
    mean, std = 0.5, 0.6

    def denoise(x, sigma):
        return mean + (x - mean) * std**2 / (std**2 + sigma**2)

    x = torch.randn(80, 256, dtype=torch.float64) * math.hypot(80, std) + mean
    sigmas = schedule("karras", 500)
    *_, last = sample(denoise, x, sigmas, "pc", path=path, snr=0.05)
    assert abs(last.x.mean().item() - mean) < 0.02 * std
    assert last.x.var().item() == pytest.approx(std**2, rel=0.03)


EXACTLY = [
    ("euler_ancestral", 800, {}),
    ("ddpm", 800, {}),
    ("dpm_2_ancestral", 120, {}),
    ("dpmpp_2s_ancestral", 100, {}),
    ("dpmpp_sde", 900, {}),
    ("dpmpp_2m_sde", 160, {}),
    ("dpmpp_2m_sde", 160, {"solver_type": "heun"}),
    ("dpmpp_3m_sde", 100, {}),
    ("dpmpp_3m_sde", 100, {"corrected": True}),
    ("dpm_fast", 60, {"eta": 1.0}),
    ("euler_maruyama", 800, {"path": "ve"}),
    ("euler_maruyama", 600, {"path": "vp"}),
    ("euler_maruyama", 600, {"path": "subvp"}),
    ("euler_maruyama", 800, {"path": "edm"}),
    ("euler_maruyama", 900, {"langevin": "80: 0, 1: 1, 0.01: 0.5"}),
    ("restart", 80, {"restart_steps": 20, "restarts": 2}),
    ("annealed_langevin", 100, {"updates": 30, "epsilon": 0.5}),
    ("euler", 900, {"s_churn": 20.0}),
    ("heun", 160, {"s_churn": 20.0}),
    ("dpm_2", 160, {"s_churn": 20.0}),
]


@pytest.mark.parametrize(("name", "steps", "knobs"), EXACTLY)
@pytest.mark.parametrize("std", [0.4, 0.8])
def test_the_exact_variance_of_a_gaussian(name, steps, knobs, std):
    """On a Gaussian every step is affine in the noise, so that no samples are needed.

    Row 0 meets no noise, row 1 begins one standard deviation up, and row k + 2 meets draw k alone:
    the squares of what they differ by from row 0 add up to the variance of the sampler.
    """
    mean, sigmas = 0.6, schedule("karras", steps)

    def denoise(x, sigma):
        return mean + (x - mean) * std**2 / (std**2 + sigma**2)

    def run(rows):
        draws = []

        def noise(sigma_from, sigma_to):
            draws.append(torch.zeros(rows, 1))
            if len(draws) + 1 < rows:
                draws[-1][len(draws) + 1] = 1
            return draws[-1]

        x = torch.full((rows, 1), mean, dtype=torch.float64)
        x[1] += math.hypot(80, std)
        *_, last = sample(denoise, x, sigmas, name, noise=noise, **knobs)
        return last.x, len(draws)

    rows = run(2)[1] + 2
    end, _ = run(rows)
    variance = (end[1:] - end[0]).square().sum().item()
    assert end[0].item() == pytest.approx(mean, abs=0.02 * std)
    assert variance == pytest.approx(std**2, rel=0.02)
