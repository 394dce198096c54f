import math

import pytest
import torch

from studio.diffusion import SAMPLERS, KnobError, sample, schedule
from studio.diffusion.encoding import cannot_encode, encode
from tests.diffusion.conftest import Mixture

LOW, HIGH = 0.002, 80.0
ORDERS = {"euler": 1, "heun": 2, "dpm_2": 2, "dpm_3": 3, "dpmpp_2m": 2, "exp_ab3": 3, "unipc": 4}
GOES_UP = sorted(
    name for name, spec in SAMPLERS.items() if not cannot_encode(spec, (LOW, HIGH), spec.values({}))
)


@pytest.fixture
def points(draw):
    return Mixture.means[[0, 1, 2, 1, 0]].reshape(5, 1, 2, 2) + 0.25 * draw(3)


def ends(mixture, points, solver, steps):
    """Return the noise that points become and the points that it becomes again."""
    sigmas = schedule("karras", steps, LOW, HIGH)
    *_, up = encode(mixture, points, sigmas, solver)
    *_, down = sample(mixture, up.x, sigmas[:-1], solver)
    return up.x / HIGH, down.x


def error(a, b):
    return float((a - b).square().mean().sqrt())


@pytest.mark.parametrize("solver", ORDERS)
def test_encoding_is_of_the_order_of_the_solver(mixture, points, solver):
    exact = mixture.solution(points, LOW, HIGH) / HIGH
    coarse, fine = (error(ends(mixture, points, solver, n)[0], exact) for n in (72, 144))
    assert math.log2(coarse / fine) == pytest.approx(ORDERS[solver], abs=0.2)


@pytest.mark.parametrize("solver", ORDERS)
def test_a_round_trip_is_at_least_of_the_order_of_the_solver(mixture, points, solver):
    coarse, fine = (error(ends(mixture, points, solver, n)[1], points) for n in (72, 144))
    assert math.log2(coarse / fine) > ORDERS[solver] - 0.2


@pytest.mark.parametrize("solver", GOES_UP)
def test_every_solver_of_the_ode_leads_up_and_back(mixture, points, solver):
    noise, again = ends(mixture, points, solver, 100)
    assert error(again, points) < 0.05
    assert error(noise, mixture.solution(points, LOW, HIGH) / HIGH) < 0.05


def test_those_that_go_up_are_the_solvers_of_the_ode():
    assert {"heun", "euler", "deis", "lms", "unipc", "rk45", "pndm"} <= set(GOES_UP)
    assert not {"ddpm", "euler_ancestral", "dpmpp_sde", "restart", "dpm_fast"} & set(GOES_UP)


def test_steps_rise_from_the_lowest_level_to_the_highest(mixture, points):
    sigmas = schedule("karras", 5, LOW, HIGH)
    steps = list(encode(mixture, points, sigmas))
    assert [step.sigma for step in steps] == list(sigmas[4:0:-1])
    assert steps[-1].sigma_next == sigmas[0]
    assert [step.nfe for step in steps] == [2, 4, 6, 8]
    assert all(step.total == 4 for step in steps)


def test_the_adaptive_solver_needs_no_list_but_its_ends(mixture, points):
    *_, last = encode(mixture, points, (HIGH, LOW), "rk45", rtol=1e-8, atol=1e-8)
    assert error(last.x, mixture.solution(points, LOW, HIGH)) / HIGH < 1e-7
    assert (last.sigma_next, last.total) == (HIGH, None)


def test_gradients_are_switched_off_only_within_a_step(mixture, points):
    for _ in encode(mixture, points, schedule("karras", 4, LOW, HIGH)):
        assert torch.is_grad_enabled()


@pytest.mark.parametrize(
    ("solver", "knobs", "said"),
    [
        ("ddpm", {}, "draws noise"),
        ("heun", {"s_churn": 10.0}, "draws noise"),
        ("dpm_fast", {}, "plans its own way"),
        ("heunn", {}, "Did you mean 'heun'"),
    ],
)
def test_what_cannot_go_up_is_refused_with_what_to_do(mixture, points, solver, knobs, said):
    with pytest.raises(KnobError, match=said):
        encode(mixture, points, schedule("karras", 8, LOW, HIGH), solver, **knobs)


def test_a_list_without_two_levels_is_refused(mixture, points):
    with pytest.raises(ValueError, match="at least two levels"):
        encode(mixture, points, (HIGH, 0.0))
