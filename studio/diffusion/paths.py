"""The paths sigma(t) of Table 1, as functions of numbers (Karras et al. 2022)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import exp, expm1, log1p, sqrt
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
        target = log1p(sigma * sigma)
        square = beta_min * beta_min + 2 * beta_d * target
        if square < 0:
            raise ValueError(
                f"The VP path with beta_d {beta_d:g} and beta_min {beta_min:g} does not reach "
                f"sigma {sigma:g}; lower the low end of its sigma range."
            )
        # Each form where it adds numbers of one sign, so that no digit cancels.
        if beta_min > 0:
            return 2 * target / (sqrt(square) + beta_min)
        return (sqrt(square) - beta_min) / beta_d if sigma > 0 else 0.0

    return Path(sigma, sigma_dot, time)


def sub_vp_path(beta_d: float, beta_min: float) -> Path:
    """Return the path of the sub-VP SDE, on which alpha = exp(-(beta_d t^2 / 2 + beta_min t) / 2).

    Its noise has the std 1 - alpha^2, so that sigma = 1 / alpha - alpha (Song et al. 2021,
    ScoreSDE, Eq. 29). It is VP's path at another level: sigma_vp^2 = 1 / alpha^2 - 1.
    """
    vp = vp_path(beta_d, beta_min)

    def sigma(t: float) -> float:
        level = vp.sigma(t)
        return level * level / sqrt(1 + level * level)

    def sigma_dot(t: float) -> float:
        level = vp.sigma(t)
        square = level * level
        return vp.sigma_dot(t) * level * (2 + square) / ((1 + square) * sqrt(1 + square))

    def time(level: float) -> float:
        half = level * level / 2
        return vp.time(sqrt(half + sqrt(half * half + 2 * half)))

    return Path(sigma, sigma_dot, time)


def vp_betas(sigma_min: float, sigma_max: float, eps_s: float = EPS_S) -> tuple[float, float]:
    """Return the beta_d and beta_min with sigma(eps_s) = sigma_min and sigma(1) = sigma_max."""
    low, high = log1p(sigma_min * sigma_min), log1p(sigma_max * sigma_max)
    beta_d = 2 * (high - low / eps_s) / (1 - eps_s)
    return beta_d, high - 0.5 * beta_d


@lru_cache(maxsize=64)
def path_between(name: str, sigma_range: tuple[float, float]) -> Path:
    """Return the path called "edm", "vp", "subvp" or "ve"; VP's betas are those of `sigma_range`.

    A range of one level, which nothing can be solved from, takes the betas of the paper, as the
    sub-VP path always does.
    """
    if name == "subvp":
        return sub_vp_path(BETA_D, BETA_MIN)
    if name != "vp":
        return {"edm": EDM, "ve": VE}[name]
    low, high = sigma_range
    return vp_path(*(vp_betas(low, high) if low < high else (BETA_D, BETA_MIN)))
