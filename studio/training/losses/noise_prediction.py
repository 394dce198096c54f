"""The losses of VE, VP and iDDPM: each σ weighs 1/σ², as in predicting the noise."""

from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.paths import BETA_D, BETA_MIN
from studio.diffusion.schedules.iddpm import trained_levels
from studio.diffusion.tables import ddpm_table
from studio.training.losses.spec import LossSpec

if TYPE_CHECKING:
    from torch import Tensor

_LOW, _HIGH = 1e-5, 1e5


def inverse_variance(sigma: "Tensor", _sigma_data: float, **_knobs: float) -> "Tensor":
    """Return 1/σ²: with n the noise and ε the network's guess of it, |D - y|²/σ² = |ε - n|²."""
    return sigma**-2


def along_vp(u: "Tensor", *, eps_t: float, beta_d: float, beta_min: float) -> "Tensor":
    """Return σ(t) = √(exp(β_d t²/2 + β_min t) - 1) at t = ε_t + u (1 - ε_t)."""
    t = eps_t + u * (1 - eps_t)
    return (0.5 * beta_d * t**2 + beta_min * t).expm1().sqrt()


def geometric(u: "Tensor", *, sigma_min: float, sigma_max: float) -> "Tensor":
    """Return σ_min (σ_max / σ_min)^u."""
    return sigma_min * (sigma_max / sigma_min) ** u


def of_iddpm(u: "Tensor", *, m: int, c_1: float, c_2: float) -> "Tensor":
    """Return the level u_j with j evenly among the M trained ones."""
    return _among(trained_levels(c_1, c_2, m)[::-1], u)


def of_ddpm(u: "Tensor", *, steps: int) -> "Tensor":
    """Return the level of DDPM's linear betas at a step that is even among all of them."""
    return _among(ddpm_table(steps), u)


def _among(levels: tuple[float, ...], u: "Tensor") -> "Tensor":
    index = (u * len(levels)).long().clamp(max=len(levels) - 1)
    return u.new_tensor(levels)[index]


SPECS = (
    LossSpec(
        id="vp",
        label="VP",
        family="Song et al.",
        source="Song et al. 2021; Karras et al. 2022, Table 1",
        help="Times even on the VP path; the network predicts the noise.",
        formula="λ(σ) = 1/σ²,   σ⁻¹(σ) ~ U(ε_t, 1)",
        run=inverse_variance,
        level=along_vp,
        knobs=(
            Knob("eps_t", "ε_t", 1e-5, low=1e-9, high=0.5, help="The first time of the path."),
            Knob("beta_d", "β_d", BETA_D, low=0.01, high=100, help="Growth of β over the path."),
            Knob("beta_min", "β_min", BETA_MIN, low=1e-4, high=10, help="β at the beginning."),
        ),
    ),
    LossSpec(
        id="ve",
        label="VE",
        family="Song et al.",
        source="Song et al. 2021; Karras et al. 2022, Table 1",
        help="ln σ even between two ends.",
        formula="λ(σ) = 1/σ²,   ln σ ~ U(ln σ_min, ln σ_max)",
        run=inverse_variance,
        level=geometric,
        knobs=(
            Knob("sigma_min", "σ_min", 0.02, low=_LOW, high=_HIGH, help="The lowest level."),
            Knob("sigma_max", "σ_max", 100.0, low=_LOW, high=_HIGH, help="The highest level."),
        ),
    ),
    LossSpec(
        id="iddpm",
        label="iDDPM",
        family="Ho et al.",
        source="Nichol & Dhariwal 2021; Karras et al. 2022, Table 1",
        help="Even among the levels of the cosine schedule.",
        formula="λ(σ) = 1/σ²,   σ = u_j, j ~ U{0 … M-1}",
        run=inverse_variance,
        level=of_iddpm,
        knobs=(
            Knob("m", "M", 1000, low=2, high=100_000, help="The number of trained levels."),
            Knob("c_1", "C₁", 0.001, low=1e-6, high=0.9, help="Bounds the highest levels."),
            Knob("c_2", "C₂", 0.008, low=0.0, high=1.0, help="Shifts the cosine schedule."),
        ),
    ),
    LossSpec(
        id="ddpm",
        label="DDPM simple",
        family="Ho et al.",
        source="Ho et al. 2020, Eq. 14",
        help="|ε - ε_θ|² over steps with linear betas: denoising with weight 1/σ².",
        formula="λ(σ) = 1/σ²,   σ_t² = (1 - ᾱ_t) / ᾱ_t, t ~ U{1 … T}",
        run=inverse_variance,
        level=of_ddpm,
        knobs=(Knob("steps", "T", 1000, low=2, high=100_000, help="The number of steps."),),
    ),
)
