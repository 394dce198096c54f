"""Choose the marks of an axis: plain arithmetic, no Qt."""

from __future__ import annotations

from math import ceil, floor, isfinite, log10

Tick = tuple[float, str]

_STRIDES = (1, 2, 4, 5, 10, 20, 25, 50)


def step_ticks(total: int, most: int) -> list[Tick]:
    """Return marks for steps numbered from 1 to `total` whose places count from 0.

    They are the first and the multiples of a round number, about `most` of them.
    """
    stride = next(
        stride * power
        for power in (10**exponent for exponent in range(0, 12, 2))
        for stride in _STRIDES
        if total // (stride * power) <= max(1, most)
    )
    first = [1] if stride >= 4 else []
    return [(number - 1.0, str(number)) for number in (*first, *range(stride, total + 1, stride))]


def log_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Return marks between the logarithms (base 10) `low` and `high`, `most` of them at most.

    They stand at powers of ten, or at 1, 2 and 5 where those are fewer than two.
    """
    decades = range(ceil(low), floor(high) + 1)
    stride = next(n for n in range(1, 400) if len(decades) / n <= max(1, most))
    chosen = [float(decade) for decade in decades if decade % stride == 0]
    if len(chosen) < 2:
        within = [
            decade + log10(digit)
            for decade in range(floor(low), ceil(high) + 1)
            for digit in (1, 2, 5)
        ]
        chosen = [mark for mark in within if low <= mark <= high]
    return [(mark, power_text(10**mark)) for mark in chosen]


def linear_ticks(high: float, most: int) -> list[Tick]:
    """Return 0 and up to `most` marks to `high`, at multiples of 1, 2 or 5 times a power of ten."""
    if not (isfinite(high) and high > 0):
        return [(0.0, "0")]
    exponent = floor(log10(high)) - 1
    stride = next(
        digit * 10.0**power
        for power in range(exponent, exponent + 4)
        for digit in (1, 2, 5)
        if int(high / (digit * 10.0**power) + 1e-9) <= max(2, most)
    )
    count = int(high / stride + 1e-9)
    return [(index * stride, _short(index * stride)) for index in range(count + 1)]


def range_ticks(low: float, high: float, most: int) -> list[Tick]:
    """Return up to `most` marks between two numbers, at multiples of 1, 2 or 5 times a power."""
    if not (isfinite(low) and isfinite(high) and high > low):
        return []
    exponent = floor(log10(high - low)) - 1
    stride = next(
        digit * 10.0**power
        for power in range(exponent, exponent + 4)
        for digit in (1, 2, 5)
        if (high - low) / (digit * 10.0**power) <= max(2, most)
    )
    return [
        (index * stride, f"{index * stride:.6g}")
        for index in range(ceil(low / stride), floor(high / stride) + 1)
    ]


def power_text(value: float) -> str:
    """Return a mark's text: plain from 0.001 to 9999, else with an exponent."""
    if 0.9e-3 < value < 1e4:
        return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit}e{int(exponent)}"


def _short(value: float) -> str:
    """Return a mark of few characters: 0.02, but 2e-4 and 1.5e-3."""
    if value == 0 or 0.01 <= value < 1e4:
        return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits.removesuffix('.0')}e{int(exponent)}"


def figure(value: float) -> str:
    """Return a measured value in three significant digits, such as "0.296"."""
    if value == 0 or 1e-4 <= abs(value) < 1e4:
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    digits, exponent = f"{value:.2e}".split("e")
    return f"{digits}e{int(exponent)}"
