"""Each method against its paper's formula, stated once more."""

import math
from itertools import pairwise

import pytest
import torch

from studio.diffusion import METHODS, begin_state, sample, schedule
from tests.diffusion.inverse.methods.gaussian_world import (
    Bare,
    Matrix,
    Prior,
    Rounded,
    blurred,
    drawn,
    given,
    hole,
    known,
    noise,
    restored,
    shrunk,
)

SHAPE = (1, 4, 4)
PRIOR = Prior()
DENOISE = PRIOR.denoiser()
LEVELS = (2.0, 0.7, 0.1, 0.0)


class Tape:
    """Draw noise from a list, one after another."""

    def __init__(self, count=2, length=60):
        self.draws = [noise(SHAPE, count, seed) for seed in range(100, 100 + length)]
        self.used = 0

    def __call__(self, sigma_from, sigma_to):
        self.used += 1
        return self.draws[self.used - 1]


def first_step(method, measured, x, levels=LEVELS, denoise=DENOISE, **knobs):
    tape = Tape(len(x))
    return next(sample(denoise, x, levels, method, given=measured, noise=tape, **knobs)), tape


def spectral(measured, *pictures):
    """Return the singular values, U^T y and V^T of pictures, by the matrices themselves."""
    parts = measured.operator.parts
    bars = [(x.flatten(1) @ parts.right.T).tolist() for x in pictures]
    return parts.singulars.tolist(), (measured.y @ parts.left)[0].tolist(), bars


@pytest.mark.parametrize("sigma0", [0.0, 0.3])
@pytest.mark.parametrize("make", [hole, shrunk, blurred])
@pytest.mark.parametrize(("eta", "eta_b"), [(0.85, 1.0), (0.3, 0.6)])
def test_ddrm(make, sigma0, eta, eta_b):
    measured, x = given(make(SHAPE), PRIOR.draw(), sigma0), noise(SHAPE, 2) * 2
    step, tape = first_step("ddrm", measured, x, eta=eta, eta_b=eta_b)
    sigma, after, denoised = 2.0, 0.7, DENOISE(x, 2.0)
    s, y, (xs, ds, zs) = spectral(measured, x, denoised, tape.draws[0])
    found = (step.x.flatten(1) @ measured.operator.parts.right.T).tolist()
    for row in range(2):
        for i, value in enumerate(s):
            d, z = ds[row][i], zs[row][i]
            if value == 0:
                e = (xs[row][i] - d) / sigma
                wanted = d + math.sqrt(1 - eta**2) * after * e + eta * after * z
            elif value * after < sigma0:
                pull = (y[i] - value * d) / sigma0
                wanted = d + math.sqrt(1 - eta**2) * after * pull + eta * after * z
            else:
                mean = (1 - eta_b) * d + eta_b * y[i] / value
                wanted = mean + math.sqrt(after**2 - (eta_b * sigma0 / value) ** 2) * z
            assert found[row][i] == pytest.approx(wanted, abs=1e-9)


def test_ddrm_and_snips_start_from_what_is_measured():
    measured, unit = given(blurred(SHAPE), PRIOR.draw(), 0.3), noise(SHAPE, 2)
    s, y, (zs,) = spectral(measured, unit)
    for method in ("ddrm", "snips"):
        x = begin_state(method, measured, unit, LEVELS)
        found = (x.flatten(1) @ measured.operator.parts.right.T).tolist()
        for i, value in enumerate(s):
            wanted = 2.0 * zs[1][i]
            if value * 2.0 > 0.3:
                wanted = y[i] / value + math.sqrt(4.0 - (0.3 / value) ** 2) * zs[1][i]
            assert found[1][i] == pytest.approx(wanted, abs=1e-9)


def test_ddrm_for_jpeg():
    measured, x = given(Rounded(SHAPE), PRIOR.draw()), noise(SHAPE, 2) * 2
    knobs = {"eta": 0.6, "eta_b": 0.4, "strength": 1.0}
    step, tape = first_step("ddrm_jpeg", measured, x, **knobs)
    d = DENOISE(x, 2.0)
    fixed = d - (d * 4).round() / 4 + measured.y
    old, new = 0.8 * 0.7 * (x - d) / 2.0, 0.6 * 0.7 * tape.draws[0]
    assert torch.allclose(step.x, 0.4 * fixed + 0.6 * d + old + new, atol=1e-12)


@pytest.mark.parametrize("sigma0", [0.0, 0.3])
@pytest.mark.parametrize("make", [hole, shrunk, blurred])
def test_snips(make, sigma0):
    measured, x = given(make(SHAPE), PRIOR.draw(), sigma0), noise(SHAPE, 2) * 2
    knobs = {"updates": 1, "epsilon": 0.07, "corrected": False}
    step, tape = first_step("snips", measured, x, **knobs)
    sigma = 0.7
    s, y, (xs, ds, zs) = spectral(measured, x, DENOISE(x, sigma), tape.draws[0])
    found = (step.x.flatten(1) @ measured.operator.parts.right.T).tolist()
    for row in range(2):
        for i, value in enumerate(s):
            score = (ds[row][i] - xs[row][i]) / sigma**2
            away = y[i] - value * xs[row][i]
            if value == 0:
                a, d = 0.07 * sigma**2, score
            elif value * sigma > sigma0:
                a = 0.07 * (sigma**2 - sigma0**2 / value**2)
                d = value * away / (value**2 * sigma**2 - sigma0**2)
            else:
                a = 0.07 * sigma**2 * (1 - value**2 * sigma**2 / sigma0**2)
                d = value * away / (sigma0**2 - value**2 * sigma**2) + score
            wanted = xs[row][i] + a * d + math.sqrt(2 * a) * zs[row][i]
            assert found[row][i] == pytest.approx(wanted, abs=1e-9)


def test_snips_with_the_right_noise_stays_where_it_should():
    """A Langevin step on noise of variance 1 leaves (1 - e)² + 2e - e² = 1."""
    measured = given(hole(SHAPE), torch.zeros(1, *SHAPE).double())
    for corrected, wanted in ((True, 1.0), (False, (1 - 0.5) ** 2 + 2 * 0.5)):
        knobs = {"updates": 1, "epsilon": 0.5, "corrected": corrected}
        x = noise(SHAPE, 20000) * 0.7
        levels = (0.7000001, 0.7, 0.0)
        source = drawn(SHAPE, 20000)
        steps = sample(
            lambda x, s: x * 0, x, levels, "snips", given=measured, noise=source, **knobs
        )
        step = next(steps)
        assert step.x.var() / 0.7**2 == pytest.approx(wanted, rel=0.02)


@pytest.mark.parametrize("operator", [blurred(SHAPE), Bare(SHAPE), Rounded(SHAPE)])
def test_dps_steps_down_in_the_coordinates_of_vp(operator):
    measured, x = given(operator, PRIOR.draw(), 0.1), noise(SHAPE, 2) * 2
    step, tape = first_step("dps", measured, x, zeta=0.4, bounded=False)
    sigma, after = 2.0, 0.7
    abar, abar_next = 1 / (1 + sigma**2), 1 / (1 + after**2)
    alpha = abar / abar_next
    for row in range(2):  # one by one: no norm runs over the batch
        state = (x[row : row + 1] * math.sqrt(abar)).requires_grad_()
        d = DENOISE(state / math.sqrt(abar), sigma)
        seen = d if isinstance(operator, Rounded) else operator.apply(d)  # straight through
        residual = (measured.y - operator.apply(d)).detach()
        away = (residual * seen).sum() / residual.norm()  # has the gradient of -norm
        (slope,) = torch.autograd.grad(-away, state)
        mean = (
            math.sqrt(abar_next) * (1 - alpha) / (1 - abar) * d
            + math.sqrt(alpha) * (1 - abar_next) / (1 - abar) * state
        )
        std = math.sqrt((1 - abar_next) / (1 - abar) * (1 - alpha))
        wanted = (mean + std * tape.draws[0][row] - 0.4 * slope) / math.sqrt(abar_next)
        assert torch.allclose(step.x[row], wanted[0], atol=1e-10)


def test_dps_goes_no_further_than_the_noise_of_the_measurement():
    measured = given(shrunk(SHAPE), PRIOR.draw(), 0.2)
    for knobs, low, high in (({}, 0.1, 0.25), ({"bounded": False}, 0.25, math.inf)):
        steps = restored(
            DENOISE, "dps", measured, noise(SHAPE, 8), schedule("karras", 40), zeta=50.0, **knobs
        )
        residual = measured.measures(steps[-1].x)["residual"]
        assert ((low < residual) & (residual < high)).all(), residual


@pytest.mark.parametrize("sigma0", [0.0, 0.3])
@pytest.mark.parametrize("make", [hole, shrunk, blurred])
def test_pigdm_is_given_the_mean_of_the_posterior(make, sigma0):
    """For uncorrelated data of std s, D_y is E[x0 | x, y] by the rules of Gaussians."""
    std, sigma = 0.6, 2.0
    measured, x = given(make(SHAPE), noise(SHAPE, 1, 5) * std, sigma0), noise(SHAPE, 2) * 2

    def denoise(x, sigma):
        return x * std**2 / (std**2 + sigma**2)

    step, _ = first_step("pigdm", measured, x, denoise=denoise, sigma_data=std, solver="euler")
    matrix, left = measured.operator.matrix, std**2 * sigma**2 / (std**2 + sigma**2)
    prior = denoise(x, sigma).flatten(1)
    spread = left * matrix @ matrix.T + sigma0**2 * torch.eye(len(matrix))
    gain = left * matrix.T @ torch.linalg.pinv(spread)  # a blur may be singular
    wanted = prior + (measured.y - prior @ matrix.T) @ gain.T
    assert torch.allclose(step.denoised.flatten(1), wanted, atol=1e-10)


@pytest.mark.parametrize("sigma_data", [math.inf, 0.5])
@pytest.mark.parametrize("operator", [blurred(SHAPE), Bare(SHAPE)])
def test_diffpir_minimises(operator, sigma_data):
    measured, x = given(operator, PRIOR.draw(), 0.3), noise(SHAPE, 2) * 2
    knobs = {"lam": 2.0, "zeta": 0.25, "sigma_data": sigma_data}
    step, tape = first_step("diffpir", measured, x, **knobs)
    fresh = math.sqrt(0.25) * 0.7 * tape.draws[0]
    share = math.sqrt(0.75) * 0.7 / 2.0
    fitted = (step.x - fresh - share * x) / (1 - share)
    d, variance = DENOISE(x, 2.0), 1 / (1 / 4.0 + 1 / sigma_data**2)
    leaf = fitted.clone().requires_grad_()
    rho = 2.0 * 0.3**2 / variance
    cost = (measured.y - operator.apply(leaf)).square().sum() + rho * (leaf - d).square().sum()
    (slope,) = torch.autograd.grad(cost, leaf)
    assert slope.abs().max() < 1e-9


def published_jumps(steps, length, resamplings):
    """Return the times of RePaint's published schedule, from steps - 1 down to -1."""
    left = dict.fromkeys(range(0, steps - length, length), resamplings - 1)
    time, times = steps, []
    while time >= 1:
        time -= 1
        times.append(time)
        if left.get(time, 0) > 0:
            left[time] -= 1
            for _ in range(length):
                time += 1
                times.append(time)
    return [*times, -1]


@pytest.mark.parametrize(("steps", "length", "again"), [(250, 10, 10), (20, 3, 4), (5, 7, 2)])
def test_repaint_jumps_as_published(steps, length, again):
    times = published_jumps(steps, length, again)
    down = [(a, b) for a, b in pairwise(times) if b < a]
    sigmas = tuple(float(t) for t in range(steps, -1, -1))  # of time t it is t + 1
    legs = METHODS["repaint"].legs(sigmas, jump_length=length, resamplings=again, solver="ddpm")
    assert legs == tuple((a + 1.0, b + 1.0) for a, b in down)
    assert METHODS["repaint"].nfe(steps, jump_length=length, resamplings=again) == len(down)
    if steps == 250:
        assert len(down) == 2410


def test_repaint_adds_the_noise_of_a_jump():
    measured, levels = given(hole(SHAPE), PRIOR.draw()), (4.0, 2.0, 1.0, 0.0)
    knobs = {"jump_length": 1, "resamplings": 2, "solver": "euler"}
    tape = Tape(1)
    steps = list(
        sample(DENOISE, noise(SHAPE, 1) * 4, levels, "repaint", given=measured, noise=tape, **knobs)
    )
    legs = [(step.sigma, step.sigma_next) for step in steps]
    assert legs == [(4.0, 2.0), (4.0, 2.0), (2.0, 1.0), (2.0, 1.0), (1.0, 0.0)]
    raised = steps[0].x + math.sqrt(12.0) * tape.draws[1]
    d = DENOISE(raised, 4.0)
    free = known(SHAPE).expand(1, *SHAPE) == 0
    assert torch.allclose(steps[1].x[free], (d + (raised - d) / 2)[free], atol=1e-12)


@pytest.mark.parametrize("method", ["scoresde", "ilvr", "repaint"])
def test_what_is_known_is_replaced_with_noise_of_the_level(method):
    x0 = PRIOR.draw()
    measured, knobs = given(hole(SHAPE), x0), {"solver": "euler"}
    if method == "scoresde":
        knobs["corrector_steps"] = 0
    step, tape = first_step(method, measured, noise(SHAPE, 2) * 2, **knobs)
    mask = known(SHAPE).expand(2, *SHAPE) > 0
    assert torch.allclose(step.x[mask], (x0 + 0.7 * tape.draws[0])[mask], atol=1e-12)
    d, x = DENOISE(noise(SHAPE, 2) * 2, 2.0), noise(SHAPE, 2) * 2
    assert torch.allclose(step.x[~mask], (d + 0.35 * (x - d))[~mask], atol=1e-12)


def test_scoresde_projects_after_each_corrector():
    x0 = PRIOR.draw()
    measured, x = given(hole(SHAPE), x0), noise(SHAPE, 2) * 2
    step, tape = first_step("scoresde", measured, x, solver="euler", corrector_steps=2, snr=0.1)
    assert tape.used == 1 + 2 * 2
    mask = known(SHAPE).expand(2, *SHAPE) > 0
    assert torch.allclose(step.x[mask], (x0 + 0.7 * tape.draws[4])[mask], atol=1e-12)
    assert step.nfe == 3


@pytest.mark.parametrize("operator", [shrunk(SHAPE), Bare(SHAPE)])
def test_ilvr_exchanges_the_coarse_part_until_told(operator):
    measured, x = given(operator, PRIOR.draw()), noise(SHAPE, 2) * 2
    step, tape = first_step("ilvr", measured, x, solver="euler")
    coarse = operator.apply(step.x) - measured.y
    assert torch.allclose(coarse, 0.7 * operator.apply(tape.draws[0]), atol=1e-9)
    free, _ = first_step("ilvr", measured, x, solver="euler", until=0.8)
    plain = next(sample(DENOISE, x, LEVELS, "euler"))
    assert free.x.equal(plain.x)
    assert torch.allclose(  # what the measurement does not show is the sampler's
        plain.x - operator.pinv(operator.apply(plain.x)),
        step.x - operator.pinv(operator.apply(step.x)),
        atol=1e-9,
    )


@pytest.mark.parametrize("method", ["scoresde", "ilvr", "repaint", "ccdf"])
def test_the_noise_of_the_measurement_counts_as_noise_of_the_level(method):
    """What is replaced is as noisy as the level: that of y and what is added, together."""
    zeros, sigma0 = torch.zeros(1, *SHAPE).double(), 0.5
    operator = hole(SHAPE)
    y = noise((operator.measured), 4000, 9) * sigma0
    measured = given(operator, zeros.expand(4000, -1, -1, -1))
    measured = type(measured)(operator=operator, y=y, sigma0=sigma0)
    knobs = {"solver": "euler"} | ({"strength": 1.0} if method == "ccdf" else {})
    levels = (2.0, 0.7, 0.3, 0.0)
    steps = list(
        sample(
            lambda x, s: x * 0,
            noise(SHAPE, 4000) * 2,
            levels,
            method,
            given=measured,
            noise=drawn(SHAPE, 4000),
            **knobs,
        )
    )
    mask = known(SHAPE).expand(4000, *SHAPE) > 0
    assert steps[0].x[mask].std() == pytest.approx(0.7, rel=0.02)
    assert steps[-1].x.abs().max() == 0  # below its own noise the measurement is not put back


@pytest.mark.parametrize("method", ["ccdf", "sdedit", "ddrm_jpeg"])
@pytest.mark.parametrize("strength", [0.0, 0.3, 0.5, 0.75, 1.0])
def test_a_late_start_takes_the_steps_of_the_web_ui(method, strength):
    sigmas = schedule("karras", 20)
    start = 20 - int(min(strength, 0.999) * 20) - 1
    spec = METHODS[method]
    legs = spec.legs(sigmas, **spec.values({"strength": strength}))
    assert [a for a, _ in legs] == list(sigmas[start:-1])
    assert legs[-1][1] == 0.0
    assert spec.nfe(20, strength=strength) == len(legs)
    measured = given(Rounded(SHAPE) if method == "ddrm_jpeg" else blurred(SHAPE), PRIOR.draw())
    x = begin_state(method, measured, noise(SHAPE, 2), sigmas, strength=strength)
    wanted = measured.operator.pinv(measured.y) + sigmas[start] * noise(SHAPE, 2)
    assert torch.allclose(x, wanted, atol=1e-9)


@pytest.mark.parametrize(("start", "levels"), [
    (1.0, (1.0, 0.5, 0.0)), (3.0, (3.0, 2.0, 0.5, 0.0)), (99.0, (8.0, 2.0, 0.5, 0.0)),
    (0.5, (0.5, 0.0)), (0.1, (0.1, 0.0)),
])  # fmt: skip
def test_a_late_start_at_a_level(start, levels):
    spec = METHODS["sdedit"]
    legs = spec.legs((8.0, 2.0, 0.5, 0.0), **spec.values({"start_sigma": start}))
    assert (legs[0][0], *(b for _, b in legs)) == levels
    assert spec.nfe(3, start_sigma=start) is None


def test_a_late_start_below_a_list_that_ends_above_it_takes_the_last_step():
    spec = METHODS["sdedit"]
    assert spec.legs((8.0, 2.0, 0.5), **spec.values({"start_sigma": 0.1})) == ((2.0, 0.5),)


def test_sdedit_is_the_sampler_from_there():
    measured, sigmas = given(hole(SHAPE), PRIOR.draw()), schedule("karras", 12)
    unit = noise(SHAPE, 2)
    steps = restored(DENOISE, "sdedit", measured, unit, sigmas, solver="heun", strength=0.5)
    x = measured.operator.pinv(measured.y) + sigmas[5] * unit
    *_, plain = sample(DENOISE, x, sigmas[5:], "heun")
    assert torch.allclose(steps[-1].x, plain.x, atol=1e-12)


def test_a_late_start_from_a_noisy_picture_adds_what_is_missing():
    """At the level of the noise nothing is added, above it the rest."""
    everything = Matrix(torch.eye(16).double(), SHAPE)
    measured = given(everything, torch.zeros(3000, *SHAPE).double(), 0.4)
    for start, wanted in ((0.4, 0.4), (0.9, 0.9)):
        x = begin_state("sdedit", measured, noise(SHAPE, 3000), (2.0, 0.0), start_sigma=start)
        assert x.std() == pytest.approx(wanted, rel=0.02)
        assert x.flatten(1).equal(measured.y) is (start == 0.4)


def test_a_late_start_does_not_believe_what_is_measured_badly():
    """A coordinate of s = 0.1 has noise of 4; data of width 0.5 leave 1/65 of what it says."""
    scales = torch.ones(16).double()
    scales[3] = 0.1
    operator, x0 = Matrix(torch.diag(scales), SHAPE), torch.zeros(1, *SHAPE).double()
    measured = type(given(operator, x0))(
        operator=operator, y=torch.full((1, 16), 2.0).double(), sigma0=0.4
    )
    x = begin_state("ccdf", measured, noise(SHAPE, 1) * 0, (2.0, 0.0), start_sigma=1.0)
    assert x.flatten()[3] == pytest.approx(20 * 0.25 / 16.25)
    assert x.flatten()[4] == pytest.approx(2.0)
