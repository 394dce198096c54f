"""Step by step against the formulas, stated once more: integrals are done by quadrature here."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from studio.diffusion import sample, schedule

SIGMAS = schedule("karras", 9)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
BETA_D, BETA_MIN = 19.9, 0.1


def integral(function, a, b):
    """Return the integral over sigma from a to b, by Gauss and Legendre in ln sigma."""
    middle, half = (math.log(a) + math.log(b)) / 2, (math.log(b) - math.log(a)) / 2
    levels = np.exp(middle + half * NODES)
    return half * sum(w * s * function(s) for w, s in zip(WEIGHTS, levels, strict=True))


def through(levels, values, clock):
    """Return the polynomial in clock(sigma) that goes through the values at the levels."""
    times = [clock(level) for level in levels]

    def polynomial(sigma):
        t = clock(sigma)
        return sum(
            v * math.prod((t - other) / (own - other) for other in times if other != own)
            for own, v in zip(times, values, strict=True)
        )

    return polynomial


def exponential(x, levels, estimates, start, end):
    """Solve dX/dsigma = (X - D)/sigma with D a polynomial in ln sigma, exactly."""
    poly = through(levels, estimates, math.log)
    return end * (x / start - integral(lambda s: poly(s) / s**2, start, end))


def states_of(denoise, x, name, sigmas=SIGMAS, **knobs):
    return [step.x for step in sample(denoise, x, sigmas, name, **knobs)]


def assert_same(found, wanted):
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-9)


CLOCKS = {
    "tab": lambda s: (math.sqrt(BETA_MIN**2 + 2 * BETA_D * math.log1p(s**2)) - BETA_MIN) / BETA_D,
    "rhoab": lambda s: s,
    "logrho": math.log,
    "karras": lambda s: s ** (1 / 7),
}


@pytest.mark.parametrize("kind", CLOCKS)
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_deis_integrates_a_polynomial_through_the_slopes(mixture, draw, kind, order):
    x, slopes, wanted = draw(0) * 80, [], []
    for i, sigma in enumerate(SIGMAS[:-1]):
        estimate = mixture(x, sigma)
        slopes.append((x - estimate) / sigma)
        first = max(0, i - order + 1)
        poly = through(SIGMAS[first : i + 1], slopes[first:], CLOCKS[kind])
        end = SIGMAS[i + 1]
        x = estimate if end == 0 else x + integral(poly, sigma, end)
        wanted.append(x)
    assert_same(states_of(mixture, draw(0) * 80, "deis", kind=kind, order=order), wanted)
    if kind == "rhoab":
        assert_same(states_of(mixture, draw(0) * 80, "lms", order=order), wanted)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_exponential_adams_bashforth(mixture, draw, order):
    x, estimates, wanted = draw(0) * 80, [], []
    for i, sigma in enumerate(SIGMAS[:-1]):
        estimates.append(mixture(x, sigma))
        first, end = max(0, i - order + 1), SIGMAS[i + 1]
        levels = SIGMAS[first : i + 1]
        x = estimates[-1] if end == 0 else exponential(x, levels, estimates[first:], sigma, end)
        wanted.append(x)
    assert_same(states_of(mixture, draw(0) * 80, f"exp_ab{order}"), wanted)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_exponential_predictor_corrector(mixture, draw, order):
    x, start, estimates, wanted = draw(0) * 80, None, [], []
    for i, sigma in enumerate(SIGMAS[:-1]):
        estimates.append(mixture(x, sigma))
        end, first = SIGMAS[i + 1], max(0, i - order + 1)
        if end == 0:
            x = estimates[-1]
        else:
            if i:
                levels = SIGMAS[first : i + 1]
                x = exponential(start, levels, estimates[first:], SIGMAS[i - 1], sigma)
            start = x
            x = exponential(x, SIGMAS[first : i + 1], estimates[first:], sigma, end)
        wanted.append(x)
    assert_same(states_of(mixture, draw(0) * 80, "exp_pc", order=order), wanted)


def uni_residues(order, ratios, hh, b_h):
    """Return the coefficients of UniPC: the solution of its linear system (Zhao et al. 2023)."""
    phi, factorial, rows, right = math.expm1(hh) / hh - 1, 1, [], []
    for k in range(1, order + 1):
        rows.append([r ** (k - 1) for r in ratios])
        right.append(phi * factorial / b_h)
        factorial *= k + 1
        phi = phi / hh - 1 / factorial
    return np.array(rows), np.array(right)


def unipc_states(denoise, x, sigmas, order, variant):
    """UniPC as its authors write it, on the estimate: every coefficient from its system."""
    estimates, states, start = [], [], None

    def move(x, i, j, used, fresh):
        """Go from level i to level j with `used` earlier estimates, and a fresh one at j or not."""
        h = math.log(sigmas[i] / sigmas[j])
        hh = -h
        b_h = hh if variant == "bh1" else math.expm1(hh)
        ratios = [-math.log(sigmas[i - k] / sigmas[i]) / h for k in range(1, used)]
        changes = [
            (estimates[i - k] - estimates[i]) / r
            for k, r in zip(range(1, used), ratios, strict=True)
        ]
        size = used if fresh is not None else used - 1
        result = sigmas[j] / sigmas[i] * x - math.expm1(hh) * estimates[i]
        if size == 0:
            return result
        points = [*ratios, 1.0] if fresh is not None else ratios
        rows, right = uni_residues(size, points, hh, b_h)
        rho = np.array([0.5]) if size == 1 else np.linalg.solve(rows, right)
        if fresh is not None:
            changes = [*changes, fresh - estimates[i]]
        return result - b_h * sum(c * r for c, r in zip(changes, rho, strict=True))

    for i in range(len(sigmas) - 1):
        estimate = denoise(x, sigmas[i])
        if sigmas[i + 1] == 0:
            return [*states, estimate]
        if i:
            x = move(start, i - 1, i, min(order, i), estimate)
        estimates.append(estimate)
        start = x
        x = move(x, i, i + 1, min(order, i + 1), None)
        states.append(x)
    return states


@pytest.mark.parametrize("variant", ["bh1", "bh2"])
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_unipc_solves_the_systems_of_its_paper(mixture, draw, order, variant):
    wanted = unipc_states(mixture, draw(0) * 80, SIGMAS, order, variant)
    found = states_of(mixture, draw(0) * 80, "unipc", order=order, variant=variant)
    assert_same(found, wanted)


def slope(denoise, x, sigma):
    return (x - denoise(x, sigma)) / sigma


@pytest.mark.parametrize("name", ["ipndm", "f_pndm", "plms"])
def test_adams_with_the_coefficients_of_even_steps(mixture, draw, name):
    bashforth = {1: [1], 2: [3, -1], 3: [23, -16, 5], 4: [55, -59, 37, -9]}
    x, slopes, wanted = draw(0) * 80, [], []
    for i, sigma in enumerate(SIGMAS[:-1]):
        end = SIGMAS[i + 1]
        h = end - sigma
        slopes.append(slope(mixture, x, sigma))
        if end == 0:
            x = x - sigma * slopes[-1]
        elif name == "f_pndm" and i < 3:
            k1 = slopes[-1]
            k2 = slope(mixture, x + h / 2 * k1, sigma + h / 2)
            k3 = slope(mixture, x + h / 2 * k2, sigma + h / 2)
            k4 = slope(mixture, x + h * k3, end)
            x = x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        elif name == "plms" and i < 1:
            x = x + h / 2 * (slopes[-1] + slope(mixture, x + h * slopes[-1], end))
        else:
            numbers = bashforth[min(4, i + 1)]
            used = slopes[::-1][: len(numbers)]
            x = x + h * sum(c * s for c, s in zip(numbers, used, strict=True)) / sum(numbers)
        wanted.append(x)
    sampler, knobs = ("ipndm", {}) if name == "ipndm" else ("pndm", {"kind": name})
    assert_same(states_of(mixture, draw(0) * 80, sampler, **knobs), wanted)


def test_dpm_3_is_algorithm_2_of_its_paper(mixture, draw):
    x, wanted = draw(0) * 80, []
    for sigma, end in itertools.pairwise(SIGMAS):
        if end == 0:
            x = mixture(x, sigma)
        else:
            lam = -math.log(sigma)
            h = -math.log(end) - lam
            s1, s2 = math.exp(-(lam + h / 3)), math.exp(-(lam + 2 * h / 3))
            e = slope(mixture, x, sigma)
            u1 = x - s1 * math.expm1(h / 3) * e
            d1 = slope(mixture, u1, s1) - e
            u2 = x - s2 * math.expm1(2 * h / 3) * e
            u2 = u2 - s2 * 2 * (math.expm1(2 * h / 3) / (2 * h / 3) - 1) * d1
            d2 = slope(mixture, u2, s2) - e
            x = x - end * math.expm1(h) * e - end * 1.5 * (math.expm1(h) / h - 1) * d2
        wanted.append(x)
    assert_same(states_of(mixture, draw(0) * 80, "dpm_3"), wanted)


def test_rk45_keeps_to_its_tolerance(mixture, draw):
    x = draw(0) * 80

    def rate(sigma, state):
        point = torch.from_numpy(state).reshape(x.shape)
        return slope(mixture, point, sigma).numpy().ravel()

    peer = solve_ivp(rate, (80, 0.002), x.numpy().ravel(), "RK45", rtol=1e-8, atol=1e-8)
    *_, last = sample(mixture, x, (80.0, 0.002), "rk45", rtol=1e-8, atol=1e-8)
    exact = mixture.solution(x, 80.0, 0.002)
    ours, theirs = (
        np.abs(end - exact.numpy().ravel()).max() for end in (last.x.numpy().ravel(), peer.y[:, -1])
    )
    assert ours < 1e-5 and ours < 10 * theirs
    assert last.nfe < 1.5 * peer.nfev


def recorded(draw):
    """Return a source of noise that is drawn from numbered seeds."""
    drawn = []

    def noise(sigma_from, sigma_to):
        drawn.append((sigma_from, sigma_to))
        return draw(500 + len(drawn))

    return noise


def test_euler_maruyama_on_the_variance_exploding_path(mixture, draw):
    """Song et al. 2021: the reverse diffusion predictor of Algorithm 4."""
    x, wanted = draw(0) * 80, []
    noise = recorded(draw)
    for sigma, end in itertools.pairwise(SIGMAS):
        if end == 0:
            x = mixture(x, sigma)
        else:
            gap = sigma**2 - end**2
            score = (mixture(x, sigma) - x) / sigma**2
            x = x + gap * score + math.sqrt(gap) * noise(sigma, end)
        wanted.append(x)
    found = states_of(mixture, draw(0) * 80, "euler_maruyama", path="ve", noise=recorded(draw))
    assert_same(found, wanted)


def test_euler_maruyama_on_the_variance_preserving_path(mixture, draw):
    """Song et al. 2021, Eq. 6 in x = s X, with beta(t) = beta_min + beta_d t from the range."""
    low, high = SIGMAS[-2], SIGMAS[0]
    eps = 1e-3
    beta_d = 2 * (math.log(low**2 + 1) / eps - math.log(high**2 + 1)) / (eps - 1)
    beta_min = math.log(high**2 + 1) - beta_d / 2
    x, wanted, noise = draw(0) * 80, [], recorded(draw)

    def time(sigma):
        root = math.sqrt(beta_min**2 + 2 * beta_d * math.log(sigma**2 + 1))
        return (root - beta_min) / beta_d

    for sigma, end in itertools.pairwise(SIGMAS):
        if end == 0:
            x = mixture(x, sigma)
        else:
            s, s_end = 1 / math.hypot(1, sigma), 1 / math.hypot(1, end)
            t, dt = time(sigma), time(end) - time(sigma)
            beta = beta_min + beta_d * t
            scaled = s * x
            score = (s * mixture(x, sigma) - scaled) / (s * sigma) ** 2
            drift = -beta / 2 * scaled - beta * score
            scaled = scaled + drift * dt + math.sqrt(beta * -dt) * noise(sigma, end)
            x = scaled / s_end
        wanted.append(x)
    found = states_of(mixture, draw(0) * 80, "euler_maruyama", path="vp", noise=recorded(draw))
    assert_same(found, wanted)


def test_predictor_and_corrector(mixture, draw):
    """Song et al. 2021, Algorithms 2 and 4, the step size of each picture by itself."""
    x, wanted, noise, snr = draw(0) * 80, [], recorded(draw), 0.16
    for sigma, end in itertools.pairwise(SIGMAS):
        if end == 0:
            x = mixture(x, sigma)
        else:
            gap = sigma**2 - end**2
            x = x + gap * (mixture(x, sigma) - x) / sigma**2 + math.sqrt(gap) * noise(sigma, end)
            for _ in range(2):
                score = (mixture(x, end) - x) / end**2
                z = noise(end, end)
                norms = [v.flatten(1).norm(dim=1) for v in (z, score)]
                step = (2 * (snr * norms[0] / norms[1]) ** 2).reshape(-1, 1, 1, 1)
                x = x + step * score + (2 * step).sqrt() * z
        wanted.append(x)
    knobs = {"path": "ve", "corrector_steps": 2, "snr": snr}
    found = states_of(mixture, draw(0) * 80, "pc", noise=recorded(draw), **knobs)
    assert_same(found, wanted)


def test_annealed_langevin_dynamics(mixture, draw):
    """Song and Ermon 2020, Algorithm 1: T updates at every level, then the estimate."""
    x, wanted, noise, epsilon = draw(0) * 80, [], recorded(draw), 0.3

    def updated(x, sigma):
        for _ in range(3):
            score = (mixture(x, sigma) - x) / sigma**2
            alpha = epsilon * sigma**2
            x = x + alpha * score + math.sqrt(2 * alpha) * noise(sigma, sigma)
        return x

    x = updated(x, SIGMAS[0])
    for sigma, end in itertools.pairwise(SIGMAS):
        x = mixture(x, sigma) if end == 0 else updated(x, end)
        wanted.append(x)
    knobs = {"epsilon": epsilon, "updates": 3}
    found = states_of(mixture, draw(0) * 80, "annealed_langevin", noise=recorded(draw), **knobs)
    assert_same(found, wanted)


def heun(denoise, x, sigma, end):
    d = slope(denoise, x, sigma)
    if end == 0:
        return denoise(x, sigma)
    return x + (end - sigma) * (d + slope(denoise, x + (end - sigma) * d, end)) / 2


def test_restart_goes_back_up_with_fresh_noise(mixture, draw):
    """Xu et al. 2023, Algorithm 1: K times from t_min up to t_max and down again."""
    low, high, rounds, inner = 0.1, 2.0, 2, 3
    noise, x, wanted, done = recorded(draw), draw(0) * 80, [], False
    bottom = min((s for s in SIGMAS if s > 0), key=lambda s: abs(s - low))
    ramp = [i / inner for i in range(inner + 1)]
    for sigma, end in itertools.pairwise(SIGMAS):
        x = heun(mixture, x, sigma, end)
        wanted.append(x)
        if end == bottom and not done:
            done = True
            edges = (high ** (1 / 7), bottom ** (1 / 7))
            levels = [(edges[0] + r * (edges[1] - edges[0])) ** 7 for r in ramp]
            for _ in range(rounds):
                x = x + math.sqrt(high**2 - bottom**2) * noise(bottom, high)
                for a, b in itertools.pairwise(levels):
                    x = heun(mixture, x, a, b)
                    wanted.append(x)
    knobs = {"restarts": rounds, "restart_steps": inner, "restart_min": low, "restart_max": high}
    found = states_of(mixture, draw(0) * 80, "restart", noise=recorded(draw), **knobs)
    assert_same(found, wanted)
