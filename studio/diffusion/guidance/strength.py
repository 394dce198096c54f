"""Classifier-free guidance, over all noise levels or an interval of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from studio.diffusion.curve import box_text, curve, optional_curve
from studio.diffusion.knob import Knob

if TYPE_CHECKING:
    from torch import Tensor

STRENGTH_KNOBS = (
    Knob(
        "guidance",
        "Guidance",
        1.0,
        low=0.0,
        high=100.0,
        soft=(1.0, 15.0),
        step=0.5,
        help="How far the estimate is pushed from what the model makes of no class or prompt to "
        "what it makes of yours: 1 is no push (Ho & Salimans 2022).",
        formula=("D_w = D_∅ + w (D_c − D_∅)"),
        source=("Ho & Salimans 2022, Eq. 6, where 1 + their w is w here"),
        group="Guidance",
    ),
    Knob(
        "guidance_low",
        "Guidance from",
        0.0,
        low=0.0,
        soft=(0.0, 100.0),
        log=True,
        unit="σ",
        help="Guidance acts at noise levels above this one (Kynkäänniemi et al. 2024).",
        formula=("D_w = D_∅ + w (D_c − D_∅) where σ_low < σ ≤ σ_high, else D_c"),
        source=("Kynkäänniemi et al. 2024 (guidance in a limited interval)"),
        group="Guidance",
    ),
    Knob(
        "guidance_high",
        "Guidance to",
        math.inf,
        low=0.0,
        soft=(0.0, 100.0),
        log=True,
        unit="σ",
        help="Guidance acts at noise levels up to this one (Kynkäänniemi et al. 2024).",
        formula=("D_w = D_∅ + w (D_c − D_∅) where σ_low < σ ≤ σ_high, else D_c"),
        source=("Kynkäänniemi et al. 2024 (guidance in a limited interval)"),
        group="Guidance",
    ),
)


def _interval(guidance: float, low: float, high: float) -> str:
    """Return guidance in an interval as a curve, 1 outside."""
    return box_text(guidance, low, high, 1.0)


GUIDANCE_CURVE = Knob(
    "guidance_curve",
    "Guidance(σ)",
    "",
    parse=optional_curve,
    curve=True,
    replaces=("guidance", "guidance_low", "guidance_high"),
    unset=_interval,
    soft=(0.0, 4.0),
    help="Guidance as a curve over σ, such as “80: 1, 5: 3, 0.1: 1”, instead of one strength in an "
    "interval; empty for that. Draw it in the σ plot (Kynkäänniemi et al. 2024; Wang et al. 2024).",
    formula="D_w = D_∅ + w(σ) (D_c − D_∅)",
    source="Kynkäänniemi et al. 2024; Wang et al. 2024 (guidance that changes with the step)",
    group="Guidance",
)


def strength(
    guidance: float, interval: tuple[float, float], guidance_curve: str = ""
) -> Callable[[float], float]:
    """Return the guidance at a noise level: 1 where none acts.

    A curve that is not empty takes the place of the one strength in its interval.
    """
    if guidance_curve.strip():
        return curve(guidance_curve)
    return lambda sigma: guidance if active(sigma, interval) else 1.0


def guided(conditional: Tensor, unconditional: Tensor, guidance: float) -> Tensor:
    """Return unconditional + guidance (conditional - unconditional), all of shape (B, ...).

    Ho & Salimans 2022, Eq. 6, in the convention where 1 is the conditional estimate itself. With
    the estimate of a weaker model in the place of the unconditional one this is autoguidance
    (Karras et al. 2024, Eq. 2).
    """
    return unconditional.lerp(conditional, guidance)


def active(sigma: float, interval: tuple[float, float]) -> bool:
    """Tell whether guidance acts at sigma: where low < sigma <= high.

    At the other levels the conditional estimate stands alone (Kynkäänniemi et al. 2024).
    """
    low, high = interval
    return low < sigma <= high
