"""Smooth a curve without making it late, or flat at its ends: arithmetic, no Qt."""

from __future__ import annotations

import numpy as np

STRENGTHS: tuple[tuple[str, float], ...] = (
    ("none", 0.0),
    ("light", 0.005),
    ("medium", 0.02),
    ("strong", 0.06),
)
"""Names of how much is smoothed, with the width of the kernel as a share of the curve."""
_AROUND = 5  # values of which the middle one counts
_REACH = 3.5  # standard deviations at which the kernel ends


def smoothed(values: np.ndarray, share: float) -> np.ndarray:
    """Return values: (N,), at even steps, without outliers and without noise; NaN stays.

    First the median of five neighbours takes the place of each. Then every value becomes that of
    the straight line through its surroundings, by weighted least squares (Cleveland 1979) with a
    normal kernel of standard deviation `share` * N.
    """
    width = share * len(values)
    if width * _REACH < 1:
        return values
    known = ~np.isnan(values)
    plain = np.where(known, _medians(values), 0.0)
    reach = min(int(width * _REACH), len(values) - 1)
    steps = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (steps / width) ** 2)

    def moment(power: int, of: np.ndarray) -> np.ndarray:
        # np.convolve turns the kernel around, in which odd powers change their sign.
        whole = np.convolve(of, weights * (-steps) ** power)
        return whole[reach : reach + len(values)]

    s0, s1, s2 = (moment(power, known.astype(float)) for power in range(3))
    t0, t1 = (moment(power, plain) for power in range(2))
    spread = s0 * s2 - s1**2
    fitted = known & (spread > 1e-9 * s0**2)
    lines: np.ndarray = np.divide(s2 * t0 - s1 * t1, spread, out=values.copy(), where=fitted)
    return lines


def _medians(values: np.ndarray) -> np.ndarray:
    """Return the medians of five neighbours, of fewer towards both ends."""
    known = ~np.isnan(values)
    medians, own = values.copy(), values[known]
    count, half = len(own), _AROUND // 2
    if count >= _AROUND:
        windows = np.lib.stride_tricks.sliding_window_view(own, _AROUND)
        first = [np.median(own[: 2 * at + 1]) for at in range(half)]
        last = [np.median(own[count - 2 * at - 1 :]) for at in reversed(range(half))]
        medians[known] = np.concatenate([first, np.median(windows, axis=1), last])
    return medians
