"""Smooth a curve without making it late: arithmetic, no Qt."""

from __future__ import annotations

import numpy as np

STRENGTHS: tuple[tuple[str, float], ...] = (
    ("none", 0.0),
    ("light", 0.005),
    ("medium", 0.02),
    ("strong", 0.06),
)
"""Names of how much is smoothed, with the half-life as a share of the length of the run."""


def smoothed(kimg: np.ndarray, values: np.ndarray, half_life: float) -> np.ndarray:
    """Return values: (N,) averaged with weights .5^(|Δkimg| / half_life) to both sides.

    The weights always sum to one, so that neither end leans to 0 (as the bias correction of Adam,
    Kingma & Ba 2015, section 3). NaN counts for nothing, and stays.
    """
    if half_life <= 0 or not len(values):
        return values
    decay = 0.5 ** (np.diff(kimg, prepend=kimg[:1]) / half_life)
    known = ~np.isnan(values)
    filled = np.stack([np.where(known, values, 0.0), known.astype(float)], axis=1)
    before = _running(filled, decay)
    after = _running(filled[::-1], np.roll(decay, -1)[::-1])[::-1]
    sums, weights = (before + after - filled).T
    mean: np.ndarray = np.divide(sums, weights, out=np.full(len(values), np.nan), where=known)
    return mean


def _running(values: np.ndarray, decay: np.ndarray) -> np.ndarray:
    """Return sums: (N, 2) of which each is `decay` times the one before, plus its own values."""
    sums = np.empty_like(values)
    total = np.zeros(2)
    for place, (own, share) in enumerate(zip(values, decay, strict=True)):
        total = total * share + own
        sums[place] = total
    return sums
