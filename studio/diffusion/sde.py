"""The reverse-time stochastic differential equation of any path, in steps of Euler and Maruyama.

With x(t) = s(t) X(t) and any strength b of the Langevin part (Karras et al. 2022, Eq. 6, with the
scaling of its appendix B; b = 1 is Eq. 6 of Song et al. 2021), going back in time,

    dx = [s_dot X + (1 + b) s (sigma_dot / sigma) (X - D)] dt + sqrt(2 b s^2 sigma sigma_dot) dw.

b is the beta(t) of Karras et al. over their reference sigma_dot / sigma. 0 leaves the
probability-flow ODE. The solvers hold X; tensors are of one shape, (B, ...).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import hypot, sqrt
from typing import TYPE_CHECKING, TypeAlias

from studio.diffusion.curve import curve
from studio.diffusion.knob import Knob
from studio.diffusion.paths import path_between

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.problem import Problem

Function: TypeAlias = Callable[[float], float]

SDE_KNOBS = (
    Knob(
        "langevin",
        "Langevin β",
        "1",
        parse=curve,
        curve=True,
        soft=(0.0, 2.0),
        help="How much noise is put in and taken out along the way, as a factor of the usual "
        "strength: 1 is the reverse SDE, 0 the ODE. Give one number, or a curve over σ such as "
        "“80: 0, 1: 1, 0.01: 0.2” (Karras et al. 2022, Eq. 6).",
        formula=(
            "dx = −σ̇ σ ∇ log p(x; σ) dt − β σ² ∇ log p(x; σ) dt + √(2β) σ dω\n"
            "∇ log p(x; σ) = (D(x; σ) − x) / σ²,   usual strength: β = σ̇ / σ"
        ),
        source=("Karras et al. 2022, Eq. 6 and 3"),
        group="Stochasticity",
    ),
    Knob(
        "path",
        "Path σ(t)",
        "ve",
        choices=(
            ("ve", "VE: σ = √t"),
            ("edm", "EDM: σ = t"),
            ("vp", "VP"),
            ("subvp", "sub-VP"),
        ),
        help="The equation whose time and scaling the steps are taken in: those of Song et al. "
        "2021, or σ = t of Karras et al. 2022. VP and sub-VP shrink the state on its way.",
        formula=(
            "EDM: σ = t\n"
            "VE:  σ = √t\n"
            "VP:  σ = √(exp(½ β_d t² + β_min t) − 1),   s = 1 / √(1 + σ²)\n"
            "sub-VP: the same times, with s such that σ = (1 − s²) / s"
        ),
        source=("Song et al. 2021, section 3.4; Karras et al. 2022, Table 1"),
        group="Design space",
    ),
)


@dataclass(frozen=True, slots=True)
class Scaling:
    """Hold s as a function of sigma, and how fast it falls: `fall` is -d ln s / d sigma."""

    s: Function
    fall: Function


_NONE = Scaling(s=lambda sigma: 1.0, fall=lambda sigma: 0.0)

SCALINGS: Mapping[str, Scaling] = {
    "ve": _NONE,
    "edm": _NONE,
    "vp": Scaling(
        s=lambda sigma: 1 / hypot(1, sigma), fall=lambda sigma: sigma / (1 + sigma * sigma)
    ),
    # The s with sigma = (1 - s^2) / s.
    "subvp": Scaling(
        s=lambda sigma: 2 / (sigma + hypot(2, sigma)), fall=lambda sigma: 1 / hypot(2, sigma)
    ),
}
"""The scaling of each path."""


def weights(
    path: str, sigma_range: tuple[float, float], sigma: float, sigma_next: float, langevin: float
) -> tuple[float, float, float]:
    """Return a, b and c of one step, X' = a X + b D + c z, with unit noise z."""
    way, scaling = path_between(path, sigma_range), SCALINGS[path]
    start = way.time(sigma)
    # How far sigma would go along its tangent: below 0, as is the time.
    change = (way.time(sigma_next) - start) * way.sigma_dot(start)
    growth = scaling.s(sigma) / scaling.s(sigma_next)
    pull = -(1 + langevin) * change / sigma
    keep = 1 - change * scaling.fall(sigma) - pull
    return growth * keep, growth * pull, growth * sqrt(-2 * langevin * sigma * change)


def reverse(at: Problem, path: str, langevin: str) -> tuple[Tensor, Tensor]:
    """Return the state one step further and the estimate D that it used.

    A step to 0 returns D, where the noise of a step on the paths of VE and EDM would never vanish.
    """
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return denoised, denoised
    strength = curve(langevin)(at.sigma)
    a, b, c = weights(path, at.sigma_range, at.sigma, at.sigma_next, strength)
    x = at.x * a + denoised * b
    return (x + at.noise(at.sigma, at.sigma_next) * c if c > 0 else x), denoised
