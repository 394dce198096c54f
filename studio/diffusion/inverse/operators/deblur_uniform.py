"""Deblurring after a box: every pixel became the mean of those around it."""

from __future__ import annotations

from studio.diffusion.inverse import deblurring, kernels
from studio.diffusion.inverse.operator_spec import OperatorSpec
from studio.diffusion.knob import Knob

SPECS = (
    OperatorSpec(
        id="deblur_uniform",
        label="Deblur, uniform",
        family=deblurring.FAMILY,
        source="Kawar et al. 2022 (DDRM), appendix D",
        help="Undoes a blur in which each pixel became the mean of a square around it.",
        formula="y = A x Aᵀ,  A_ij = 1/n for |i − j| ≤ (n − 1)/2",
        guide=deblurring.GUIDE,
        make=deblurring.separable(kernels.uniform),
        trivial=deblurring.TRIVIAL,
        baseline=deblurring.as_it_is,
        knobs=(
            Knob(
                "size", "Size", 5, low=2, high=255, soft=(2, 31), step=1, unit="px",
                help="Side of the square whose mean each pixel became.",
                formula="|i − j| ≤ (n − 1)/2", source="Kawar et al. 2022 (DDRM), appendix D: 9",
            ),
            deblurring.EDGES,
            deblurring.CUTOFF,
        ),
    ),
)  # fmt: skip
