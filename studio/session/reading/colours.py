"""Colours for numbers: tables of 256, evenly spaced to the eye.

The tables are straight lines in Oklab, a space in which equal distances look equally different
(Ottosson 2020, “A perceptual color space for image processing”).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.uint8]
"""(256, 3): red, green and blue."""

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_RISING = ("#16121f", "#2f3a66", "#2f8f93", "#9fd98a", "#fff4c2")
_SIGNED = ("#8fe9de", "#15161c", "#ffbf80")
_COUNT = 256


def oklab(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the Oklab coordinates of sRGB pixels, (..., 3)."""
    srgb = pixels / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    lab: NDArray[np.float64] = np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T
    return lab


def srgb(lab: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the sRGB pixels of Oklab coordinates, (..., 3), the nearest that a screen has."""
    linear = np.clip(((lab @ np.linalg.inv(_TO_LAB).T) ** 3) @ np.linalg.inv(_TO_LMS).T, 0, 1)
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(coded * 255).astype(np.uint8)


@cache
def rising() -> Table:
    """Return the table for numbers from 0 up: dark to bright."""
    return _table(_RISING)


@cache
def signed() -> Table:
    """Return the table for numbers around 0: both ends equally bright, 0 dark in the middle."""
    return _table(_SIGNED)


def coloured(values: NDArray[np.floating], low: float, high: float, table: Table) -> Table:
    """Return the colours of values between `low` and `high`, (..., 3); beyond, those of the ends.

    What is no number gets the colour of 0, or of `low`.
    """
    nothing = min(max(0.0, low), high)
    places = (np.nan_to_num(values, nan=nothing) - low) * ((_COUNT - 1) / (high - low)) + 0.5
    pixels: Table = table[np.clip(places, 0, _COUNT - 1).astype(np.uint8)]
    return pixels


def round_above(value: float) -> float:
    """Return the least of 1, 2 or 5 times a power of ten that is not below `value`; at least 1e-6.

    Scales that end there stay the same from one step to the next.
    """
    value = max(value, 1e-6)
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(m * power for m in (1, 2, 5, 10) if m * power >= value * (1 - 1e-6)))


def _table(colours: tuple[str, ...]) -> Table:
    corners = oklab(np.array([list(bytes.fromhex(c[1:])) for c in colours], np.uint8))
    lengths = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    places = np.linspace(0, along[-1], _COUNT)
    return srgb(np.stack([np.interp(places, along, axis) for axis in corners.T], axis=-1))
