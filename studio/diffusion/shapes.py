"""Shapes to begin a curve over sigma with, as they were published for guidance and for churn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, pi

from studio.diffusion.curve import Point, box_text, curve_text

_CORNERS = 8
"""Straight pieces by which a cosine is drawn."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Say where a shape is to be drawn: between two levels, from doing nothing up to a strength.

    `top` and `bottom` are the ends of the schedule; `neutral` is the value that does nothing (1 for
    guidance, 0 for noise), `strength` the constant that the shape stands for, and `band` the levels
    of an interval, (low, high].
    """

    top: float
    bottom: float
    neutral: float
    strength: float
    band: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """Name a shape, say where it comes from, and draw it as the text of a curve."""

    label: str
    help: str
    draw: Callable[[Frame], str]


def _over_steps(frame: Frame, pushes: tuple[float, ...]) -> str:
    """Return a curve whose pushes, in units of the frame's, are spread evenly over ln sigma."""
    last, ratio = len(pushes) - 1, frame.bottom / frame.top
    points: list[Point] = [
        (
            float(f"{frame.top * ratio ** (i / last):.6g}"),
            float(f"{frame.neutral + push * (frame.strength - frame.neutral):.6g}"),
        )
        for i, push in enumerate(pushes)
    ]
    return curve_text(points)


def _cosine(frame: Frame) -> str:
    return _over_steps(frame, tuple(1 - cos(pi * i / _CORNERS) for i in range(_CORNERS + 1)))


_WANG = "Wang et al. 2024, over ln σ; its mean is the constant"

SHAPES: Mapping[str, Shape] = {
    "constant": Shape(
        "Constant", "The same at every level (Ho & Salimans 2022).", lambda f: repr(f.strength)
    ),
    "interval": Shape(
        "Interval",
        "The strength between two levels, nothing elsewhere (Kynkäänniemi et al. 2024 for "
        "guidance; Karras et al. 2022, S_tmin and S_tmax, for churn).",
        lambda f: box_text(f.strength, *f.band, f.neutral),
    ),
    "linear": Shape(
        "Linear, rising", f"From nothing to twice the strength ({_WANG}).",
        lambda f: _over_steps(f, (0, 2)),
    ),
    "cosine": Shape(
        "Cosine, rising", f"From nothing to twice the strength, gently ({_WANG}).", _cosine
    ),
    "ramp": Shape(
        "Ramp over a floor",
        "Half of the strength, then rising to twice of it (the clamped linear schedule of Wang et "
        "al. 2024, over ln σ).",
        lambda f: _over_steps(f, (0.5, 0.5, 1, 1.5, 2)),
    ),
    "peak": Shape(
        "Peak in the middle", f"Up to twice the strength and back (Λ of {_WANG}).",
        lambda f: _over_steps(f, (0, 2, 0)),
    ),
    "falling": Shape(
        "Linear, falling", "From twice the strength to nothing, over ln σ.",
        lambda f: _over_steps(f, (2, 0)),
    ),
}  # fmt: skip
"""Every shape by its id."""
