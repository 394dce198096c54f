"""The variational bound of a diffusion model, term by term (Ho et al. 2020, Eq. 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log, pi, sqrt
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

    from studio.diffusion.denoiser import Denoise

Decoder: TypeAlias = Literal["pixels", "density"]
Variance: TypeAlias = Literal["small", "large"]

DECODERS: Mapping[Decoder, str] = MappingProxyType(
    {
        "pixels": "bytes p / 127.5 - 1, each in its bin (Ho et al. 2020, Eq. 13)",
        "density": "a density, for data that are no bytes",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One term of the bound, in nats of each picture: `nats`: (B,), on the device.

    kind "prior": L_T, of the highest level, which leads to no other; "level": L_{t-1}, of the step
    from `sigma` to `sigma_next`; "decoder": L_0, from the lowest level to the data.
    """

    index: int
    kind: Literal["prior", "level", "decoder"]
    sigma: float
    sigma_next: float
    nats: Tensor


def bound_levels(count: int, sigma_min: float, sigma_max: float) -> tuple[float, ...]:
    """Return levels spread evenly in ln σ from σ_max down to σ_min, `count` of them.

    Raises:
        ValueError: there are fewer than two, or the ends do not rise above 0.
    """
    if count < 2 or not 0 < sigma_min < sigma_max:
        raise ValueError(f"{count} levels from {sigma_min:g} to {sigma_max:g} make no chain.")
    step = log(sigma_min / sigma_max) / (count - 1)
    inner = (sigma_max * exp(step * i) for i in range(1, count - 1))
    return (sigma_max, *inner, sigma_min)


def variational_bound(
    denoise: Denoise,
    x: Tensor,
    sigmas: Sequence[float],
    noise: Callable[[int], Tensor],
    *,
    data_std: float = 1.0,
    decoder: Decoder = "pixels",
    variance: Variance = "large",
) -> Iterator[Term]:
    """Yield the terms of -ln p(x) <= L_T + Σ L_{t-1} + L_0 for x: (B, ...), from the top down.

    sigmas: falling, without a 0 at the end (one that is there is left out); noise(i) draws unit
    noise like x for level i. Each term is estimated from one draw without bias. In EDM coordinates
    q(X_s | X_t, x) = N(r² X_t + (1 - r²) x, σ_s² (1 - r²) I) with r = σ_s / σ_t, and the chain puts
    D in the place of x, so that L = ½ (1/σ_s² - 1/σ_t²) |x - D|². variance: that of the chain's
    steps, "small" is the posterior's own, with which this holds as it stands; "large" is that of
    Gaussian data, (s² + σ_s²)(σ_t² - σ_s²) / (s² + σ_t²), which is Ho's β_t where s = data_std is
    1. The prior is N(0, (σ_T² + s²) I), again Ho's where s is 1.

    It bounds the likelihood of this chain, with its decoder of bytes. With the exact denoiser that
    is the data's own; with a learned one the flow, which spreads bytes over their bins, is another
    model, and may think a picture less likely than the bound.

    Raises:
        ValueError: the levels do not fall, or there are none above 0.
    """
    levels = [float(sigma) for sigma in sigmas]
    levels = levels[:-1] if levels and levels[-1] == 0 else levels
    falling = all(a > b for a, b in pairwise(levels))
    if not levels or not falling or levels[-1] <= 0:
        raise ValueError("The levels of a bound have to fall and stay above 0.")
    chain = _Chain(levels, data_std, decoder, variance)
    return _terms(denoise, x, chain, noise)


@dataclass(frozen=True, slots=True)
class _Chain:
    levels: list[float]
    data_std: float
    decoder: Decoder
    variance: Variance


def _terms(
    denoise: Denoise, x: Tensor, chain: _Chain, noise: Callable[[int], Tensor]
) -> Iterator[Term]:
    import torch

    levels, s = chain.levels, chain.data_std

    top = levels[0]
    yield Term(0, "prior", top, top, _prior(x, top, s))
    for i, sigma in enumerate(levels):
        # Around each step and not around the loop: the caller must not find it on between steps.
        with torch.no_grad():
            denoised = denoise(x + sigma * noise(i).to(x), sigma).to(x)
            if i + 1 < len(levels):
                below, spread = levels[i + 1], s if chain.variance == "large" else 0.0
                nats = _level(x, denoised, sigma, below, spread)
                term = Term(i + 1, "level", sigma, below, nats)
            else:
                nats = _decoder(x, denoised, _last_std(sigma, s), chain.decoder)
                term = Term(i + 1, "decoder", sigma, 0.0, nats)
        yield term


def _prior(x: Tensor, sigma: float, data_std: float) -> Tensor:
    """Return KL(N(x, σ²) || N(0, σ² + data_std²)) summed over the values."""
    whole = sigma**2 + data_std**2
    return _divergence(x.flatten(1).square().sum(1) / whole, sigma**2 / whole, x[0].numel())


def _level(x: Tensor, denoised: Tensor, sigma: float, below: float, s: float) -> Tensor:
    rest = 1 - (below / sigma) ** 2
    own = below**2 * rest
    chain = (s**2 + below**2) * (sigma**2 - below**2) / (s**2 + sigma**2)
    apart = (x - denoised).flatten(1).square().sum(1)
    return _divergence(apart * (rest**2 / chain), own / chain, x[0].numel())


def _divergence(squares: Tensor, ratio: float, many: int) -> Tensor:
    """Return the KL divergence of two Gaussians from their squared distance over the variance."""
    return 0.5 * (squares + many * (ratio - 1 - log(ratio)))


def _last_std(sigma: float, s: float) -> float:
    """Return the std of the last step: √β_1 of Ho et al. 2020 where s is 1."""
    return sigma * s / sqrt(s**2 + sigma**2) if s else sigma


def _decoder(x: Tensor, denoised: Tensor, std: float, decoder: Decoder) -> Tensor:
    """Return -ln p(x | X_1) with N(D, std²) (Ho et al. 2020, Eq. 13)."""
    if decoder == "density":
        squares = (x - denoised).flatten(1).square().sum(1)
        return 0.5 * (squares / std**2 + x[0].numel() * log(2 * pi * std**2))
    return -_log_bins(x, denoised, std).flatten(1).sum(1)


def _log_bins(x: Tensor, mean: Tensor, std: float) -> Tensor:
    """Return ln of what N(mean, std²) puts within 1/255 of x; black and white have no outer end.

    By the logarithm of the distribution function, so that it stays finite far out.
    """
    import torch

    upper, lower = (x + 1 / 255 - mean) / std, (x - 1 / 255 - mean) / std
    # In the tail in which it is small, the distribution function loses no digits.
    flip = lower + upper > 0
    low, high = torch.where(flip, -upper, lower), torch.where(flip, -lower, upper)
    log_high, log_low = torch.special.log_ndtr(high), torch.special.log_ndtr(low)
    inside = log_high + torch.log1p(-(log_low - log_high).exp().clamp(max=1 - 1e-15))
    black, white = x < -1 + 0.5 / 255, x > 1 - 0.5 / 255
    open_below, open_above = torch.special.log_ndtr(upper), torch.special.log_ndtr(-lower)
    return torch.where(black, open_below, torch.where(white, open_above, inside))
