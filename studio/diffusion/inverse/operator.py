"""A degradation operator: what is measured of a picture."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from studio.diffusion.inverse.conjugate import conjugate_gradients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from studio.diffusion.inverse.svd import Svd

Shape = tuple[int, int, int]
"""Channels, height and width of a picture."""


class Operator(ABC):
    """Measure pictures of one shape (C, H, W): y = H(x), of shape `measured` for each picture.

    All methods take and return batches, (B, *shape) or (B, *measured), in the dtype and on the
    device of what they are given; no picture depends on another. Where there is an `svd`, the
    products of a linear operator follow from it; one without brings `apply` and `adjoint`, and the
    rest is found by conjugate gradients.
    """

    linear: bool = True
    """False where H is no matrix: there are no adjoint, no `svd` and no `solve` then."""

    def __init__(self, shape: Sequence[int], measured: Sequence[int]) -> None:
        channels, height, width = shape
        self.shape: Shape = (int(channels), int(height), int(width))
        self.measured: tuple[int, ...] = tuple(int(size) for size in measured)

    @property
    def svd(self) -> Svd | None:
        """Return the decomposition H = U Σ Vᵀ, or None where it would be too large."""
        return None

    @abstractmethod
    def apply(self, x: Tensor) -> Tensor:
        """Return the noiseless measurement H(x) of pictures x: (B, C, H, W)."""

    @abstractmethod
    def adjoint(self, y: Tensor) -> Tensor:
        """Return Hᵀy: (B, C, H, W), of measurements y: (B, *measured).

        Raises:
            ValueError: the operator is not linear.
        """

    def pinv(self, y: Tensor) -> Tensor:
        """Return the shortest picture whose measurement is nearest to y: H⁺y, (B, C, H, W)."""
        if self.svd is not None:
            return self.svd.v(self.svd.divided(self.svd.ut(y)))

        def normal(x: Tensor) -> Tensor:
            return self.adjoint(self.apply(x))

        return conjugate_gradients(normal, self.adjoint(y))

    def solve(self, y: Tensor, a: float, b: float) -> Tensor:
        """Return (a H Hᵀ + b I)⁻¹ y: (B, *measured), for a >= 0 and b >= 0, not both 0.

        With b = 0 it is the pseudo-inverse. Without an `svd` the residual is brought below 1e-10.

        Raises:
            ValueError: the operator is not linear, or there is no such inverse.
        """
        _check_weights(a, b)
        svd = self.svd
        if svd is None:
            return conjugate_gradients(lambda v: a * self.apply(self.adjoint(v)) + b * v, y)
        spectral, s = svd.ut(y), svd.like(y)
        if b == 0:
            return svd.u(svd.divided(svd.divided(spectral)) / a)
        inside = svd.u(spectral / (a * s.square() + b))
        if svd.rank == math.prod(self.measured):
            return inside
        return inside + (y - svd.u(spectral)) / b

    def pull(self, x: Tensor, cotangent: Tensor) -> Tensor:
        """Return Jᵀ·cotangent: (B, C, H, W), with J the Jacobian of `apply` at x: (B, C, H, W)."""
        return self.adjoint(cotangent)

    def known(self) -> Tensor | None:
        """Return 1 where a pixel is measured as it is and 0 where not at all: (1 or C, H, W).

        None where the operator does anything else to a picture. float64 on the CPU.
        """
        return None

    def counted(self) -> Tensor | None:
        """Return 1 where y holds a measurement and 0 where it is always empty: (*measured).

        None where all of it is measured. Noise and residuals are confined to what is counted.
        """
        return None

    def shown(self, x: Tensor) -> Tensor:
        """Return the pictures that a person sees for x; x itself unless it is a latent."""
        return x

    def picture(self, y: Tensor) -> Tensor:
        """Return what a person is shown of measurements y: (B, 1 or C, h, w), about [-1, 1]."""
        return y if len(self.measured) == 3 else self.pinv(y)


class SpectralOperator(Operator):
    """Measure by a linear operator whose every product follows from its decomposition."""

    @property
    @abstractmethod
    def svd(self) -> Svd:
        """Return the decomposition H = U Σ Vᵀ."""

    def apply(self, x: Tensor) -> Tensor:
        """Return H x = U Σ Vᵀ x."""
        return self.svd.u(self.svd.like(x) * self.svd.vt(x))

    def adjoint(self, y: Tensor) -> Tensor:
        """Return Hᵀ y = V Σ Uᵀ y."""
        return self.svd.v(self.svd.like(y) * self.svd.ut(y))


def _check_weights(a: float, b: float) -> None:
    if not (a >= 0 and b >= 0 and 0 < a + b < math.inf):
        raise ValueError(
            f"(a H Hᵀ + b I)⁻¹ has no meaning for a = {a:g} and b = {b:g}; give weights of at "
            "least 0, not both 0."
        )
