"""Denoisers whose answer is known, and the algorithms of the paper stated once more.

Nothing here uses the code under test.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp


@dataclass(frozen=True)
class Gaussian:
    """Data of one Gaussian: the ODE has a closed solution."""

    mean: float = 0.3
    std: float = 0.5

    def __call__(self, x, sigma):
        variance = self.std**2 + sigma**2
        return (self.std**2 * x + sigma**2 * self.mean) / variance

    def solution(self, x, start, end):
        ratio = math.sqrt((self.std**2 + end**2) / (self.std**2 + start**2))
        return self.mean + (x - self.mean) * ratio


@dataclass(frozen=True)
class Mixture:
    """Data of three Gaussians in four dimensions, as pictures of (1, 2, 2)."""

    weights = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    means = torch.tensor(
        [[1.0, 0.2, -0.4, 0.1], [-0.8, 0.5, 0.3, -0.6], [0.1, -1.0, 0.7, 0.9]], dtype=torch.float64
    )
    stds = torch.tensor([0.3, 0.2, 0.4], dtype=torch.float64)

    def __call__(self, x, sigma):
        flat = x.reshape(len(x), 1, 4)
        variance = self.stds**2 + sigma**2
        distance = (flat - self.means).square().sum(-1)
        logits = self.weights.log() - 2 * variance.log() - distance / (2 * variance)
        centres = self.means + (self.stds**2 / variance)[:, None] * (flat - self.means)
        return (logits.softmax(-1)[..., None] * centres).sum(1).reshape(x.shape)

    def solution(self, x, start, end):
        """Integrate dx / d ln sigma = x - D to twelve digits."""

        def slope(log_sigma, state):
            point = torch.from_numpy(state).reshape(x.shape)
            return (point - self(point, math.exp(log_sigma))).numpy().ravel()

        span = (math.log(start), math.log(end))
        end_state = solve_ivp(slope, span, x.numpy().ravel(), "DOP853", rtol=1e-12, atol=1e-12)
        return torch.from_numpy(end_state.y[:, -1]).reshape(x.shape)


def betas(low, high, eps=1e-3):
    """Return beta_d, beta_min of the VP path between two levels, as the authors solve them."""
    beta_d = 2 * (np.log(low**2 + 1) / eps - np.log(high**2 + 1)) / (eps - 1)
    return beta_d, np.log(high**2 + 1) - beta_d / 2


def table_1(path, low, high):
    """Return sigma(t) and its inverse, as Table 1 prints them."""
    beta_d, beta_min = betas(low, high)
    return {
        "edm": (lambda t: t, lambda sigma: sigma),
        "ve": (np.sqrt, lambda sigma: sigma**2),
        "vp": (
            lambda t: np.sqrt(np.exp(0.5 * beta_d * t**2 + beta_min * t) - 1),
            lambda sigma: (
                (np.sqrt(beta_min**2 + 2 * beta_d * np.log(sigma**2 + 1)) - beta_min) / beta_d
            ),
        ),
    }[path]


def derivative(function):
    """Return df/dt by a step along the imaginary axis, which loses no digit."""
    return lambda t: float(np.imag(function(t + 1e-30j)) / 1e-30)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """Algorithms 1, 2 and 3 in the x(t) = s(t) X(t) of the paper, slopes by differentiation."""

    solver: str = "heun"
    path: str = "edm"
    scaling: str = "none"
    alpha: float = 1.0
    s_churn: float = 0.0
    s_tmin: float = 0.0
    s_tmax: float = math.inf
    s_noise: float = 1.0

    def __call__(self, denoise, x, sigmas, noise=(), sigma_range=None):
        """Return the X after every step; `noise` holds one draw per step."""
        sigma, inverse = table_1(self.path, *(sigma_range or (sigmas[-2], sigmas[0])))
        s = (lambda t: 1 / np.sqrt(1 + sigma(t) ** 2)) if self.scaling == "vp" else (lambda t: 1.0)
        sigma_dot, s_dot = derivative(sigma), derivative(s)

        def slope(x, t):
            growth = sigma_dot(t) / sigma(t)
            return (growth + s_dot(t) / s(t)) * x - growth * s(t) * denoise(x / s(t), sigma(t))

        times = [float(inverse(level)) for level in sigmas[:-1]] + [0.0]
        x, states, count = x * s(times[0]), [], len(times) - 1
        for i, (t, t_next) in enumerate(pairwise(times)):
            t_hat = t
            if self.s_churn:
                inside = self.s_tmin <= sigma(t) <= self.s_tmax
                gamma = min(self.s_churn / count, math.sqrt(2) - 1) if inside else 0.0
                t_hat = inverse(sigma(t) + gamma * sigma(t))
                extra = math.sqrt(max(0.0, sigma(t_hat) ** 2 - sigma(t) ** 2))
                x = s(t_hat) / s(t) * x + extra * s(t_hat) * self.s_noise * noise[i]
            h, d = t_next - t_hat, slope(x, t_hat)
            if self.solver == "heun" and i < count - 1:
                d_prime = slope(x + self.alpha * h * d, t_hat + self.alpha * h)
                half = 1 / (2 * self.alpha)
                d = (1 - half) * d + half * d_prime
            x = x + h * d
            states.append(x / s(t_next))
        return states


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Compute small tensors on one thread: several would wait for each other on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def gaussian():
    return Gaussian()


@pytest.fixture
def mixture():
    return Mixture()


@pytest.fixture
def paper():
    return Paper


@pytest.fixture
def draw():
    """Return a function that draws unit noise of the shape of five mixture pictures."""

    def drawn(seed, shape=(5, 1, 2, 2)):
        return torch.randn(
            shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
        )

    return drawn
