import math
from importlib import import_module
from itertools import pairwise

import pytest
import torch

from studio.diffusion import (
    SAMPLERS,
    DenoiserError,
    KeyedNoise,
    KnobError,
    ReferenceNoise,
    Spec,
    sample,
    schedule,
    state_dtype,
)

SIGMAS = (80.0, 10.0, 1.0, 0.0)
X = torch.ones(2, 1, 2, 2)
CHURN = {"s_churn": 20.0, "s_tmin": 0.01, "s_tmax": 60.0, "s_noise": 1.003}


def identity(x, sigma):
    return x


def multistep(at):
    """Take a step with the estimate of the step before: Adams-Bashforth of second order."""
    denoised = at.denoise(at.x, at.sigma)
    target = denoised
    if at.history:
        before = at.history[-1]
        target = denoised + (denoised - before.denoised) * before.carry["weight"]
    x = target.lerp(at.x, at.sigma_next / at.sigma)
    return at.step(x, denoised, carry={"weight": 0.5 / (1 + at.index)})


@pytest.fixture
def with_multistep(monkeypatch):
    spec = Spec(id="ab", label="AB", family="", source="", help="", run=multistep, memory=1)
    monkeypatch.setattr(import_module("studio.diffusion.sample"), "SOLVERS", {"ab": spec})


def test_steps_say_where_they_are(mixture, draw):
    sigmas = schedule("karras", 6)
    steps = list(sample(mixture, draw(0) * 80, sigmas))
    assert [step.index for step in steps] == list(range(6))
    assert [step.total for step in steps] == [6] * 6
    assert [(step.sigma, step.sigma_next) for step in steps] == list(pairwise(sigmas))
    assert all(step.x.shape == step.denoised.shape == (5, 1, 2, 2) for step in steps)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_the_state_is_float64_and_the_level_a_float(dtype):
    seen = []

    def denoise(x, sigma):
        seen.append((x.dtype, type(sigma)))
        return (x * 0.5).to(torch.float32)

    for step in sample(denoise, X.to(dtype), SIGMAS, sigma_range=(0.1, 80.0)):
        assert step.x.dtype == step.denoised.dtype == torch.float64
    assert set(seen) == {(torch.float64, float)}


def test_the_state_is_float32_where_there_is_no_float64():
    assert state_dtype(torch.device("mps")) == torch.float32
    assert state_dtype(torch.device("cuda")) == torch.float64


def test_the_picture_given_is_left_alone(mixture, draw):
    x = draw(0) * 80
    before = x.clone()
    list(sample(mixture, x, SIGMAS, s_churn=5.0))
    assert x.equal(before)


def test_gradients_are_off_inside_and_untouched_outside():
    inside = []

    def denoise(x, sigma):
        inside.append(torch.is_grad_enabled())
        return x * 0.5

    x = X.clone().requires_grad_()
    for step in sample(denoise, x, SIGMAS):
        assert torch.is_grad_enabled()
        assert not step.x.requires_grad
    assert not any(inside)


def test_what_the_denoiser_raises_comes_through_and_gradients_come_back():
    class StopHere(Exception):  # noqa: N818
        pass

    def denoise(x, sigma):
        raise StopHere

    with pytest.raises(StopHere):
        next(sample(denoise, X, SIGMAS))
    assert torch.is_grad_enabled()


def repeatable():
    """Return every sampler with the sources of noise that can be drawn again for it."""
    for id, spec in SAMPLERS.items():
        yield id, KeyedNoise
        if not spec.stochastic:
            yield id, None
        if not spec.stochastic or spec.nfe(8) <= 9:  # the reference draws once a step
            yield id, ReferenceNoise


@pytest.mark.parametrize(("sampler", "noise"), list(repeatable()))
@pytest.mark.parametrize("design", [{}, {"path": "vp", "scaling": "vp"}])
def test_going_on_from_any_step_is_bit_equal(mixture, draw, sampler, noise, design):
    seeds, shape = (3, 4, 5, 6, 7), (1, 2, 2)
    sigmas, x = schedule("karras", 8), draw(0) * 80
    spec = SAMPLERS[sampler]
    own = {knob.id for knob in spec.knobs}
    knobs = {id: value for id, value in (design | (CHURN if noise else {})).items() if id in own}

    def take(x, **where):
        source = noise(seeds, shape, dtype=torch.float64) if noise else None
        return list(sample(mixture, x, sigmas, sampler, noise=source, **where, **knobs))

    steps = take(x)
    for k, step in enumerate(steps):
        again = take(step.x, start=k + 1, history=steps[: k + 1][-max(spec.memory, 1) :])
        assert len(again) == len(steps) - k - 1
        for a, b in zip(again, steps[k + 1 :], strict=True):
            assert a.x.equal(b.x)
            assert a.denoised.equal(b.denoised)
            assert (a.index, a.nfe, a.sigma) == (b.index, b.nfe, b.sigma)


@pytest.mark.usefixtures("with_multistep")
def test_a_solver_that_looks_back_goes_on_bit_equal(mixture, draw):
    sigmas, x = schedule("karras", 8), draw(0) * 80
    steps = list(sample(mixture, x, sigmas, "ab"))
    for k in range(7):
        again = list(sample(mixture, steps[k].x, sigmas, "ab", start=k + 1, history=steps[: k + 1]))
        assert again[-1].x.equal(steps[-1].x)
        assert again[-1].nfe == 8


@pytest.mark.usefixtures("with_multistep")
def test_a_solver_that_looks_back_is_not_started_without_history():
    with pytest.raises(ValueError, match="looks back at 1 steps and cannot start at step 2"):
        sample(identity, X, SIGMAS, "ab", start=2)


def test_the_default_noise_is_that_of_torch(mixture, draw):
    torch.manual_seed(3)
    a = [step.x for step in sample(mixture, draw(0) * 80, SIGMAS, s_churn=5.0)]
    torch.manual_seed(3)
    draws = [torch.randn(5, 1, 2, 2, dtype=torch.float64) for _ in range(3)][::-1]
    b = sample(mixture, draw(0) * 80, SIGMAS, noise=lambda *_: draws.pop(), s_churn=5.0)
    assert all(x.equal(step.x) for x, step in zip(a, b, strict=True))


@pytest.mark.parametrize(
    ("sigmas", "message"),
    [
        ((), "has 0 values; give at least 2"),
        ((80.0,), "has 1 values; give at least 2"),
        ((80.0, math.nan, 0.0), "negative, infinite or NaN"),
        ((math.inf, 1.0, 0.0), "negative, infinite or NaN"),
        ((80.0, 1.0, -1.0), "negative, infinite or NaN"),
        ((80.0, 80.0, 0.0), "from 80 to 80 at step 0"),
        ((80.0, 1.0, 2.0, 0.0), "from 1 to 2 at step 1"),
        ((80.0, 0.0, 0.0), "from 0 to 0 at step 1"),
    ],
)
def test_a_list_that_cannot_be_followed_is_refused_at_once(sigmas, message):
    with pytest.raises(ValueError, match=message):
        sample(identity, X, sigmas)


@pytest.mark.parametrize("start", [-1, 4, 1.5, "0", None])
def test_a_start_outside_the_list_is_refused_at_once(start):
    with pytest.raises(
        ValueError, match=r"start cannot be .*; give a whole number between 0 and 3"
    ):
        sample(identity, X, SIGMAS, start=start)


def test_a_history_that_does_not_lead_to_the_start_is_refused_at_once():
    steps = list(sample(identity, X, SIGMAS))
    with pytest.raises(ValueError, match="history ends with step 2, but start is 1"):
        sample(identity, X, SIGMAS, start=1, history=steps)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.ones(2, 3, dtype=torch.int64), r"x is torch\.int64; give a tensor of a floating"),
        ([1.0, 2.0], "x is list"),
        (torch.tensor(1.0), r"x has shape \(\); give at least one picture"),
        (torch.ones(0, 3), r"x has shape \(0, 3\)"),
    ],
)
def test_a_state_that_is_none_is_refused_at_once(x, message):
    with pytest.raises(ValueError, match=message):
        sample(identity, x, SIGMAS)


@pytest.mark.parametrize("ends", [(80.0, 1.0), (0.0, 80.0), (1.0, math.inf), (math.nan, 1.0)])
def test_a_range_out_of_order_is_refused_at_once(ends):
    with pytest.raises(ValueError, match="sigma_range cannot be"):
        sample(identity, X, SIGMAS, sigma_range=ends)


def test_unknown_names_are_refused_at_once_with_the_known_ones():
    with pytest.raises(KnobError, match=r"no sampler 'huen'. Did you mean 'heun'\?"):
        sample(identity, X, SIGMAS, "huen")
    with pytest.raises(KnobError, match="Euler has no knob 'alpha'; its knobs are: s_churn"):
        sample(identity, X, SIGMAS, "euler", alpha=1.0)
    with pytest.raises(KnobError, match="s_churn cannot be -1"):
        sample(identity, X, SIGMAS, s_churn=-1)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, r"a NoneType in step 2 \(sigma 10\)"),
        (torch.ones(2, 1, 2, 3), r"shape \(2, 1, 2, 3\) on cpu in step 2 \(sigma 10\)"),
        (torch.ones(1, 1, 2, 2), r"it must return a tensor of shape \(2, 1, 2, 2\) on cpu"),
        (X.to("meta"), "on meta in step 2"),
    ],
)
def test_a_useless_answer_is_named_with_step_and_level(answer, message):
    steps = sample(lambda x, s: x if s == 80.0 else answer, X, SIGMAS, "euler")
    next(steps)
    with pytest.raises(DenoiserError, match=message):
        next(steps)


def test_noise_of_another_shape_is_refused():
    steps = sample(identity, X, SIGMAS, noise=lambda a, b: torch.ones(1, 2, 2), s_churn=1.0)
    with pytest.raises(ValueError, match=r"has shape \(1, 2, 2\), not the \(2, 1, 2, 2\)"):
        next(steps)
