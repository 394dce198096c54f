"""A stride from one noise level to the next along a path: what Euler and Heun have in common.

Algorithm 1 of Karras et al. 2022 follows x(t) = s(t) X(t) with

    dx/dt = (sigma_dot / sigma + s_dot / s) x - (sigma_dot s / sigma) D(x / s; sigma).

The solvers hold X, whose noise level is sigma whatever the path, and see a path and a scaling only
through a stride. Tensors are of one shape, (B, ...).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING, Protocol

from studio.diffusion.knob import Knob
from studio.diffusion.paths import Path, path_between

if TYPE_CHECKING:
    from torch import Tensor

DESIGN_KNOBS = (
    Knob(
        "path",
        "Path σ(t)",
        "edm",
        choices=(("edm", "EDM: σ = t"), ("vp", "VP"), ("ve", "VE: σ = √t")),
        help="The curve on which a step is a straight line: EDM's is the straightest, VP and VE "
        "are those of ScoreSDE (Karras et al. 2022, Table 1).",
        formula=(
            "dx/dt = (σ̇/σ + ṡ/s) x − (σ̇ s/σ) D(x/s; σ)\n"
            "EDM: σ = t\n"
            "VP:  σ = √(exp(½ β_d t² + β_min t) − 1)\n"
            "VE:  σ = √t"
        ),
        source=("Karras et al. 2022, Algorithm 1, line 4, and Table 1"),
        group="Design space",
    ),
    Knob(
        "scaling",
        "Scaling s(t)",
        "none",
        choices=(("none", "None: s = 1"), ("vp", "VP: s = 1/√(1 + σ²)")),
        help="The factor by which the state shrinks on its way; VP keeps its variance at 1 "
        "(Karras et al. 2022, Table 1).",
        formula=("dx/dt = (σ̇/σ + ṡ/s) x − (σ̇ s/σ) D(x/s; σ)\nnone: s = 1\nVP:   s = 1 / √(1 + σ²)"),
        source=("Karras et al. 2022, Algorithm 1, line 4, and Table 1"),
        group="Design space",
    ),
)


class Stride(Protocol):
    """Say how a state moves over one step; `alpha` is the part of the step, in time."""

    def level(self, alpha: float) -> float:
        """Return the noise level at that part of the step."""

    def euler(self, x: Tensor, denoised: Tensor, alpha: float = 1.0) -> Tensor:
        """Return the state there, on the tangent at the start."""

    def correction(
        self, x: Tensor, denoised: Tensor, prime: Tensor, denoised_prime: Tensor, alpha: float
    ) -> Tensor:
        """Return what the slope at `prime` adds to the Euler step: h (d' - d) / (2 alpha)."""


@dataclass(frozen=True, slots=True)
class Straight:
    """Step along sigma = t, s = 1, where an Euler step is a straight line towards `denoised`."""

    sigma: float
    sigma_next: float

    def level(self, alpha: float) -> float:
        """Return the noise level at that part of the step."""
        return (1 - alpha) * self.sigma + alpha * self.sigma_next

    def euler(self, x: Tensor, denoised: Tensor, alpha: float = 1.0) -> Tensor:
        """Return D + (sigma' / sigma) (X - D)."""
        return denoised.lerp(x, self.level(alpha) / self.sigma)

    def correction(
        self, x: Tensor, denoised: Tensor, prime: Tensor, denoised_prime: Tensor, alpha: float
    ) -> Tensor:
        """Return h (d' - d) / (2 alpha), where d' - d = (D - D') / sigma' as `prime` is on d."""
        weight = (self.sigma - self.sigma_next) / (2 * alpha * self.level(alpha))
        return (denoised_prime - denoised) * weight


@dataclass(frozen=True, slots=True)
class Curved:
    """Step in the time of any path, with or without VP's scaling."""

    path: Path
    scaled: bool
    start: float
    end: float

    def time(self, alpha: float) -> float:
        """Return the time at that part of the step."""
        return (1 - alpha) * self.start + alpha * self.end

    def level(self, alpha: float) -> float:
        """Return the noise level at that part of the step."""
        return self.path.sigma(self.time(alpha))

    def scale(self, t: float) -> float:
        """Return s(t)."""
        return 1 / hypot(1, self.path.sigma(t)) if self.scaled else 1.0

    def slope(self, x: Tensor, denoised: Tensor, t: float) -> Tensor:
        """Return dx/dt at X: s (sigma_dot / sigma) (X - D) + s_dot X."""
        sigma, sigma_dot, s = self.path.sigma(t), self.path.sigma_dot(t), self.scale(t)
        s_dot = -sigma * sigma_dot * s**3 if self.scaled else 0.0
        return (x - denoised) * (s * sigma_dot / sigma) + x * s_dot

    def euler(self, x: Tensor, denoised: Tensor, alpha: float = 1.0) -> Tensor:
        """Return the X of x + alpha h dx/dt."""
        t = self.time(alpha)
        slope = self.slope(x, denoised, self.start)
        return (x * self.scale(self.start) + slope * (t - self.start)) / self.scale(t)

    def correction(
        self, x: Tensor, denoised: Tensor, prime: Tensor, denoised_prime: Tensor, alpha: float
    ) -> Tensor:
        """Return the X of h (d' - d) / (2 alpha)."""
        turn = self.slope(prime, denoised_prime, self.time(alpha))
        turn = turn - self.slope(x, denoised, self.start)
        return turn * ((self.end - self.start) / (2 * alpha * self.scale(self.end)))


def stride(
    path: str, scaling: str, sigma_range: tuple[float, float], sigma: float, sigma_next: float
) -> Stride:
    """Return the stride from `sigma` to `sigma_next` in the design space of Table 1."""
    if path == "edm" and scaling == "none":
        return Straight(sigma, sigma_next)
    curve = path_between(path, sigma_range)
    return Curved(curve, scaling == "vp", curve.time(sigma), curve.time(sigma_next))
