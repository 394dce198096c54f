"""Deblurring after a straight movement of the camera."""

from __future__ import annotations

from studio.diffusion.inverse import deblurring, kernels
from studio.diffusion.inverse.operator_spec import OperatorSpec
from studio.diffusion.knob import Knob

SPECS = (
    OperatorSpec(
        id="deblur_motion",
        label="Deblur, motion",
        family=deblurring.FAMILY,
        source="Chung et al. 2023 (DPS), section 4",
        help="Undoes the streak of a camera that moved straight on while the picture was taken.",
        formula="y = k ∗ x,  k = the share of the way that leads through each pixel",
        guide=deblurring.GUIDE + deblurring.WRAPS,
        make=deblurring.wrapping(kernels.motion),
        trivial=deblurring.TRIVIAL,
        baseline=deblurring.as_it_is,
        knobs=(
            Knob(
                "length", "Length", 5.0, low=1.0, high=250.0, soft=(1.0, 40.0), step=0.5,
                unit="px", help="How far the camera moved, in pixels.",
                formula="u ∈ [−l/2, l/2],  v = 0", source="Chung et al. 2023 (DPS), section 4",
            ),
            deblurring.ANGLE,
            deblurring.CUTOFF,
        ),
    ),
)  # fmt: skip
