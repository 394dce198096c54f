"""What the vertical axis of the schedule can show of a noise level: plain arithmetic, no Qt."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, log, log10

from studio.ui.ticks import Tick, log_ticks, range_ticks


@dataclass(frozen=True, slots=True)
class SigmaAxis:
    """Put a σ above 0 at a height and a height back to its σ; `ticks(low, high, most)` marks it.

    `zero` is the height of σ = 0, None where it lies infinitely far away.
    """

    id: str
    label: str
    height: Callable[[float], float]
    sigma: Callable[[float], float]
    ticks: Callable[[float, float, int], list[Tick]]
    zero: float | None = None


LOG = SigmaAxis("log", "log σ", log10, lambda y: 10.0 ** min(max(y, -12), 12), log_ticks)
LINEAR = SigmaAxis("linear", "σ", float, lambda y: max(y, 1e-9), range_ticks, 0.0)
SNR = SigmaAxis(
    "snr",
    "log SNR",
    lambda sigma: -2 * log(sigma),
    lambda y: exp(min(max(-y / 2, -27), 27)),
    range_ticks,
)
AXES = {axis.id: axis for axis in (LOG, LINEAR, SNR)}


def time_axis(table: Sequence[float]) -> SigmaAxis:
    """Return the axis of a discrete model's own time: the place in its table of rising σ."""
    logs = [log(sigma) for sigma in table]
    last = len(logs) - 1

    def height(sigma: float) -> float:
        at = log(sigma)
        above = min(max(bisect_left(logs, at), 1), last)
        low, high = logs[above - 1], logs[above]
        return min(max(above - 1 + (at - low) / (high - low), 0.0), float(last))

    def sigma(y: float) -> float:
        place = min(max(y, 0.0), float(last))
        low = min(int(place), last - 1)
        return exp(logs[low] + (place - low) * (logs[low + 1] - logs[low]))

    return SigmaAxis("time", "t of the model", height, sigma, range_ticks)


def bounds(axis: SigmaAxis, sigmas: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and highest place of the levels above 0, or usual ones without any."""
    heights = [axis.height(sigma) for sigma in sigmas if sigma > 0]
    if not heights:
        heights = [axis.height(sigma) for sigma in (0.01, 100.0)]
    return min(heights, default=-inf), max(heights, default=inf)
