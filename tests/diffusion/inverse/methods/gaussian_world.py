"""Gaussian data, whose posterior is known, and operators stated as matrices.

Nothing here uses the code under test save the contract of operators.
"""

import math
from dataclasses import dataclass

import torch

from studio.diffusion import Measurement, begin_state, sample
from studio.diffusion.inverse.operator import Operator, SpectralOperator
from studio.diffusion.inverse.svd import Svd


class MatrixSvd(Svd):
    """The decomposition of a matrix (m, n) that measures pictures of `shape`."""

    def __init__(self, matrix, shape):
        super().__init__()
        self.shape, n = shape, matrix.shape[1]
        left, values, right = torch.linalg.svd(matrix)
        count = int((values > 1e-9).sum())
        self._values, self.left = torch.zeros(n).double(), torch.zeros(len(matrix), n).double()
        self._values[:count], self.left[:, :count] = values[:count], left[:, :count]
        self.right = right

    @property
    def singulars(self):
        return self._values

    def vt(self, x):
        return x.flatten(1) @ self.right.T.to(x)

    def v(self, spectral):
        return (spectral @ self.right.to(spectral)).reshape(-1, *self.shape)

    def ut(self, y):
        return y @ self.left.to(y)

    def u(self, spectral):
        return spectral @ self.left.T.to(spectral)


class Matrix(SpectralOperator):
    """Measure by a matrix (m, n), with its singular values."""

    def __init__(self, matrix, shape):
        super().__init__(shape, (len(matrix),))
        self.matrix, self.parts = matrix, MatrixSvd(matrix, shape)

    @property
    def svd(self):
        return self.parts


class Bare(Operator):
    """Measure the means of 2 x 2 pixels, with an adjoint and nothing else."""

    def __init__(self, shape):
        channels, height, width = shape
        super().__init__(shape, (channels, height // 2, width // 2))

    def apply(self, x):
        return (x[..., ::2, :] + x[..., 1::2, :]).unfold(-1, 2, 2).sum(-1) / 4

    def adjoint(self, y):
        return y.repeat_interleave(2, -1).repeat_interleave(2, -2) / 4


class Rounded(Operator):
    """Round to quarters, which is no matrix; rounding counts as doing nothing for slopes."""

    linear = False

    def __init__(self, shape):
        super().__init__(shape, shape)

    def apply(self, x):
        return (x * 4).round() / 4

    def adjoint(self, y):
        raise ValueError("no matrix")

    def pinv(self, y):
        return y

    def pull(self, x, cotangent):
        return cotangent


def known(shape):
    """Return a mask with a hole of 2 x 2 pixels: (1, H, W), 1 where known."""
    mask = torch.ones(1, *shape[1:]).double()
    mask[:, 1:3, 1:3] = 0
    return mask


def matrix_of(measure, shape):
    """Return the matrix of a linear function of pictures."""
    n = math.prod(shape)
    return measure(torch.eye(n).double().reshape(n, *shape)).flatten(1).T.contiguous()


def hole(shape):
    mask = known(shape).expand(shape)
    return Matrix(matrix_of(lambda x: x[:, mask > 0], shape), shape)


def shrunk(shape):
    return Matrix(matrix_of(Bare(shape).apply, shape), shape)


def blurred(shape):
    def blur(x):
        x = (x.roll(1, -1) + 2 * x + x.roll(-1, -1)) / 4
        return (x.roll(1, -2) + 3 * x + x.roll(-1, -2)) / 5

    return Matrix(matrix_of(blur, shape), shape)


OPERATORS = {"hole": hole, "shrunk": shrunk, "blurred": blurred}


@dataclass(frozen=True)
class Prior:
    """Gaussian pictures of a covariance (n, n) that falls off with distance."""

    shape: tuple = (1, 4, 4)
    length: float = 1.0
    nugget: float = 0.1

    @property
    def mean(self):
        return 0.3 * torch.sin(torch.arange(math.prod(self.shape)).double())

    @property
    def covariance(self):
        channels, height, width = self.shape
        where = torch.cartesian_prod(torch.arange(height), torch.arange(width)).double()
        apart = torch.cdist(where, where).square()
        near = torch.exp(-apart / (2 * self.length**2)) if self.length else torch.eye(len(where))
        near = (near + self.nugget * torch.eye(len(where))) / (1 + self.nugget)
        return torch.block_diag(*[near.double()] * channels)

    def denoiser(self):
        """Return x, sigma -> mean + C (C + sigma² I)⁻¹ (x - mean)."""
        values, vectors = torch.linalg.eigh(self.covariance)
        mean = self.mean

        def denoise(x, sigma):
            spectral = (x.double().flatten(1) - mean) @ vectors
            kept = (spectral * (values / (values + sigma**2))) @ vectors.T
            return (mean + kept).reshape(x.shape).to(x)

        return denoise

    def draw(self, count=1, seed=7):
        unit = torch.randn(count, math.prod(self.shape), generator=generator(seed)).double()
        root = torch.linalg.cholesky(self.covariance)
        return (self.mean + unit @ root.T).reshape(-1, *self.shape)

    def posterior(self, given):
        """Return mean, (n,), and covariance, (n, n), of the pictures given a measurement."""
        matrix, covariance = given.operator.matrix, self.covariance
        spread = matrix @ covariance @ matrix.T + given.sigma0**2 * torch.eye(len(matrix))
        gain = torch.linalg.solve(spread, matrix @ covariance).T
        mean = self.mean + gain @ (given.y[0].flatten() - matrix @ self.mean)
        return mean, covariance - gain @ matrix @ covariance


def generator(seed):
    return torch.Generator().manual_seed(seed)


def noise(shape, count, seed=0):
    """Return unit noise for `count` pictures."""
    return torch.randn((count, *shape), dtype=torch.float64, generator=generator(seed))


def given(operator, x, sigma0=0.0, seed=3):
    """Return the measurement of pictures x."""
    y = operator.apply(x)
    y = y + sigma0 * torch.randn(y.shape, dtype=torch.float64, generator=generator(seed))
    return Measurement(operator=operator, y=y, sigma0=sigma0)


def drawn(shape, count, seed=17):
    """Return a source of step noise for `count` pictures, the same in every run."""
    source = generator(seed)
    return lambda *_levels: torch.randn((count, *shape), dtype=torch.float64, generator=source)


def restored(denoise, method, given, unit, sigmas, *, source=None, **knobs):
    """Return all steps of a method from unit noise."""
    x = begin_state(method, given, unit, sigmas, **knobs)
    source = source or drawn(unit.shape[1:], len(unit))
    return list(sample(denoise, x, sigmas, method, given=given, noise=source, **knobs))
