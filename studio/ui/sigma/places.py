"""Where a noise level lies on the axis of steps, and a value on its own scale: no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

from studio.diffusion.curve import Curve

_TAIL = (0.5, 0.25, 0.1, 0.03, 0.01)
"""Shares of the last level above 0 at which a curve is drawn on its way to 0."""
_LEAST = 1e-3


@dataclass(frozen=True, slots=True)
class Places:
    """Put a σ between the steps of a list, straight in ln σ; the last way to 0 is straight in σ.

    A level that a list passes more than once has its place where it is passed first.
    """

    levels: tuple[float, ...]

    @property
    def _above(self) -> tuple[float, ...]:
        return tuple(level for level in self.levels if level > 0)

    def place(self, sigma: float) -> float:
        """Return the place of a level above 0, in steps; beyond the list it is that of its end."""
        above = self._above
        if sigma >= above[0]:
            return 0.0
        for step, (high, low) in enumerate(pairwise(above)):
            if low <= sigma < high:
                return step + log(high / sigma) / log(high / low)
        beyond = 1 - sigma / above[-1] if self.levels[-1] == 0 else 0.0
        return len(above) - 1 + max(0.0, beyond)

    def sigma(self, place: float) -> float:
        """Return the level at a place."""
        above = self._above
        last = len(above) - 1
        if place >= last:
            gone = place - last if self.levels[-1] == 0 else 0.0
            return above[-1] * max(1 - gone, _LEAST)
        step = max(0, int(place))
        share = min(max(place - step, 0.0), 1.0)
        return exp((1 - share) * log(above[step]) + share * log(above[step + 1]))

    def trace(self, curve: Curve) -> tuple[list[float], list[float]]:
        """Return places and values between which a curve is drawn with straight lines."""
        above = self._above
        xs, values = [0.0], [curve(above[0])]
        for step, (high, low) in enumerate(pairwise(above)):
            inside = [point for point in curve.points if low < point[0] < high]
            xs += [step + log(high / sigma) / log(high / low) for sigma, _ in inside]
            values += [value for _, value in inside]
            edge = [value for sigma, value in curve.points if sigma == low][:-1]
            xs += [step + 1.0] * (len(edge) + 1)
            values += [*edge, curve(low)]
        if self.levels[-1] == 0:
            below = {above[-1] * share for share in _TAIL}
            marks = sorted(below | {s for s in curve.levels if s < above[-1]}, reverse=True)
            xs += [self.place(sigma) for sigma in marks]
            values += [curve(sigma) for sigma in marks]
        return xs, values


@dataclass(frozen=True, slots=True)
class ValueScale:
    """Put values from 0 to `top` between two heights of a plot."""

    top: float
    floor: float
    ceiling: float

    @classmethod
    def within(cls, top: float, bottom_edge: float, top_edge: float) -> "ValueScale":
        """Return the scale that leaves a margin at both edges of a view."""
        span = top_edge - bottom_edge
        return cls(top, bottom_edge + 0.08 * span, top_edge - 0.06 * span)

    def height(self, value: float) -> float:
        """Return the height of a value."""
        return self.floor + value / self.top * (self.ceiling - self.floor)

    def value(self, height: float) -> float:
        """Return the value at a height, at least 0."""
        share = (height - self.floor) / (self.ceiling - self.floor)
        return max(0.0, share * self.top)


def round_top(values: Sequence[float], usual: float) -> float:
    """Return a round top of a scale on which values can also be raised; `usual` at least."""
    wanted = max(1.15 * max(values, default=0.0), usual, 1e-9)
    power = 10.0 ** int(log(wanted, 10) - (wanted < 1))
    return next(d * power for d in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 20) if d * power >= wanted)


def round_step(top: float) -> float:
    """Return the distance of the round values that a point snaps to: 1, 2 or 5 of a power."""
    wanted = top / 25
    power = 10.0 ** int(log(wanted, 10) - (wanted < 1))
    return next(d * power for d in (1, 2, 5, 10, 20) if d * power >= wanted * 0.999)
