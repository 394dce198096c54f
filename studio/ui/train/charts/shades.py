"""Colours for values, from the quiet end of the theme to its orange."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from studio.ui.theme import current

_QUIET = 0.1  # share of orange in the lowest colour, so that it does not look empty


def shade(share: float) -> str:
    """Return the colour, "#rrggbb", of a share from 0 to 1."""
    red, green, blue, _ = shades(np.array([share]))[0].tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def shades(shares: np.ndarray) -> np.ndarray:
    """Return RGBA, (…, 4) uint8, of shares from 0 to 1; NaN is clear."""
    tokens = current()
    quiet, loud = (_rgb(color) for color in (tokens.line, tokens.noise))
    known = ~np.isnan(shares)
    mixed = _QUIET + (1 - _QUIET) * np.where(known, shares, 0.0).clip(0, 1)[..., None]
    colors = quiet * (1 - mixed) + loud * mixed
    alpha = np.where(known, 255, 0)[..., None]
    return np.concatenate([colors.round(), alpha], axis=-1).astype(np.uint8)


def _rgb(color: str) -> np.ndarray:
    made = QColor(color)
    return np.array([made.red(), made.green(), made.blue()])
