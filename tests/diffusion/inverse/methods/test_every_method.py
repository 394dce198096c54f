"""What holds of all methods: seeds, resuming, costs, knobs, refusals, shapes and dtypes."""

import math
import re
from importlib import import_module

import pytest
import torch

from studio.diffusion import METHODS, KeyedNoise, KnobError, begin_state, sample, schedule
from studio.diffusion.inverse.measurement import Measurement
from studio.diffusion.inverse.operators.inpaint import Inpaint
from tests.diffusion.inverse.methods.gaussian_world import (
    Bare,
    Rounded,
    blurred,
    given,
    hole,
    known,
    noise,
    restored,
    shrunk,
)

SHAPE = (2, 4, 4)
SIGMAS = schedule("karras", 6)
QUICK = {"repaint": {"jump_length": 2, "resamplings": 2}, "snips": {"updates": 2}}
LINEAR = ["ddrm", "snips", "pigdm", "ccdf", "ilvr", "repaint", "scoresde", "diffpir"]
WITHOUT_SVD = ["dps", "pigdm", "ccdf", "ilvr", "repaint", "scoresde", "diffpir", "sdedit"]
ALL = list(METHODS)


def denoise(x, sigma):
    """Estimate pixel by pixel, so that no sum depends on the size of the batch."""
    return torch.tanh(x / (1 + sigma**2)) * 0.8 + 0.1 * torch.sin(x / (1 + sigma))


def picture(seed=11, shape=SHAPE):
    return noise(shape, 1, seed).clamp(-1, 1)


class Kept(Bare):
    """Keep what is known, pixel by pixel."""

    def __init__(self, shape):
        super().__init__(shape)
        self.measured = tuple(shape)

    def apply(self, x):
        return x * known(self.shape).to(x)

    adjoint = apply


def steps_of(method, seeds, measured, sigmas=SIGMAS, **where):
    """Return the steps of a run whose noise is keyed by seed."""
    unit = torch.stack([noise(SHAPE, 1, seed)[0] for seed in seeds])
    source = KeyedNoise(seeds, SHAPE, dtype=torch.float64)
    return restored(
        denoise, method, measured, unit, sigmas, source=source, **QUICK.get(method, {}), **where
    )


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def operators_for(method):
    """Return the operators here whose products are sums of single pixels, so bit-equal."""
    if method in {"ddrm", "snips"}:
        return [Inpaint(SHAPE, known(SHAPE))]
    found = [Kept(SHAPE), Bare(SHAPE)] if method != "ddrm_jpeg" else [Rounded(SHAPE)]
    return [*found, Rounded(SHAPE)] if method in {"dps", "sdedit"} else found


@pytest.mark.parametrize("sigma0", [0.0, 0.2])
@pytest.mark.parametrize("method", ALL)
def test_a_picture_does_not_depend_on_its_batch(method, sigma0):
    for operator in operators_for(method):
        measured = given(operator, picture(), sigma0)
        together = steps_of(method, (3, 8, 21), measured)[-1]
        assert not together.x[0].equal(together.x[1])
        for row, seed in enumerate((3, 8, 21)):
            alone = steps_of(method, (seed,), measured)[-1]
            assert alone.x[0].equal(together.x[row])
            assert alone.carry["residual"][0].equal(together.carry["residual"][row])


@pytest.mark.parametrize("method", ALL)
def test_each_picture_may_have_a_measurement_of_its_own(method):
    for operator in operators_for(method):
        both = given(operator, torch.cat([picture(1), picture(2)]), 0.1)
        together = steps_of(method, (5, 5), both)[-1]
        for row in range(2):
            y = both.y[row : row + 1]
            single = Measurement(operator=operator, y=y, sigma0=0.1)
            assert steps_of(method, (5,), single)[-1].x[0].equal(together.x[row])


@pytest.mark.parametrize("method", ALL)
def test_going_on_from_any_step_is_bit_equal(method):
    operator = Rounded(SHAPE) if method == "ddrm_jpeg" else hole(SHAPE)
    measured = given(operator, picture(), 0.1)
    steps = steps_of(method, (3, 4), measured)
    for k, step in enumerate(steps):
        again = list(
            sample(
                denoise,
                step.x,
                SIGMAS,
                method,
                given=measured,
                noise=KeyedNoise((3, 4), SHAPE, dtype=torch.float64),
                start=k + 1,
                history=steps[k : k + 1],
                **QUICK.get(method, {}),
            )
        )
        assert len(again) == len(steps) - k - 1
        for ours, before in zip(again, steps[k + 1 :], strict=True):
            assert ours.x.equal(before.x)
            assert (ours.index, ours.nfe, ours.sigma) == (before.index, before.nfe, before.sigma)


@pytest.mark.parametrize("steps", [1, 2, 7])
@pytest.mark.parametrize(
    ("method", "knobs"),
    [
        *((method, QUICK.get(method, {})) for method in ALL),
        ("repaint", {"jump_length": 1, "resamplings": 3, "solver": "heun"}),
        ("scoresde", {"solver": "heun", "corrector_steps": 2}),
        ("pigdm", {"solver": "heun"}),
        ("ccdf", {"solver": "dpm_2", "strength": 0.9}),
        ("sdedit", {"strength": 0.0}),
        ("snips", {"updates": 1}),
    ],
)
def test_it_costs_what_it_says(method, knobs, steps):
    calls = []

    def counted(x, sigma):
        calls.append(sigma)
        return denoise(x, sigma)

    operator = Rounded(SHAPE) if method == "ddrm_jpeg" else hole(SHAPE)
    measured = given(operator, picture())
    taken = restored(counted, method, measured, noise(SHAPE, 1), schedule("karras", steps), **knobs)
    assert METHODS[method].nfe(steps, **knobs) == len(calls) == taken[-1].nfe
    spec = METHODS[method]
    for step in taken:
        low, high = spec.asked((step.sigma, step.sigma_next), knobs)
        before = taken[step.index - 1].nfe if step.index else 0
        assert all(low <= sigma <= high for sigma in calls[before : step.nfe])


@pytest.mark.parametrize("sigma0", [0.0, 1e-3, 0.5, 5.0])
@pytest.mark.parametrize("shape", [(1, 4, 4), (4, 4, 6)])
@pytest.mark.parametrize("method", ALL)
def test_noise_of_any_strength_and_latents_are_served(method, shape, sigma0):
    makers = [Rounded] if method == "ddrm_jpeg" else [hole, shrunk, blurred]
    for make in makers:
        measured = given(make(shape), picture(shape=shape), sigma0)
        *_, last = restored(
            denoise, method, measured, noise(shape, 2), SIGMAS, **QUICK.get(method, {})
        )
        assert last.x.shape == (2, *shape)
        assert last.x.isfinite().all()
        assert last.x.abs().max() < 100


@pytest.mark.parametrize("method", ALL)
def test_a_device_without_float64_is_served(method, monkeypatch):
    home = import_module("studio.diffusion.sample")
    monkeypatch.setattr(home, "state_dtype", lambda device: torch.float32)
    operator = Rounded(SHAPE) if method == "ddrm_jpeg" else hole(SHAPE)
    measured = given(operator, picture()).like(torch.zeros(1))
    knobs = QUICK.get(method, {})
    x = begin_state(method, measured, noise(SHAPE, 2).float(), SIGMAS, **knobs)
    assert x.dtype == torch.float32
    seen = []

    def spied(x, sigma):
        seen.append(x.dtype)
        return denoise(x, sigma)

    *_, last = sample(spied, x, SIGMAS, method, given=measured, **knobs)
    assert last.x.dtype == last.denoised.dtype == torch.float32
    assert set(seen) == {torch.float32}
    assert last.x.isfinite().all()


@pytest.mark.parametrize("make", [hole, shrunk, blurred])
@pytest.mark.parametrize("method", LINEAR)
def test_without_noise_the_end_agrees_with_the_measurement(method, make):
    measured = given(make(SHAPE), picture())
    for knobs in ({}, *({"solver": id} for id in ("heun", "ddim") if _has(method, "solver"))):
        *_, last = restored(
            denoise, method, measured, noise(SHAPE, 2), SIGMAS, **QUICK.get(method, {}), **knobs
        )
        residual = measured.residual(last.x).flatten(1).square().mean(1).sqrt()
        assert residual.max() < 1e-3


@pytest.mark.parametrize("method", [m for m in WITHOUT_SVD if m in LINEAR])
def test_no_singular_values_are_needed_to_agree(method):
    measured = given(Bare(SHAPE), picture())
    *_, last = restored(denoise, method, measured, noise(SHAPE, 2), SIGMAS, **QUICK.get(method, {}))
    assert measured.residual(last.x).abs().max() < 1e-3


@pytest.mark.parametrize("method", ["sdedit", "dps"])
def test_others_do_not_promise_to_agree(method):
    measured = given(hole(SHAPE), picture())
    *_, last = restored(denoise, method, measured, noise(SHAPE, 2), SIGMAS)
    assert measured.residual(last.x).flatten(1).square().mean(1).sqrt().max() > 1e-3


@pytest.mark.parametrize("method", ALL)
def test_what_it_cannot_serve_is_refused_in_a_sentence(method):
    nonlinear = given(Rounded(SHAPE), picture())
    serves_all = method in {"dps", "sdedit", "ddrm_jpeg"}
    why = METHODS[method].serves(nonlinear)
    assert bool(why) is not serves_all
    if why:
        assert why[0].isupper() and why.endswith(".") and "choose" in why
        with pytest.raises(KnobError, match=re.escape(why)):
            sample(denoise, noise(SHAPE, 1), SIGMAS, method, given=nonlinear)
    bare = METHODS[method].serves(given(Bare(SHAPE), picture()))
    assert bool(bare) is (method in {"ddrm", "snips", "ddrm_jpeg"})
    assert bool(METHODS[method].serves(given(hole(SHAPE), picture()))) is (method == "ddrm_jpeg")


@pytest.mark.parametrize("method", ALL)
def test_it_is_not_run_without_a_measurement(method):
    with pytest.raises(KnobError, match="none is given"):
        sample(denoise, noise(SHAPE, 1), SIGMAS, method)


@pytest.mark.parametrize(
    ("method", "knob"), [(id, knob) for id in ALL for knob in METHODS[id].knobs]
)
def test_a_knob_refuses_what_is_out_of_bounds(method, knob):
    bad = ["nothing of the kind"]
    if knob.kind in {"int", "float"}:
        bad = [knob.low - 1, float("nan")] + [knob.high + 1] * math.isfinite(knob.high)
    measured = given(hole(SHAPE), picture())
    for value in bad:
        with pytest.raises(KnobError, match=knob.id):
            sample(denoise, noise(SHAPE, 1), SIGMAS, method, given=measured, **{knob.id: value})


@pytest.mark.parametrize("method", ALL)
def test_the_ends_of_every_knob_can_be_used(method):
    operator = Rounded(SHAPE) if method == "ddrm_jpeg" else blurred(SHAPE)
    for knob in METHODS[method].knobs:
        values = [id for id, _ in knob.choices] or [knob.low, knob.high]
        if knob.kind == "bool":
            values = [False, True]
        elif knob.kind == "int":
            values = [knob.low, min(knob.high, 3)]
        for value in values:
            if value in {math.inf, -math.inf} and knob.default != value:
                continue
            for sigma0 in (0.0, 0.1):
                measured = given(operator, picture(), sigma0)
                knobs = {**QUICK.get(method, {}), knob.id: value}
                *_, last = restored(denoise, method, measured, noise(SHAPE, 1), SIGMAS, **knobs)
                assert last.x.isfinite().all(), (knob.id, value)


@pytest.mark.parametrize("method", ALL)
def test_it_introduces_itself(method):
    spec = METHODS[method]
    assert spec.restores and spec.formula and spec.source
    paragraphs = spec.guide.split("\n\n")
    assert 3 <= len(paragraphs) <= 5
    assert "fail" in spec.guide and "In practice" in spec.guide
    assert all(paragraph.endswith(".") for paragraph in paragraphs)
    assert all(knob.help and knob.source and knob.formula for knob in spec.knobs)


def test_only_what_needs_no_operator_on_latents_says_nothing_of_them():
    assert {id for id, spec in METHODS.items() if not spec.latent} == {"ddrm_jpeg"}


def _has(method, knob):
    return knob in {each.id for each in METHODS[method].knobs}
