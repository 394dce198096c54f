"""The Fréchet distance between two Gaussians, by which sets of pictures are compared."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def moments(features: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """Return mean, (D,), and unbiased covariance, (D, D), of features: (N, D), N >= 2.

    Raises:
        ValueError: there are fewer than two.
    """
    if len(features) < 2:
        raise ValueError("A Fréchet distance takes at least two pictures; use more seeds.")
    wide = np.asarray(features, np.float64)
    return wide.mean(axis=0), np.atleast_2d(np.cov(wide, rowvar=False))


def frechet_distance(mean_a: Floats, cov_a: Floats, mean_b: Floats, cov_b: Floats) -> float:
    """Return |m_a - m_b|² + tr(C_a + C_b - 2 (C_a C_b)^½) (Heusel et al. 2017, equation 6).

    The trace of the root is that of (A C_b A)^½ with A = C_a^½, whose eigenvalues are real.
    """
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ cov_b @ root).clip(min=0)).sum()
    apart = float(np.square(mean_a - mean_b).sum())
    return max(0.0, apart + float(np.trace(cov_a) + np.trace(cov_b) - 2 * cross))
