"""What can be measured of a cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

from studio.library.sweeps.sweep import Place


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of a cell; `asked` says that it is only measured where it is asked for.

    The least is the best, or the greatest where `most` says so.
    """

    id: str
    label: str
    help: str
    unit: str = ""
    asked: bool = False
    most: bool = False


_ALL = (
    Metric(
        "frechet",
        "Fréchet distance",
        "Between the cell's pictures and a set of pictures, in 64 principal components of the "
        "set's pixels, scaled to 16×16 (not Inception features). Few pictures raise it: compare "
        "cells of as many, the more the better.",
        asked=True,
    ),
    Metric(
        "error",
        "Error",
        "Root mean square distance of the end points from those of a fine reference (UniPC, 200 "
        "steps) from the same noise; only where no noise is drawn on the way.",
        asked=True,
    ),
    Metric(
        "local_error",
        "Local error",
        "Median over steps and pictures of the solver's own estimate of its error in a step.",
    ),
    Metric(
        "psnr",
        "PSNR",
        "Mean peak signal-to-noise ratio of the restored pictures, where the original is known.",
        "dB",
        most=True,
    ),
    Metric(
        "ssim",
        "SSIM",
        "Mean structural similarity of the restored pictures, where the original is known (Wang "
        "et al. 2004).",
        most=True,
    ),
    Metric(
        "residual",
        "Residual",
        "Root mean square of what was measured and what the last estimate would give: 0 agrees.",
    ),
    Metric("nfe", "NFE", "Evaluations of the network for each picture."),
    Metric("seconds", "Time", "What the cell took to sample.", "s"),
)
METRICS: Mapping[str, Metric] = {metric.id: metric for metric in _ALL}
"""Every measure by its id."""

# Five colours from good to bad that are told apart in grey, too (viridis, turned round).
_HEAT = ((253, 231, 37), (94, 201, 98), (33, 145, 140), (59, 82, 139), (68, 1, 84))


def best_place(figures: Mapping[Place, float], metric: str = "") -> Place | None:
    """Return where the best figure of a metric is, None where there is none."""
    sign = -1 if metric in METRICS and METRICS[metric].most else 1
    return min(figures, key=lambda place: (sign * figures[place], place), default=None)


def shares(figures: Mapping[Place, float], metric: str = "") -> dict[Place, float]:
    """Return where each figure of a metric lies between the best, 0, and the worst, 1.

    Figures that span more than a factor of 10 are placed by their logarithms.
    """
    found = _rising(figures)
    if metric in METRICS and METRICS[metric].most and len({*figures.values()}) > 1:
        return {place: 1 - share for place, share in found.items()}
    return found


def _rising(figures: Mapping[Place, float]) -> dict[Place, float]:
    if not figures:
        return {}
    low, high = min(figures.values()), max(figures.values())
    if low > 0 and high / low > 10:
        return {p: log(value / low) / log(high / low) for p, value in figures.items()}
    return {p: (value - low) / (high - low or 1.0) for p, value in figures.items()}


def heat(share: float) -> str:
    """Return the colour of a share: yellow is best, violet worst."""
    at = min(max(share, 0.0), 1.0) * (len(_HEAT) - 1)
    i = min(int(at), len(_HEAT) - 2)
    pairs = zip(_HEAT[i], _HEAT[i + 1], strict=True)
    return "#" + "".join(f"{round(a + (at - i) * (b - a)):02x}" for a, b in pairs)
