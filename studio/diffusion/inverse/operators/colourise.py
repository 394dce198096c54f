"""Colourisation: only a grey picture is known."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from studio.diffusion.inverse.kronecker import Kronecker
from studio.diffusion.inverse.operator_spec import OperatorSpec
from studio.diffusion.knob import Knob, KnobError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

_LUMA = (0.299, 0.587, 0.114)


class Grey(Kronecker):
    """Keep one weighted sum of the channels: y = w·x, (1, H, W)."""

    def __init__(self, shape: Sequence[int], weights: Sequence[float]) -> None:
        self.total = sum(weights)
        super().__init__(shape, np.array([weights], np.float64))

    def spread(self, y: Tensor) -> Tensor:
        """Return the picture without colour whose measurement is y: (B, C, H, W)."""
        return (y / self.total).repeat(1, self.shape[0], 1, 1)

    def picture(self, y: Tensor) -> Tensor:
        """Return the grey picture: (B, 1, H, W) in [-1, 1]."""
        return y / self.total


def _make(
    shape: Sequence[int], *, weights: str, mask: object = None, kernel: object = None
) -> Grey:
    channels = shape[0]
    if channels == 1:
        raise ValueError("The picture has one channel, so there is no colour to restore.")
    if weights == "luma":
        if channels != 3:
            raise KnobError(
                f"weights cannot be 'luma' for {channels} channels, which are not red, green and "
                "blue; choose 'mean'."
            )
        return Grey(shape, _LUMA)
    one = 1 / channels if weights == "mean" else 1 / math.sqrt(channels)
    return Grey(shape, [one] * channels)


SPECS = (
    OperatorSpec(
        id="colourise",
        label="Colourise",
        family="Colour",
        source="Song et al. 2021, appendix I.3; Kawar et al. 2022 (DDRM)",
        help="Finds colours for a grey picture.",
        formula="y = w₁ R + w₂ G + w₃ B at every pixel",
        guide=(
            "The grey value of every pixel is known; the model finds the colours. There are many "
            "that fit: try several seeds, or give a class.\n\n"
            "Choose the weights by which the picture became grey. A black and white photograph is "
            "nearest to luma; its film may have seen colours otherwise."
        ),
        make=_make,
        trivial="grey",
        baseline=Grey.spread,
        knobs=(
            Knob(
                "weights", "Grey", "mean",
                choices=(
                    ("mean", "Mean of the channels"),
                    ("luma", "Luma"),
                    ("orthonormal", "Orthonormal"),
                ),
                help="How the channels add up to grey. Orthonormal is the mean times √3: one unit "
                "of noise on y is then one unit of noise on a picture.",
                formula="mean: w = 1/3, 1/3, 1/3\nluma: w = .299, .587, .114\n"
                "orthonormal: w = 1/√3, 1/√3, 1/√3",
                source="Song et al. 2021, appendix I.3; ITU-R BT.601",
            ),
        ),
    ),
)  # fmt: skip
