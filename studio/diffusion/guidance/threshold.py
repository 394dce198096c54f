"""Dynamic thresholding: keep the estimates of strong guidance within the range of pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from studio.diffusion.knob import Knob

if TYPE_CHECKING:
    from torch import Tensor

THRESHOLD = Knob(
    "threshold",
    "Threshold",
    0.0,
    low=0.0,
    high=100.0,
    soft=(90.0, 100.0),
    step=0.5,
    unit="%",
    help="Dynamic thresholding: that share of the values of x̂₀, in per cent, decides how far they "
    "may reach; what lies beyond is clipped, and the rest is scaled down to between −1 and 1, so "
    "that strong guidance does not burn. 99.5 in Imagen, 0 is off. For models of pixels only: "
    "latents have no such range.",
    formula="s = max(1, percentile_p |x̂₀|)\nx̂₀ ← clip(x̂₀, −s, s) / s",
    source="Saharia et al. 2022 (Imagen), section 2.3",
    group="Guidance",
)


def thresholded(estimate: Tensor, percentile: float) -> Tensor:
    """Return x̂₀: (B, C, H, W) of pixels within [-1, 1] as the percentile of each picture says.

    percentile: above 0, at most 100, of the magnitudes, linear between two of them. Saharia et al.
    2022, section 2.3.
    """
    limit = _percentile(estimate.abs().flatten(1), percentile / 100).clamp(min=1)
    limit = limit[:, None, None, None]
    return estimate.clamp(-limit, limit) / limit


def _percentile(values: Tensor, share: float) -> Tensor:
    """Return a quantile of each row, (B,), as numpy's "linear" has it; of any number of values."""
    place = share * (values.shape[1] - 1)
    low = min(math.floor(place), values.shape[1] - 2) if values.shape[1] > 1 else 0
    top = values.topk(values.shape[1] - low, dim=1).values  # falling; the last two are wanted
    if top.shape[1] == 1:
        return top[:, 0]
    return top[:, -1].lerp(top[:, -2], place - low)
