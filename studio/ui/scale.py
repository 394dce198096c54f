"""Map the value of a knob to the place of a slider's handle and back: arithmetic, no widgets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.diffusion import Knob

_END = 0.06
"""Share of a logarithmic slider that leads from its first level to 0, or from its last to ∞."""
_DECADES = 4
"""Levels a logarithmic slider spans where the knob names no lower end of its own."""
_PIXELS = 100
"""Places a person can tell apart on a slider; dragging rounds no coarser than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Hold the bounds of a value (`low`, `high`) and the finite ends of its slider."""

    low: float
    high: float
    left: float
    right: float
    log: bool = False
    integer: bool = False
    step: float | None = None

    @classmethod
    def of(cls, knob: Knob, *others: Knob) -> Scale:
        """Return the scale of one knob, or the common one of several."""
        knobs = (knob, *others)
        lefts, rights = zip(*(_ends(k) for k in knobs), strict=True)
        return cls(
            low=min(k.low for k in knobs),
            high=max(k.high for k in knobs),
            left=min(lefts),
            right=max(rights),
            log=any(k.log for k in knobs),
            integer=knob.kind == "int",
            step=knob.step,
        )

    @property
    def first(self) -> float:
        """Return the lowest level of the logarithmic part."""
        return self.left if self.left > 0 else self.right / 10**_DECADES

    @property
    def endless(self) -> bool:
        """Tell whether the right end stands for ∞."""
        return self.log and math.isinf(self.high)

    def fraction(self, value: float) -> float:
        """Return where `value` lies between the ends, from 0 to 1; outside them, the nearer end."""
        if value >= self.right:
            return self._stops()[1] if self.endless and not math.isinf(value) else 1.0
        if value <= self.left:
            return 0.0
        if not self.log:
            return (value - self.left) / (self.right - self.left)
        start, stop = self._stops()
        if value < self.first:
            return start * value / self.first
        share = math.log(value / self.first) / math.log(self.right / self.first)
        return start + share * (stop - start)

    def value(self, fraction: float) -> float:
        """Return the round value that a handle at `fraction` stands for; the ends are exact."""
        if fraction >= 1.0:
            return math.inf if self.endless else self.right
        if fraction <= 0.0:
            return self.left
        exact = self._exact(fraction)
        if math.isinf(exact) or exact == self.left:
            return exact
        if self.integer:
            return float(round(exact))
        grid = self._grid(fraction)
        return min(max(_clean(round(exact / grid) * grid), self.left), self.right)

    def stepped(self, value: float, count: int) -> float:
        """Return `value` after `count` presses of an arrow key, within the bounds.

        Linear scales move by the knob's step; logarithmic ones by the second significant digit.
        """
        if not self.log:
            moved = _along(value, self.step or self._linear_grid(), count)
            return min(max(moved, self.low), self.high)
        for _ in range(abs(count)):
            value = self._up(value) if count > 0 else self._down(value)
        return value

    def _stops(self) -> tuple[float, float]:
        """Return the fractions between which the scale is logarithmic."""
        return (_END if self.left <= 0 else 0.0), (1.0 - _END if self.endless else 1.0)

    def _exact(self, fraction: float) -> float:
        if not self.log:
            return self.left + fraction * (self.right - self.left)
        start, stop = self._stops()
        if fraction < start / 2:
            return self.left
        if self.endless and fraction > (1 + stop) / 2:
            return math.inf
        share = min(max((fraction - start) / (stop - start), 0.0), 1.0)
        return float(self.first * (self.right / self.first) ** share)

    def _grid(self, fraction: float) -> float:
        """Return the coarsest power of ten that still tells neighbouring places apart."""
        if not self.log:
            return self.step or self._linear_grid()
        exact = self._exact(fraction)
        return _power_below(exact * ((self.right / self.first) ** (1 / _PIXELS) - 1))

    def _linear_grid(self) -> float:
        return 1.0 if self.integer else _power_below((self.right - self.left) / _PIXELS)

    def _up(self, value: float) -> float:
        if self.endless and value >= self.right:
            return math.inf
        if value < self.first:
            return min(_clean(self.first), self.high)
        return min(_along(value, self._decade(value), 1), self.high)

    def _down(self, value: float) -> float:
        if math.isinf(value):
            return self.right
        if value <= self.first * (1 + 1e-9) and self.low <= 0:
            return self.low
        return max(_along(value, self._decade(value * (1 - 1e-6)), -1), self.low)

    def _decade(self, value: float) -> float:
        step = _power_below(value) / 10
        return max(step, 1.0) if self.integer else step


def _ends(knob: Knob) -> tuple[float, float]:
    """Return the finite ends of a knob's slider."""
    left, right = knob.soft or (knob.low, knob.high)
    if math.isinf(left):
        left = 0.0
    if math.isinf(right):
        right = max(left, 1.0) * 10**2
    return float(left), float(right)


def _along(value: float, step: float, count: int) -> float:
    """Move to the `count`-th multiple of `step` beyond `value`."""
    place = value / step
    start = math.floor(place + 1e-6) if count > 0 else math.ceil(place - 1e-6)
    return _clean((start + count) * step)


def _power_below(value: float) -> float:
    return float(f"1e{math.floor(math.log10(value) + 1e-9)}")


def _clean(value: float) -> float:
    return float(f"{value:.12g}")
