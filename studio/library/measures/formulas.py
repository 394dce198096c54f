"""Formulas of the measures, each for a batch of pictures.

Everywhere x: (B, C, H, W) is a state of noise level σ in the coordinates of Karras et al. 2022
(s = 1, σ(t) = t), x̂₀ the denoised estimate D(x; σ), and d = C·H·W.
"""

from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from studio.library.archive import Array

Figures = NDArray[np.floating]
"""One figure for each picture, (B,)."""


def rms(values: Array) -> Figures:
    """Return sqrt(mean v²) of each picture, (B,), of values: (B, ...)."""
    flat = values.reshape(len(values), -1)
    figures: Figures = np.sqrt(np.einsum("ij,ij->i", flat, flat) / flat.shape[1])
    return figures


def distance(estimate: Array, final: Array) -> Figures:
    """Return how far each x̂₀ is from the final picture: ‖x̂₀ − x_final‖ / √d, in its units."""
    return rms(estimate - final)


def direction(state: Array, estimate: Array, sigma: float) -> Array:
    """Return ε = (x − x̂₀) / σ, (B, C, H, W): the noise that the model sees in the state.

    It is dx/dσ, the direction of the probability flow (Karras et al. 2022, Eq. 1 with Eq. 3).
    At σ = 0 there is none: NaN.
    """
    if sigma <= 0:
        return np.full_like(state, np.nan)
    return (state - estimate) / sigma


def noise_norm(epsilon: Array) -> Figures:
    """Return ‖ε‖ / √d: 1 is expected of unit normal noise, see `noise_band`.

    That of the noise which a perfect model expects, E[ε | x], lies at or below it, since
    E‖E[ε | x]‖² = d − tr Cov(ε | x): what falls short is what the model cannot know.
    """
    return rms(epsilon)


def noise_band(count: int) -> tuple[float, float]:
    """Return 1 ± 1/√(2d): the mean of ‖ε‖/√d for d = `count` unit normals, ± one deviation.

    ‖ε‖ has the chi distribution; its mean is √d·(1 − 1/(4d) + …), its deviation 1/√2 + ….
    """
    deviation = 1 / sqrt(2 * count)
    return 1 - deviation, 1 + deviation


def cosine(before: Array, now: Array) -> Figures:
    """Return ⟨ε, ε′⟩ / (‖ε‖·‖ε′‖) of each picture: 1 where the path goes straight on.

    `before`, `now`: the directions of two successive steps. Where one is zero: NaN.
    """
    one, other = (array.reshape(len(array), -1) for array in (before, now))
    dot = np.einsum("ij,ij->i", one, other)
    lengths = np.sqrt(np.einsum("ij,ij->i", one, one) * np.einsum("ij,ij->i", other, other))
    with np.errstate(invalid="ignore", divide="ignore"):
        figures: Figures = np.clip(dot / lengths, -1.0, 1.0)
    return figures


def curvature(change: Figures, sigma_before: float, sigma: float) -> Figures:
    """Return ‖x̂₀′ − x̂₀‖ / √d / |ln σ′ − ln σ|, in units of the picture per e-fold of σ.

    change: (B,), the RMS by which x̂₀ differs from that of the step before. From Eq. 1 of Karras et
    al. 2022, dx/dσ = (x − D)/σ, follows d²x/dσ² = −(1/σ²) dD/d ln σ along the path: this is
    σ²·RMS(d²x/dσ²), to which the truncation error of an Euler step is proportional. It is 0 where
    the path is straight. Where σ did not change or is 0: NaN.
    """
    if min(sigma_before, sigma) <= 0 or sigma == sigma_before:
        return np.full(change.shape, np.nan)
    return change / abs(log(sigma / sigma_before))


def unsettled(estimate: Array, final: Array, tolerance: float) -> NDArray[np.bool_]:
    """Tell for each pixel, (B, H, W), whether any channel differs by more than `tolerance`."""
    far: NDArray[np.bool_] = (np.abs(estimate - final) > tolerance).any(axis=1)
    return far
