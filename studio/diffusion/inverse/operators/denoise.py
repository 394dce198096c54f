"""Denoising: all of the picture is measured, with noise on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.inverse.kronecker import Kronecker
from studio.diffusion.inverse.operator_spec import OperatorSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


def _make(shape: Sequence[int], *, mask: object = None, kernel: object = None) -> Kronecker:
    return Kronecker(shape)


def _noisy(operator: Kronecker, y: Tensor) -> Tensor:
    return y


SPECS = (
    OperatorSpec(
        id="denoise",
        label="Denoise",
        family="Noise",
        source="Kawar et al. 2022 (DDRM); Vincent 2011",
        help="Takes away noise of a known strength; set σ₀ above 0.",
        formula="y = x + σ₀ n",
        guide=(
            "The whole picture is measured, but with noise. Set σ₀ to the strength of the noise: "
            "with σ₀ = 0 nothing is left to restore.\n\n"
            "With a σ₀ that is too small, noise is kept as detail; with one that is too large, "
            "detail is replaced by what the model thinks likely. White noise is "
            "assumed: the grain of a scan or of a film is not white."
        ),
        make=_make,
        trivial="noisy picture",
        baseline=_noisy,
    ),
)
