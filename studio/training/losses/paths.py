"""The losses of the SDEs VP, sub-VP and VE: times even on a path, the noise as what is predicted.

On a path x = α (y + σ n) the score of the paper is trained by std² |s + n / std|², std = α σ. That
is |ε - n|², which is the squared error of D over σ².
"""

from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob
from studio.diffusion.paths import BETA_D, BETA_MIN
from studio.training.losses.levels import geometric
from studio.training.losses.spec import LossSpec
from studio.training.losses.weights import inverse_variance

if TYPE_CHECKING:
    from torch import Tensor

_LOW, _HIGH = 1e-5, 1e5
SIGMA_MIN = Knob("sigma_min", "σ_min", 0.02, low=_LOW, high=_HIGH, help="The lowest level.")
SIGMA_MAX = Knob("sigma_max", "σ_max", 100.0, low=_LOW, high=_HIGH, help="The highest level.")
_BETAS = (
    Knob("eps_t", "ε_t", 1e-5, low=1e-9, high=0.5, help="The first time of the path."),
    Knob("beta_d", "β_d", BETA_D, low=0.01, high=100, help="Growth of β over the path."),
    Knob("beta_min", "β_min", BETA_MIN, low=1e-4, high=10, help="β at the beginning."),
)


def along_vp(u: "Tensor", *, eps_t: float, beta_d: float, beta_min: float) -> "Tensor":
    """Return σ(t) = √(exp(β_d t²/2 + β_min t) - 1) at t = ε_t + u (1 - ε_t)."""
    t = eps_t + u * (1 - eps_t)
    return (0.5 * beta_d * t**2 + beta_min * t).expm1().sqrt()


def along_subvp(u: "Tensor", *, eps_t: float, beta_d: float, beta_min: float) -> "Tensor":
    """Return σ(t) = 2 sinh(β_d t²/4 + β_min t/2) at t = ε_t + u (1 - ε_t).

    There α = exp(-(β_d t²/2 + β_min t)/2) and std = 1 - α², so that σ = (1 - α²) / α.
    """
    t = eps_t + u * (1 - eps_t)
    return 2 * (0.25 * beta_d * t**2 + 0.5 * beta_min * t).sinh()


SPECS = (
    LossSpec(
        id="vp",
        label="VP",
        family="Paths",
        source="Song et al. 2021; Karras et al. 2022, Table 1",
        help="Times even on the VP path; the network predicts the noise.",
        formula="λ(σ) = 1/σ²,   σ(t) = √(exp(½ β_d t² + β_min t) - 1),   t ~ U(ε_t, 1)",
        run=inverse_variance,
        level=along_vp,
        knobs=_BETAS,
    ),
    LossSpec(
        id="subvp",
        label="sub-VP",
        family="Paths",
        source="Song et al. 2021, Eq. 29",
        help="Times even on the sub-VP path, whose variance keeps below that of VP; the network "
        "predicts the noise.",
        formula="λ(σ) = 1/σ²,   σ(t) = 2 sinh(¼ β_d t² + ½ β_min t),   t ~ U(ε_t, 1)",
        run=inverse_variance,
        level=along_subvp,
        knobs=_BETAS,
    ),
    LossSpec(
        id="ve",
        label="VE",
        family="Paths",
        source="Song et al. 2021; Karras et al. 2022, Table 1",
        help="ln σ even between two ends; the network predicts the noise.",
        formula="λ(σ) = 1/σ²,   ln σ ~ U(ln σ_min, ln σ_max)",
        run=inverse_variance,
        level=geometric,
        knobs=(SIGMA_MIN, SIGMA_MAX),
    ),
)
