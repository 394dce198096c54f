"""Deblurring after a Gaussian of the same width in all directions."""

from __future__ import annotations

from studio.diffusion.inverse import deblurring, kernels
from studio.diffusion.inverse.operator_spec import OperatorSpec
from studio.diffusion.knob import Knob

SPECS = (
    OperatorSpec(
        id="deblur_gaussian",
        label="Deblur, Gaussian",
        family=deblurring.FAMILY,
        source="Chung et al. 2023 (DPS), section 4; Kawar et al. 2022 (DDRM)",
        help="Undoes a soft blur, as of a lens out of focus.",
        formula="y = A x Aᵀ,  A_ij ∝ exp(−(i − j)² / 2s²)",
        guide=deblurring.GUIDE,
        make=deblurring.separable(kernels.gaussian),
        trivial=deblurring.TRIVIAL,
        baseline=deblurring.as_it_is,
        knobs=(
            Knob(
                "std", "Width", 1.5, low=0.2, high=60.0, soft=(0.3, 8.0), log=True, step=0.1,
                unit="px", help="Standard deviation of the blur; three of them are kept.",
                formula="exp(−u² / 2s²)", source="Chung et al. 2023 (DPS), section 4: 3",
            ),
            deblurring.EDGES,
            deblurring.CUTOFF,
        ),
    ),
)  # fmt: skip
