"""The paths sigma(t), as functions of numbers: Table 1 of Karras et al. 2022, and sub-VP."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import asinh, cosh, exp, expm1, log1p, sinh, sqrt
from typing import TypeAlias

Function: TypeAlias = Callable[[float], float]

BETA_D, BETA_MIN, EPS_S = 19.9, 0.1, 1e-3
"""The VP path of Song et al. 2021, and the time at which its last step begins."""


@dataclass(frozen=True, slots=True)
class Path:
    """Hold a noise level as a function of time, `sigma`, its derivative and its inverse, `time`."""

    sigma: Function
    sigma_dot: Function
    time: Function


EDM = Path(sigma=lambda t: t, sigma_dot=lambda t: 1.0, time=lambda sigma: sigma)
"""Time is the noise level."""

VE = Path(sigma=sqrt, sigma_dot=lambda t: 0.5 / sqrt(t), time=lambda sigma: sigma * sigma)
"""Time is the variance."""


def vp_path(beta_d: float, beta_min: float) -> Path:
    """Return the path along which 1 + sigma^2 = exp(beta_d t^2 / 2 + beta_min t)."""

    def growth(t: float) -> float:
        return (0.5 * beta_d * t + beta_min) * t

    def sigma(t: float) -> float:
        return sqrt(expm1(growth(t)))

    def sigma_dot(t: float) -> float:
        return 0.5 * (beta_d * t + beta_min) * exp(growth(t)) / sigma(t)

    def time(sigma: float) -> float:
        return _time("VP", log1p(sigma * sigma), sigma, beta_d, beta_min)

    return Path(sigma, sigma_dot, time)


def subvp_path(beta_d: float, beta_min: float) -> Path:
    """Return the path along which the variance keeps below VP's (Song et al. 2021, Eq. 29).

    There x = alpha (data) + (1 - alpha^2) (noise) with alpha = exp(-growth / 2), where growth =
    beta_d t^2 / 2 + beta_min t is the integral of beta. So sigma = (1 - alpha^2) / alpha =
    2 sinh(growth / 2).
    """

    def growth(t: float) -> float:
        return (0.5 * beta_d * t + beta_min) * t

    def sigma(t: float) -> float:
        return 2 * sinh(growth(t) / 2)

    def sigma_dot(t: float) -> float:
        return (beta_d * t + beta_min) * cosh(growth(t) / 2)

    def time(sigma: float) -> float:
        return _time("sub-VP", 2 * asinh(sigma / 2), sigma, beta_d, beta_min)

    return Path(sigma, sigma_dot, time)


def _time(name: str, growth: float, sigma: float, beta_d: float, beta_min: float) -> float:
    """Return the first time at which the integral of beta is `growth`, where the level is sigma."""
    square = beta_min * beta_min + 2 * beta_d * growth
    if square < 0:
        raise ValueError(
            f"The {name} path with beta_d {beta_d:g} and beta_min {beta_min:g} does not reach "
            f"sigma {sigma:g}; lower the low end of its sigma range."
        )
    # Each form where it adds numbers of one sign, so that no digit cancels.
    if beta_min > 0:
        return 2 * growth / (sqrt(square) + beta_min)
    return (sqrt(square) - beta_min) / beta_d if sigma > 0 else 0.0


def vp_betas(sigma_min: float, sigma_max: float, eps_s: float = EPS_S) -> tuple[float, float]:
    """Return the beta_d and beta_min with sigma(eps_s) = sigma_min and sigma(1) = sigma_max."""
    return _betas(log1p(sigma_min * sigma_min), log1p(sigma_max * sigma_max), eps_s)


def subvp_betas(sigma_min: float, sigma_max: float, eps_s: float = EPS_S) -> tuple[float, float]:
    """Return the same for the sub-VP path.

    A low end above some 0.01 makes beta fall with time: near 0 the level grows with the time
    itself, and has to come to `sigma_min` as early as `eps_s`.
    """
    return _betas(2 * asinh(sigma_min / 2), 2 * asinh(sigma_max / 2), eps_s)


def _betas(low: float, high: float, eps_s: float) -> tuple[float, float]:
    beta_d = 2 * (high - low / eps_s) / (1 - eps_s)
    return beta_d, high - 0.5 * beta_d


@lru_cache(maxsize=64)
def path_between(name: str, sigma_range: tuple[float, float]) -> Path:
    """Return the path called "edm", "vp", "subvp" or "ve".

    The betas of VP and sub-VP are those of `sigma_range`; a range of one level, which nothing can
    be solved from, takes the betas of the paper.
    """
    if name in {"edm", "ve"}:
        return {"edm": EDM, "ve": VE}[name]
    path, betas = {"vp": (vp_path, vp_betas), "subvp": (subvp_path, subvp_betas)}[name]
    low, high = sigma_range
    return path(*(betas(low, high) if low < high else (BETA_D, BETA_MIN)))
