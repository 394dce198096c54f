"""Every loss against formulas written here once more, in numpy and float64."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from studio.diffusion import schedule
from studio.training.losses import LOSSES
from studio.training.objective import Objective
from studio.training.uncertainty import Uncertainty

U = torch.linspace(0.001, 0.999, 97, dtype=torch.float64)


def levels(name, **knobs):
    spec = LOSSES[name]
    return spec.level(U, **spec.values(knobs)).numpy()


def weights(name, sigma, sigma_data=0.5, **knobs):
    spec = LOSSES[name]
    sigma = torch.tensor(sigma, dtype=torch.float64)
    return spec.run(sigma, sigma_data, **spec.values(knobs)).numpy()


class Wavy(torch.nn.Module):
    """A denoiser that is no good but smooth, D = a x + b sin(x), and a v of its own."""

    def __init__(self, a=0.3):
        super().__init__()
        self.a = torch.nn.Parameter(torch.tensor(a, dtype=torch.float64))

    def forward(self, x, sigma, labels, augment_labels):
        return self.a * x + 0.2 * x.roll(1, 3).sin()

    def with_variance(self, x, sigma, labels, augment_labels):
        return self(x, sigma, labels, augment_labels), x.cos()


def objective(name, network, uncertainty=False, **knobs):
    spec = LOSSES[name]
    return Objective(network, spec, spec.values(knobs), 0.5, uncertainty=uncertainty)


def batch(sigma, shape=(3, 4, 4)):
    """Return y on the grid of shades, n, and sigma (B,), in float64."""
    rng = np.random.default_rng(0)
    y = torch.from_numpy(rng.integers(0, 256, (len(sigma), *shape)) / 127.5 - 1)
    n = torch.from_numpy(rng.standard_normal((len(sigma), *shape)))
    return y, n, torch.tensor(sigma, dtype=torch.float64)


def mean(values):
    return values.reshape(len(values), -1).mean(1)


def wide(values):
    return np.asarray(values)[:, None, None, None]


# Levels


def test_the_levels_of_table_1():
    u = U.numpy()
    np.testing.assert_allclose(levels("edm"), np.exp(stats.norm.ppf(u, -1.2, 1.2)), rtol=1e-9)
    np.testing.assert_allclose(levels("ve"), 0.02 * 5000**u, rtol=1e-9)
    t = 1e-5 + u * (1 - 1e-5)
    np.testing.assert_allclose(
        levels("vp"), np.sqrt(np.exp(19.9 * t**2 / 2 + 0.1 * t) - 1), rtol=1e-7
    )
    trained = np.sort(schedule("iddpm", 1000, 1e-9, 1e9)[:-1])
    for name in ("iddpm", "hybrid"):
        np.testing.assert_allclose(levels(name), trained[(u * 1000).astype(int)], rtol=1e-9)


def test_uniform_levels_have_the_mean_and_deviation_of_the_normal_ones():
    u = np.linspace(0, 1, 20001)
    spec = LOSSES["edm"]
    knobs = spec.values({"ln_sigma": "uniform", "p_mean": -0.4, "p_std": 0.9})
    logs = spec.level(torch.from_numpy(u), **knobs).log().numpy()
    np.testing.assert_allclose(np.diff(logs), np.diff(logs)[0])
    assert logs.mean() == pytest.approx(-0.4, abs=1e-6)
    assert logs.std() == pytest.approx(0.9, rel=1e-3)
    for name in ("min_snr", "hyvarinen", "sliced"):
        assert np.allclose(levels(name, ln_sigma="uniform"), levels("edm", ln_sigma="uniform"))


def test_the_levels_of_chains():
    u = U.numpy()
    ncsn = np.geomspace(0.02, 100, 232)
    np.testing.assert_allclose(levels("ncsn"), ncsn[(u * 232).astype(int)], rtol=1e-9)
    assert len(set(levels("ncsn", count=10))) == 10
    alphas = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))
    ddpm = np.sqrt((1 - alphas) / alphas)
    for name in ("ddpm", "eps", "v", "x0"):
        np.testing.assert_allclose(levels(name), ddpm[(u * 1000).astype(int)], rtol=1e-9)
    alphas = np.cumprod(1 - np.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2)
    stable = np.sqrt((1 - alphas) / alphas)
    assert stable[-1] == pytest.approx(14.615, abs=1e-3)
    found = levels("v", betas="scaled_linear")
    np.testing.assert_allclose(found, stable[(u * 1000).astype(int)], rtol=1e-9)
    np.testing.assert_allclose(levels("v", betas="cosine"), levels("iddpm"), rtol=1e-12)


def test_sub_vp_is_the_ratio_of_its_deviation_and_its_mean():
    """Song et al. 2021, Eq. 29: std = 1 - exp(-∫β), mean = exp(-½ ∫β) y."""
    t = 1e-5 + U.numpy() * (1 - 1e-5)
    integral = 19.9 * t**2 / 2 + 0.1 * t
    wanted = -np.expm1(-integral) / np.exp(-integral / 2)
    np.testing.assert_allclose(levels("subvp"), wanted, rtol=1e-9)
    assert (levels("subvp") < levels("vp")).all()


# Weights and values


def test_the_weights():
    s = np.array([0.05, 0.4, 1.0, 30.0])
    edm = (s**2 + 0.09) / (s * 0.3) ** 2
    np.testing.assert_allclose(weights("edm", s, 0.3), edm, rtol=1e-12)
    np.testing.assert_allclose(weights("min_snr", s), np.minimum(1 / s**2, 5), rtol=1e-12)
    np.testing.assert_allclose(weights("v", s), 1 / s**2 + 1, rtol=1e-12)
    np.testing.assert_allclose(weights("x0", s), np.ones(4), rtol=0)
    others = LOSSES.keys() - {"edm", "min_snr", "v", "x0"}
    for name in others:
        np.testing.assert_allclose(weights(name, s), 1 / s**2, rtol=1e-12)


def test_the_loss_of_edm_is_that_of_the_raw_network():
    """Karras et al. 2022, Eq. 8: the weight 1/c_out² leaves the plain error of F."""
    y, n, sigma = batch([0.01, 0.1, 1.0, 5.0, 50.0])
    s = wide(sigma)

    def F(x):
        return 0.3 * np.roll(x, 1, 3) - 0.1

    class D(torch.nn.Module):
        def forward(self, x, sigma, labels, augment_labels):
            s = sigma[:, None, None, None]
            v = s**2 + 0.25
            return 0.25 / v * x + s * 0.5 / v.sqrt() * (0.3 * (x / v.sqrt()).roll(1, 3) - 0.1)

    loss, shown = objective("edm", D())(y, n, sigma, None, None)
    y, n, v = y.numpy(), n.numpy(), s**2 + 0.25
    x = y + s * n
    target = (y - 0.25 / v * x) / (s * 0.5 / np.sqrt(v))
    wanted = mean((F(x / np.sqrt(v)) - target) ** 2)
    np.testing.assert_allclose(loss.numpy(), wanted, rtol=1e-6)
    np.testing.assert_allclose(shown.numpy(), wanted, rtol=1e-6)


@pytest.mark.parametrize("name", ["vp", "subvp", "ve", "ncsn"])
def test_the_loss_of_a_path_is_score_matching_in_its_own_coordinates(name):
    """Song et al. 2021, Eq. 7 with λ = std²: std² |s(x_t) + z / std|², x_t = α y + std z."""
    y, n, sigma = batch([0.05, 0.6, 3.0, 40.0])
    s = wide(sigma)
    alpha = {
        "vp": 1 / np.sqrt(1 + s**2),
        "subvp": (np.sqrt(s**2 + 4) - s) / 2,  # from σ = (1 - α²) / α
        "ve": np.ones_like(s),
        "ncsn": np.ones_like(s),
    }[name]
    loss = objective(name, Wavy())(y, n, sigma, None, None)[0]
    y, n, std = y.numpy(), n.numpy(), alpha * s
    if name == "subvp":
        np.testing.assert_allclose(std, 1 - alpha**2, rtol=1e-12)
    x_t = alpha * y + std * n
    denoised = 0.3 * x_t / alpha + 0.2 * np.sin(np.roll(x_t / alpha, 1, 3))
    score = (alpha * denoised - x_t) / std**2  # Tweedie
    wanted = mean(std**2 * (score + n / std) ** 2)
    np.testing.assert_allclose(loss.detach().numpy(), wanted, rtol=1e-6)


@pytest.mark.parametrize("target", ["eps", "v", "x0", "ddpm", "iddpm"])
def test_a_target_is_its_plain_squared_error(target):
    """At x_t = √ᾱ y + √(1-ᾱ) n, for a network of ε, of v = √ᾱ n - √(1-ᾱ) y, or of y."""
    abar = np.array([0.999, 0.7, 0.3, 0.001])
    y, n, sigma = batch(np.sqrt((1 - abar) / abar))
    loss = objective(target, Wavy())(y, n, sigma, None, None)[0]
    y, n, a, b = y.numpy(), n.numpy(), wide(np.sqrt(abar)), wide(np.sqrt(1 - abar))
    x_t = a * y + b * n
    guess = 0.3 * x_t / a + 0.2 * np.sin(np.roll(x_t / a, 1, 3))
    noise = (x_t - a * guess) / b
    pairs = {"x0": (guess, y), "v": (a * noise - b * guess, a * n - b * y)}
    mine, wanted = pairs.get(target, (noise, n))
    np.testing.assert_allclose(loss.detach().numpy(), mean((mine - wanted) ** 2), rtol=1e-6)


def test_min_snr_is_the_clamped_ratio_times_the_error():
    y, n, sigma = batch([0.05, 0.6, 3.0])
    loss = objective("min_snr", Wavy(), gamma=2.0)(y, n, sigma, None, None)[0]
    s, y, n = wide(sigma), y.numpy(), n.numpy()
    x = y + s * n
    error = mean((0.3 * x + 0.2 * np.sin(np.roll(x, 1, 3)) - y) ** 2)
    wanted = np.minimum(sigma.numpy() ** -2, 2) * error
    np.testing.assert_allclose(loss.detach().numpy(), wanted, rtol=1e-6)


def test_the_hybrid_loss_is_that_of_the_paper():
    """Nichol & Dhariwal 2021, Eq. 15 and 16, in the coordinates of the chain."""
    m = 20
    f = np.cos((np.arange(m + 1) / m + 0.008) / 1.008 * math.pi / 2) ** 2
    beta = np.minimum(1 - f[1:] / f[:-1], 0.999)
    abar = np.cumprod(1 - beta)
    before = np.append(1.0, abar[:-1])
    tilde = (1 - before) / (1 - abar) * beta
    low = np.log(np.append(tilde[1], tilde[1:]))
    steps = np.array([0, 0, 1, 5, 12, 19])
    y, n, sigma = batch(np.sqrt((1 - abar[steps]) / abar[steps]))
    network = Wavy()
    loss = objective("hybrid", network, m=m, vlb=0.3)(y, n, sigma, None, None)[0]

    y, n = y.numpy(), n.numpy()
    x = wide(np.sqrt(abar[steps])) * y + wide(np.sqrt(1 - abar[steps])) * n
    seen = x / wide(np.sqrt(abar[steps]))
    guess, v = 0.3 * seen + 0.2 * np.sin(np.roll(seen, 1, 3)), np.cos(seen)
    share = (v + 1) / 2
    logs = share * wide(np.log(beta[steps])) + (1 - share) * wide(low[steps])
    to_y = wide((np.sqrt(before) * beta / (1 - abar))[steps])
    apart = to_y * (y - guess)
    q = wide(np.log(np.append(1.0, tilde[1:]))[steps])
    kl = 0.5 * (logs - q - 1 + np.exp(q - logs) + apart**2 * np.exp(-logs))
    deviation = np.exp(logs / 2)
    top = np.where(y > 0.999, np.inf, y + 1 / 255)
    bottom = np.where(y < -0.999, -np.inf, y - 1 / 255)
    dist = stats.norm(guess, deviation)
    # Of the two tails, the one that is small where the bin is.
    inside = np.where(y > guess, dist.sf(bottom) - dist.sf(top), dist.cdf(top) - dist.cdf(bottom))
    bound = mean(np.where(wide(steps == 0), -np.log(np.maximum(inside, 1e-300)), kl)) / math.log(2)
    noise = (x - wide(np.sqrt(abar[steps])) * guess) / wide(np.sqrt(1 - abar[steps]))
    wanted = mean((noise - n) ** 2) + 0.3 * m * bound
    np.testing.assert_allclose(loss.detach().numpy(), wanted, rtol=1e-6)
    # The bound teaches the variance only.
    plain = objective("iddpm", network)(torch.from_numpy(y), torch.from_numpy(n), sigma, None, None)
    gradients = [torch.autograd.grad(each.sum(), network.a)[0] for each in (loss, plain[0])]
    torch.testing.assert_close(*gradients)


# What the losses have in common


def test_the_simple_loss_of_ddpm_is_denoising_score_matching():
    """Value and gradient of |ε - n|² (Ho et al. 2020) and σ² |s - ∇ ln p(x | y)|² (Vincent 2011).

    The latter is σ² |s - ∇ ln p(x)|² and what does not depend on s, here for a Gaussian mixture, by
    Gauss-Hermite quadrature over both y and n.
    """
    sigma, width, centres = 0.7, 0.4, np.array([-1.0, 0.5])
    nodes, shares = np.polynomial.hermite_e.hermegauss(60)
    shares = shares / shares.sum()
    y = (centres[:, None] + width * nodes).ravel()
    share = np.outer(np.outer([0.5, 0.5], shares).ravel(), shares).ravel()
    pairs = np.stack(np.meshgrid(y, nodes, indexing="ij"), -1).reshape(-1, 2)
    clean, noise = (torch.from_numpy(pairs[:, axis])[:, None, None, None] for axis in (0, 1))
    level = torch.full((len(pairs),), sigma, dtype=torch.float64)
    share = torch.from_numpy(share)

    def found(a):
        network = Wavy(a)
        ours = objective("ddpm", network)(clean, noise, level, None, None)[0] @ share
        x = clean + sigma * noise
        score = (network(x, level, None, None) - x) / sigma**2
        conditional = (clean - x) / sigma**2
        own = (sigma**2 * (score - conditional).square()).flatten() @ share
        v = width**2 + sigma**2
        apart = torch.from_numpy(centres) - x.reshape(-1, 1)
        true = ((-(apart**2) / (2 * v)).softmax(1) * apart / v).sum(1)
        explicit = (sigma**2 * (score.flatten() - true).square()) @ share
        constant = 1 - sigma**2 * true.square() @ share
        return network.a, ours, own, explicit, constant

    for value in (-0.3, 0.9):
        a, ours, own, explicit, constant = found(value)
        torch.testing.assert_close(ours, own, rtol=1e-10, atol=0)
        torch.testing.assert_close(ours, explicit + constant, rtol=1e-8, atol=0)
        both = (ours, own, explicit)
        slopes = [torch.autograd.grad(each, a, retain_graph=True)[0] for each in both]
        torch.testing.assert_close(slopes[0], slopes[1], rtol=1e-10, atol=0)
        torch.testing.assert_close(slopes[0], slopes[2], rtol=1e-8, atol=0)


class Affine(torch.nn.Module):
    """D = A x in the plane, whose Jacobian is A."""

    A = torch.tensor([[0.6, -0.2], [0.5, 0.1]], dtype=torch.float64)

    def forward(self, x, sigma, labels, augment_labels):
        return (x.flatten(1) @ self.A.T).view_as(x)


def test_score_matching_has_the_trace_of_the_jacobian():
    y, n, sigma = batch([0.2, 0.7, 1.0, 3.0] * 20, shape=(2, 1, 1))
    x = (y + sigma[:, None, None, None] * n).flatten(1).numpy()
    A, s = Affine.A.numpy(), sigma.numpy()
    moved = x @ (A - np.eye(2)).T
    risk = (moved**2).sum(1) / 2 + s**2 * np.trace(A) - s**2
    loss = objective("hyvarinen", Affine())(y, n, sigma, None, None)[0]
    np.testing.assert_allclose(loss.detach().numpy(), risk / s**2, rtol=1e-6)

    for reduced in (True, False):
        spread = {"projections": 1, "variance_reduced": reduced}
        torch.manual_seed(0)
        loss = objective("sliced", Affine(), **spread)(y, n, sigma, None, None)[0].detach().numpy()
        both = []
        for v in (np.array([1, 1]), np.array([1, -1])):
            square = (moved**2).sum(1) if reduced else (moved @ v) ** 2
            both.append((square / 2 + s**2 * (v @ A @ v) - s**2) / s**2)
        which = np.isclose(loss, both[0], rtol=1e-6)
        assert 10 < which.sum() < 70
        np.testing.assert_allclose(loss, np.where(which, *both), rtol=1e-6)
        np.testing.assert_allclose((both[0] + both[1]) / 2, risk / s**2, rtol=1e-9)


def test_uncertainty_finds_the_logarithm_of_the_loss():
    torch.manual_seed(0)
    sigma = torch.tensor([0.1, 1.0, 10.0])
    loss = torch.tensor([0.02, 0.3, 5.0])
    model = Uncertainty()
    assert model(sigma).tolist() == [0, 0, 0]
    adam = torch.optim.Adam(model.parameters(), 0.05)
    for _ in range(400):
        adam.zero_grad()
        log = model(sigma)
        (loss / log.exp() + log).sum().backward()
        adam.step()
    torch.testing.assert_close(model(sigma).detach(), loss.log(), atol=0.01, rtol=0)


def test_uncertainty_divides_the_loss_and_is_not_shown():
    """Karras et al. 2024, Eq. 21: λ e² / exp(u) + u."""
    y, n, sigma = batch([0.1, 1.0, 10.0])
    learned = objective("edm", Wavy(), uncertainty=True)
    plain = objective("edm", Wavy())(y, n, sigma, None, None)[0]
    torch.nn.init.normal_(learned.uncertainty.weight)
    training, shown = learned(y, n, sigma, None, None)
    u = learned.uncertainty(sigma).double()
    torch.testing.assert_close(shown, plain)
    torch.testing.assert_close(training, plain / u.exp() + u, rtol=1e-6, atol=0)
