"""Onion skin: earlier and later x̂₀ faintly beneath the present one."""

import numpy as np
from numpy.typing import NDArray

from studio.library import Trajectory
from studio.library.measures.walks import pieces


def ghosts(index: int, count: int, before: int, after: int) -> dict[int, float]:
    """Return the weights of the steps around `index`, of `count`: they halve with each step away.

    The weights add up to 1; at an end of the run there may be fewer steps, or none.
    """
    around = [*range(index - before, index), *range(index + 1, index + after + 1)]
    weights = {step: 0.5 ** abs(step - index) for step in around if 0 <= step < count}
    total = sum(weights.values())
    return {step: weight / total for step, weight in weights.items()}


def onion(
    frames: Trajectory, index: int, before: int, after: int, opacity: float
) -> NDArray[np.uint8]:
    """Return (1 - opacity) · present + opacity · mean of its ghosts, as uint8 (B, H, W, 3)."""
    present = frames.preview(index)
    weights = ghosts(index, len(frames), before, after)
    if not weights:
        return present
    blended = np.empty_like(present)
    for part in pieces(present.shape, 4):
        mixed = present[part] * np.float32(1 - opacity)
        for step, weight in weights.items():
            mixed += frames.preview(step, part) * np.float32(opacity * weight)
        blended[part] = np.round(mixed).astype(np.uint8)
    return blended
