"""Projections along parallel rays, as of a computed tomograph."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from studio.diffusion.inverse.dense import DenseSvd
from studio.diffusion.inverse.operator import Operator
from studio.diffusion.inverse.operator_spec import OperatorSpec
from studio.diffusion.inverse.projection import Sparse, diagonal, radon_matrix
from studio.diffusion.knob import Knob, KnobError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

_DENSE = 64 * 64
_MOST = 20_000_000
"""Crossings of pixels and angles: more would take gigabytes."""


class Radon(Operator):
    """Project every channel along parallel rays: y: (B, C, angles, detectors).

    A value is the mean along its ray times the length in the picture over its longer side, so that
    it is about as large as a pixel. Up to 64 x 64 pixels there is a dense decomposition.
    """

    def __init__(self, shape: Sequence[int], angles: int, span: float, detectors: int) -> None:
        channels, height, width = shape
        super().__init__(shape, (channels, angles, detectors))
        self.angles = np.deg2rad(span) * np.arange(angles) / angles
        self.span, self.detectors = math.radians(span), detectors
        self._matrix = Sparse(radon_matrix(height, width, self.angles, detectors))

    @cached_property
    def svd(self) -> DenseSvd | None:
        """Return the decomposition of the matrix of one channel, or None above 64 x 64 pixels."""
        channels, height, width = self.shape
        if height * width > _DENSE:
            return None
        return DenseSvd(self._matrix.dense, channels, self.shape, self.measured)

    @cached_property
    def _counted(self) -> Tensor | None:
        import torch

        seeing = self._matrix.filled().reshape(self.measured[1:])
        return None if seeing.all() else torch.from_numpy(seeing).double().expand(self.measured)

    def counted(self) -> Tensor | None:
        """Return 0 for detectors that the picture never throws its shadow on: (*measured)."""
        return self._counted

    def apply(self, x: Tensor) -> Tensor:
        """Return the projections of x: (B, C, H, W)."""
        return self._matrix.times(x.flatten(2).flatten(0, 1)).reshape(len(x), *self.measured)

    def adjoint(self, y: Tensor) -> Tensor:
        """Return the projections smeared back over the picture: (B, C, H, W)."""
        rows = y.flatten(2).flatten(0, 1)
        return self._matrix.times(rows, transposed=True).reshape(len(y), *self.shape)

    def filtered(self, y: Tensor) -> Tensor:
        """Return the filtered back-projection (Kak & Slaney 1988, chapter 3): (B, C, H, W)."""
        import torch

        size = 2 ** math.ceil(math.log2(2 * self.detectors))
        ramp = torch.from_numpy(_ramp(size)).to(y)
        spectrum = torch.fft.rfft(y, size) * torch.fft.rfft(ramp).real
        smooth: Tensor = torch.fft.irfft(spectrum, size)[..., : self.detectors]
        _, height, width = self.shape
        spread = diagonal(height, width) / self.detectors
        scale = float(self.span) / len(self.angles) * (max(height, width) / spread) ** 2
        return scale * self.adjoint(smooth.contiguous())

    def picture(self, y: Tensor) -> Tensor:
        """Return the projections as a picture, the largest at 1: (B, C, angles, detectors)."""
        return y / y.abs().amax((1, 2, 3), keepdim=True).clamp_min(1e-12)


def _ramp(size: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the ramp filter in space, for detectors one apart (Kak & Slaney 1988, eq. 61)."""
    at = np.minimum(np.arange(size), size - np.arange(size))
    filter = np.zeros(size)
    filter[0] = 0.25
    odd = at % 2 == 1
    filter[odd] = -1 / (np.pi * at[odd]) ** 2
    return filter


def _make(
    shape: Sequence[int],
    *,
    angles: int,
    span: float,
    detectors: int,
    mask: object = None,
    kernel: object = None,
) -> Radon:
    _, height, width = shape
    most = diagonal(height, width)
    if detectors > most:
        raise KnobError(
            f"detectors cannot be {detectors} for a picture of {width} x {height} pixels; "
            f"give at most {most}, or 0 for as many."
        )
    if height * width * angles > _MOST:
        raise KnobError(
            f"angles cannot be {angles} for a picture of {width} x {height} pixels, which would "
            f"take gigabytes; give at most {_MOST // (height * width)} or a smaller picture."
        )
    return Radon(shape, angles, span, detectors or most)


SPECS = (
    OperatorSpec(
        id="radon",
        label="Projections (CT)",
        family="Scanners",
        source="Song et al. 2022 (medical inverse problems); Kak & Slaney 1988",
        help="Finds the picture from its projections, as a tomograph measures them.",
        formula="y(θ, t) = ∫ x(t cos θ − s sin θ, t sin θ + s cos θ) ds / W",
        guide=(
            "A tomograph sends rays through a body from many sides. From few sides, or from a part "
            "of the half circle, the plain inverse has streaks; the model knows what cannot be a "
            "streak.\n\n"
            "Up to 64 x 64 pixels every method is served, but the first one that needs singular "
            "values waits for them: a second at 32 x 32, half a minute at 64 x 64. Above, take one "
            "that needs none (DPS, ΠGDM, DiffPIR)."
        ),
        make=_make,
        trivial="filtered back-projection",
        baseline=Radon.filtered,
        knobs=(
            Knob(
                "angles", "Angles", 20, low=1, high=720, soft=(2, 180), step=1,
                help="From how many sides the rays come, evenly spread.",
                formula="θ_k = k · span / n", source="Song et al. 2022: 20 to 30",
            ),
            Knob(
                "span", "Span", 180.0, low=1.0, high=360.0, soft=(30.0, 180.0), step=5.0, unit="°",
                help="The arc over which the sides are spread; less than 180° hides edges.",
                formula="0 ≤ θ < span", source="Kak & Slaney 1988, chapter 3",
            ),
            Knob(
                "detectors", "Detectors", 0, low=0, high=4096, soft=(0, 512), step=1,
                help="How many detectors stand side by side; 0 gives one for each pixel of the "
                "diagonal.",
                formula="0 → ⌈√(H² + W²)⌉", source="Kak & Slaney 1988, chapter 3",
            ),
        ),
    ),
)  # fmt: skip
