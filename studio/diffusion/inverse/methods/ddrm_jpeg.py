"""DDRM for JPEG: what only approximately has a pseudo-inverse, corrected in the picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from studio.diffusion.inverse.late import begun, late_cost, late_knobs, late_legs
from studio.diffusion.knob import Knob
from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from studio.diffusion.inverse.measurement import Measurement
    from studio.diffusion.knob import Value
    from studio.diffusion.problem import Problem
    from studio.diffusion.step import Step


def ddrm_jpeg(at: Problem, *, eta: float, eta_b: float, **_start: Value) -> Step:
    """Take one step of DDRM with the encoder and the decoder in the place of H and its inverse.

    Kawar et al. 2022 (JPEG), Algorithm 1. The old noise is kept by sqrt(1 - eta^2), so that the
    state is of its level for every eta; the authors' code has 1 - eta, the same at their eta of 1.
    """
    assert at.given is not None
    operator, y = at.given.operator, at.given.y.to(at.x)
    denoised = at.denoise(at.x, at.sigma)
    wrong = operator.pinv(y) - operator.pinv(operator.apply(denoised))
    old = (at.x - denoised) * (math.sqrt(1 - eta**2) * at.sigma_next / at.sigma)
    x = denoised + wrong * eta_b + old
    if eta > 0 and at.sigma_next > 0:
        x = x + at.noise(at.sigma, at.sigma_next) * (eta * at.sigma_next)
    return at.step(x, denoised)


def _serves(given: Measurement) -> str:
    """Say why it cannot serve a measurement, or nothing."""
    if not given.operator.linear:
        return ""
    return "It is made for what rounds, as JPEG does, and this measurement is linear; choose DDRM."


SPECS = (
    Spec(
        id="ddrm_jpeg",
        label="DDRM for JPEG",
        family="Spectral",
        source="Kawar et al. 2022 (JPEG Artifact Correction using DDRM), Algorithm 1",
        help="DDRM for operators that round, such as JPEG: compresses the estimate in the same way "
        "and corrects it by the difference. One evaluation a step.",
        formula=(
            "D̃ = D − dec(enc(D)) + dec(y)\n"
            "x′ = η_b D̃ + (1 − η_b) D + √(1 − η²) σ′ e + η σ′ z,   e = (x − D) / σ"
        ),
        run=ddrm_jpeg,
        knobs=(
            Knob(
                "eta",
                "η",
                1.0,
                low=0.0,
                high=1.0,
                step=0.05,
                help="How much of the noise of each step is fresh: 1 in the paper.",
                formula="x′ = η_b D̃ + (1 − η_b) D + √(1 − η²) σ′ e + η σ′ z",
                source="Kawar et al. 2022 (JPEG), section 4",
                group="Stochasticity",
            ),
            Knob(
                "eta_b",
                "η_b",
                0.4,
                low=0.0,
                high=1.0,
                step=0.05,
                help="How much of the correction is taken: 0.4 in the paper. At 1 the rounding of "
                "the file is copied into the result.",
                formula="x′ = η_b D̃ + (1 − η_b) D + …",
                source="Kawar et al. 2022 (JPEG), section 4",
                group="Stochasticity",
            ),
            *late_knobs(0.45, "Kawar et al. 2022 (JPEG), section 4: t = 300 of 1000, σ = 1.24"),
        ),
        stochastic=True,
        cost=late_cost,
        legs=late_legs,
        begin=begun,
        serves=_serves,
        usual_steps=40,
        guide=(
            "Mends the blocks and rings of JPEG. The operator is not linear, since it rounds, but "
            "nearly: encoding twice changes nothing. So the estimate is sent through the same "
            "encoder, and what comes out differently from the file is corrected.\n\n"
            "In practice: the quality must be that of the file. The paper starts at t = 300 of "
            "1000, which is σ = 1.24 and about the last half of a Karras schedule, and takes 20 "
            "steps from there. A low quality needs a higher start.\n\n"
            "The result is not exactly consistent: at η_b = 0.4 part of the rounding is left to "
            "the model, on purpose, because a picture that compresses to just this file is one of "
            "many.\n\n"
            "What is linear is for DDRM itself. It fails with pictures that were resized or "
            "compressed again after the first compression: the file does not say so."
        ),
    ),
)
