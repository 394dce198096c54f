import math
from itertools import pairwise

import pytest

from studio.diffusion import KnobError, sample, schedule, tune_schedule


def distance(denoise, x, exact, sampler, sigmas):
    *_, last = sample(denoise, x, sigmas, sampler)
    return (last.x - exact).square().mean().sqrt().item()


@pytest.fixture
def seen(draw):
    return draw(1, (64, 1, 2, 2)) * 80


def test_a_fitted_schedule_beats_every_public_one_on_noise_it_has_not_seen(mixture, draw, seen):
    unseen = draw(2, (128, 1, 2, 2)) * 80
    exact = mixture.solution(unseen, 80.0, 1e-5)
    fitted = tune_schedule(mixture, seen, 8, "exp_ab3", 0.002, 80.0, budget=1800)
    public = min(
        distance(mixture, unseen, exact, sampler, schedule(name, 8, 0.002, 80.0))
        for sampler in ("deis", "unipc", "dpmpp_2m", "ipndm", "lms")
        for name in ("karras", "exponential", "kl_optimal", "time_uniform")
    )
    assert distance(mixture, unseen, exact, "exp_ab3", fitted) < 0.6 * public


@pytest.mark.parametrize(("sampler", "steps"), [("exp_ab4", 14), ("exp_pc", 8)])
def test_few_candidates_reach_far_below_the_best_public_error(mixture, draw, sampler, steps):
    unseen = draw(4, (1024, 1, 2, 2)) * 80
    exact = mixture.solution(unseen, 80.0, 1e-5)
    seen, budget = draw(3, (128, 1, 2, 2)) * 80, 200 + 120 * steps
    fitted = tune_schedule(mixture, seen, steps, sampler, 0.002, 80.0, budget=budget)
    public = min(
        distance(mixture, unseen, exact, peer, schedule("karras", steps, 0.002, 80.0))
        for peer in ("deis", "unipc", "dpmpp_2m", "ipndm", "lms")
    )
    assert distance(mixture, unseen, exact, sampler, fitted) < 0.3 * public


def test_the_same_call_finds_the_same_list(mixture, seen):
    first, second = (
        tune_schedule(mixture, seen[:8], 6, "exp_ab3", 0.002, 80.0, budget=800) for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 12])
def test_the_list_falls_from_end_to_end(mixture, seen, steps):
    levels = tune_schedule(mixture, seen[:4], steps, "deis", 0.01, 50.0, budget=400)
    assert len(levels) == steps + 1
    assert levels[0] == 50.0 and levels[-1] == 0.0
    assert all(a > b for a, b in pairwise(levels))
    assert steps == 1 or levels[-2] >= 0.01 * (1 - 1e-9)


@pytest.mark.parametrize(("sampler", "steps", "cost"), [("dpmpp_2m", 6, 6), ("heun", 4, 7)])
def test_no_more_calls_are_made_than_the_budget_allows(mixture, seen, sampler, steps, cost):
    calls, told = [], []

    def denoise(x, sigma):
        calls.append(sigma)
        return mixture(x, sigma)

    def progress(done, budget, error):
        told.append((done, budget, error))

    tune_schedule(denoise, seen[:4], steps, sampler, 0.01, 80.0, budget=420, progress=progress)
    assert 420 - cost < len(calls) <= 420
    assert told[-1][:2] == (len(calls), 420)
    errors = [error for _, _, error in told]
    assert errors == sorted(errors, reverse=True) and errors[-1] < errors[0]


def test_the_search_can_be_ended_with_the_best_so_far(mixture, seen):
    told = []

    def enough(done, budget, error):
        told.append(error)
        return len(told) < 5

    levels = tune_schedule(mixture, seen[:4], 6, "dpmpp_2m", 0.01, 80.0, progress=enough)
    assert len(told) == 5
    assert len(levels) == 7


@pytest.mark.parametrize(
    ("sampler", "knobs", "why"),
    [
        ("euler_ancestral", {}, "Euler a draws noise"),
        ("rk45", {}, "RK45 chooses its own levels"),
        ("heun", {"s_churn": 5.0}, "draws noise with these knobs"),
        ("heun", {"budget": 10}, "budget cannot be 10; the reference takes 200 calls"),
        ("heun", {"alpha": 7.0}, "alpha cannot be 7"),
        ("huen", {}, "Did you mean 'heun'"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_the_reason(mixture, seen, sampler, knobs, why):
    with pytest.raises(KnobError, match=why):
        tune_schedule(mixture, seen[:4], 6, sampler, 0.01, 80.0, **knobs)


def test_a_model_that_returns_nan_leaves_the_known_schedules(seen):
    with pytest.raises(KnobError, match="no candidate"):
        tune_schedule(lambda x, sigma: x * math.nan, seen[:4], 4, "deis", 0.01, 80.0, budget=240)
