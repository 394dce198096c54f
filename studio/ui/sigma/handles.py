"""What can be dragged in the plot of the schedule, and where it goes: plain arithmetic, no Qt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import hypot, sqrt
from typing import Any, Literal

from studio.diffusion import SCHEDULES, KnobError, Value, schedule

REACH = 8.0
"""How many pixels from a handle the mouse still takes it."""
SNAP = 5.0
"""How many pixels from a snap a level jumps to it."""

Kind = Literal["level", "sigma_max", "sigma_min", "rho", "s_tmin", "s_tmax"]


@dataclass(frozen=True, slots=True)
class Handle:
    """Something to drag: a level by its place in the list, or a knob that is drawn."""

    kind: Kind
    step: int = -1


Spot = tuple[float, float]
"""A place in pixels."""


def taken(
    at: Spot, points: Sequence[Spot], bend: Spot | None, edges: Mapping[Kind, float], ends: bool
) -> Handle | None:
    """Return what the mouse takes at a place: a point first, then the bend, then an edge.

    points: the levels; bend: the handle of rho; edges: the heights of the churn's ends. With `ends`
    the first and the last point stand for the range of the schedule.
    """
    near = [(_away(at, point), step) for step, point in enumerate(points)]
    distance, step = min(near, default=(REACH + 1, -1))
    if bend is not None and _away(at, bend) <= min(distance, REACH):
        return Handle("rho")
    if distance <= REACH:
        kinds: dict[int, Kind] = {0: "sigma_max", len(points) - 1: "sigma_min"} if ends else {}
        return Handle(kinds.get(step, "level"), step)
    height, kind = min(((abs(at[1] - y), kind) for kind, y in edges.items()), default=(99.0, None))
    return Handle(kind) if kind is not None and height <= REACH / 2 else None


def snapped(
    sigma: float,
    levels: Sequence[float],
    step: int,
    others: Sequence[float],
    far: Callable[[float, float], float],
) -> float:
    """Return the level of a snap that is near, else `sigma`.

    Snaps are the straight line in ln sigma between the neighbours, and the `others`, such as the
    level of another schedule at that step. `far(a, b)` tells how many pixels lie between levels.
    """
    snaps = [other for other in others if other > 0]
    if 0 < step < len(levels) - 1 and levels[step + 1] > 0:
        snaps.append(sqrt(levels[step - 1] * levels[step + 1]))
    near = min(snaps, key=lambda snap: float(far(snap, sigma)), default=sigma)
    return near if far(near, sigma) <= SNAP else sigma


def bent(
    id: str, knobs: Mapping[str, Value], levels: Sequence[float], step: int, sigma: float
) -> float | None:
    """Return the rho with which a schedule has a level at a step, as near as rho goes.

    None for a schedule without rho, or where nothing lies between its ends.
    """
    knob = (
        next((k for k in SCHEDULES[id].knobs if k.id == "rho"), None) if id in SCHEDULES else None
    )
    inner = [level for level in levels if level > 0]
    if knob is None or not 0 < step < len(inner) - 1:
        return None

    def level(rho: float) -> float:
        values: dict[str, Any] = {**knobs, "rho": rho}
        return schedule(id, len(inner), inner[-1], inner[0], **values)[step]

    low, high = knob.soft or (knob.low, knob.high)
    try:
        rising = level(high) > level(low)
        for _ in range(40):
            middle = sqrt(low * high)
            above = (level(middle) > sigma) == rising
            low, high = (low, middle) if above else (middle, high)
    except KnobError:
        return None
    return float(f"{sqrt(low * high):.4g}")


def _away(a: Spot, b: Spot) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])
