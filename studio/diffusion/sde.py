"""One Euler-Maruyama step of the reverse SDE, on any path (Karras et al. 2022, Eq. 6).

On x(t) = s(t) X(t) with g^2 = 2 s^2 sigma sigma_dot, and beta times the reference strength
sigma_dot / sigma of the Langevin part,

    dx = ((s_dot / s) x - (1 + beta) / 2 g^2 score) dt + sqrt(beta) g dw,    time running back.

beta = 1 is the reverse SDE of Song et al. 2021 (ScoreSDE), 0 the probability-flow ODE.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from studio.diffusion.curve import curve
from studio.diffusion.knob import Knob
from studio.diffusion.paths import Path, path_between

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.problem import Problem

SDE_KNOBS = (
    Knob(
        "path",
        "SDE",
        "ve",
        choices=(("ve", "VE"), ("vp", "VP"), ("subvp", "sub-VP"), ("edm", "EDM: σ = t")),
        help="The SDE whose time the steps are straight in (Song et al. 2021, ScoreSDE, section "
        "3.4; Karras et al. 2022, Table 1).",
        group="Design space",
    ),
    Knob(
        "langevin",
        "Langevin β(σ)",
        "1",
        parse=curve,
        help="How strong the Langevin part is, in units of σ̇/σ: one number, or points such as "
        "“80: 0, 1: 1, 0.01: 0.2”. 1 is the reverse SDE, 0 the ODE (Karras et al. 2022, Eq. 6).",
        group="Stochasticity",
    ),
)


def reverse_step(at: Problem, denoised: Tensor, path: str, langevin: str) -> Tensor:
    """Return the state at the next level, which is above 0."""
    way = path_between(path, at.sigma_range)
    t, t_next = way.time(at.sigma), way.time(at.sigma_next)
    beta = curve(langevin)(at.sigma)
    s, s_dot = _scaling(way, path, t)
    s_next, _ = _scaling(way, path, t_next)
    variance = 2 * s * s * at.sigma * way.sigma_dot(t)
    score = (denoised - at.x) / (s * at.sigma**2)
    x = at.x * (s + s_dot * (t_next - t)) + score * ((1 + beta) / 2 * variance * (t - t_next))
    if beta > 0:
        x = x + at.noise(at.sigma, at.sigma_next) * sqrt(beta * variance * (t - t_next))
    return x / s_next


def _scaling(way: Path, path: str, t: float) -> tuple[float, float]:
    """Return s and its derivative; alpha^2 = 1 / (1 + sigma^2) on VP, sub-VP has its own."""
    sigma, sigma_dot = way.sigma(t), way.sigma_dot(t)
    if path == "vp":
        s = 1 / sqrt(1 + sigma * sigma)
        return s, -sigma * sigma_dot * s**3
    if path == "subvp":
        s = (sqrt(sigma * sigma + 4) - sigma) / 2
        return s, -sigma_dot * s * s / (1 + s * s)
    return 1.0, 0.0
