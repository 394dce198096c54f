"""The horizontal axis of the charts: thousands of pictures."""

from __future__ import annotations

from typing import Any

from studio.ui.theme import scaled
from studio.ui.ticks import Tick, range_ticks
from studio.ui.train.charts.captions import LONG, MEGA

_ROOM = 52  # design pixels for a mark


def mark_time(plot: Any, end: float) -> None:
    """Mark the bottom of a pyqtgraph plot from 0 to `end` kimg; the first above 0 has the unit."""
    room = plot.getPlotItem().getViewBox().size().width()
    plot.getAxis("bottom").setTicks([time_ticks(end, int(room // scaled(_ROOM)))])


def time_ticks(end: float, most: int) -> list[Tick]:
    """Return up to about `most` marks from 0 to `end` kimg; the first above 0 names the unit."""
    unit, name = (MEGA, "Mimg") if end >= LONG else (1, "kimg")
    ticks = range_ticks(0.0, end / unit, max(3, most))
    return [
        (at * unit, f"{text} {name}" if place == 1 else text)
        for place, (at, text) in enumerate(ticks)
    ]
