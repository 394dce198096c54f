"""Deblurring after a Gaussian that is wider in one direction."""

from __future__ import annotations

from studio.diffusion.inverse import deblurring, kernels
from studio.diffusion.inverse.operator_spec import OperatorSpec
from studio.diffusion.knob import Knob

SPECS = (
    OperatorSpec(
        id="deblur_anisotropic",
        label="Deblur, anisotropic",
        family=deblurring.FAMILY,
        source="Kawar et al. 2022 (DDRM), appendix D",
        help="Undoes a soft blur that is wider in one direction than in the other.",
        formula="y = k ∗ x,  k ∝ exp(−u²/2a² − v²/2b²)",
        guide=deblurring.GUIDE + deblurring.WRAPS,
        make=deblurring.wrapping(kernels.anisotropic),
        trivial=deblurring.TRIVIAL,
        baseline=deblurring.as_it_is,
        knobs=(
            Knob(
                "along", "Along", 2.0, low=0.2, high=60.0, soft=(0.3, 10.0), log=True, step=0.1,
                unit="px", help="Standard deviation in the direction of the angle.",
                formula="exp(−u² / 2a²)", source="Kawar et al. 2022 (DDRM), appendix D: 20",
            ),
            Knob(
                "across", "Across", 0.5, low=0.2, high=60.0, soft=(0.3, 10.0), log=True, step=0.1,
                unit="px", help="Standard deviation at a right angle to it.",
                formula="exp(−v² / 2b²)", source="Kawar et al. 2022 (DDRM), appendix D: 1",
            ),
            deblurring.ANGLE,
            deblurring.CUTOFF,
        ),
    ),
)  # fmt: skip
