"""Gaussian pictures, whose denoiser and whose posterior have closed forms."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion import Measurement
    from studio.diffusion.inverse.operator import Operator

_WIDE = 1e-4  # of the largest variance: directions below it are as good as measured


@dataclass(frozen=True)
class GaussianPictures:
    """Pictures of variance 1 whose covariance falls off as a Gaussian of the distance.

    length: of that Gaussian, in pixels; 0 leaves the pixels uncorrelated. nugget: the variance of
    each pixel for itself, over that which it shares.
    """

    shape: tuple[int, int, int] = (1, 6, 6)
    length: float = 1.0
    nugget: float = 0.2

    @cached_property
    def mean(self) -> "Tensor":
        """Return the mean: (n,)."""
        import torch

        return 0.3 * torch.sin(torch.arange(math.prod(self.shape), dtype=torch.float64))

    @cached_property
    def covariance(self) -> "Tensor":
        """Return the covariance: (n, n)."""
        import torch

        channels, height, width = self.shape
        places = torch.cartesian_prod(torch.arange(height), torch.arange(width)).double()
        one: Tensor = torch.eye(len(places), dtype=torch.float64)
        if self.length:
            apart = torch.cdist(places, places).square()
            one = (torch.exp(-apart / (2 * self.length**2)) + self.nugget * one) / (1 + self.nugget)
        return torch.kron(torch.eye(channels, dtype=torch.float64), one)

    def denoiser(self) -> "Callable[[Tensor, float], Tensor]":
        """Return D(x; sigma) = m + C (C + sigma² I)⁻¹ (x - m)."""
        import torch

        values, vectors = torch.linalg.eigh(self.covariance)

        def denoise(x: "Tensor", sigma: float) -> "Tensor":
            spectral = (x.flatten(1) - self.mean) @ vectors
            kept = spectral * (values / (values + sigma**2))
            found: Tensor = (self.mean + kept @ vectors.T).reshape(x.shape)
            return found

        return denoise

    def drawn(self, unit: "Tensor") -> "Tensor":
        """Return pictures made of unit noise (B, C, H, W)."""
        import torch

        root = torch.linalg.cholesky(self.covariance)
        found: Tensor = (self.mean + unit.flatten(1) @ root.T).reshape(unit.shape)
        return found

    def posterior(self, given: "Measurement") -> "Posterior":
        """Return what pictures are distributed as once a measurement is known, y of one row."""
        import torch

        matrix = self._matrix(given.operator)
        spread = matrix @ self.covariance @ matrix.T
        spread = spread + given.sigma0**2 * torch.eye(len(matrix), dtype=torch.float64)
        # Where nothing is measured y is 0, and so are a row of the matrix and one of the spread.
        gain = self.covariance @ matrix.T @ torch.linalg.pinv(spread, rtol=1e-10, hermitian=True)
        mean = self.mean + gain @ (given.y[0].flatten() - matrix @ self.mean)
        return Posterior(mean, self.covariance - gain @ matrix @ self.covariance)

    def _matrix(self, operator: "Operator") -> "Tensor":
        import torch

        n = math.prod(self.shape)
        basis = torch.eye(n, dtype=torch.float64).reshape(n, *self.shape)
        return operator.apply(basis).flatten(1).T


@dataclass(frozen=True)
class Posterior:
    """A Gaussian of mean (n,) and covariance (n, n)."""

    mean: "Tensor"
    covariance: "Tensor"

    def apart(self, x: "Tensor") -> tuple[float, float]:
        """Return how far samples x: (B, C, H, W) are off in mean and in standard deviation.

        Both are in standard deviations of the posterior, along its axes, those left out along
        which it has hardly any width: the root mean square of the mean, and the mean of the std.
        """
        import torch

        values, vectors = torch.linalg.eigh(self.covariance)
        wide = values > _WIDE * values.max()
        axes = (x.flatten(1) - self.mean) @ vectors[:, wide] / values[wide].sqrt()
        return float(axes.mean(0).square().mean().sqrt()), float(axes.std(0).mean() - 1)
