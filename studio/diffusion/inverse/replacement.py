"""Replacement: put the measurement, with noise of the level, in the place of what it measures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from studio.diffusion.inverse.spectrum import spectrum

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.inverse.measurement import Measurement

_TELLING = 1.0  # the width of the data: what is measured no better tells next to nothing


def projected(given: Measurement, x: Tensor, noise: Tensor, sigma: float) -> Tensor:
    """Return x - H⁺ H x + H⁺ (y + sigma H z), which measures as y does at level `sigma`.

    For a mask it is m (y + sigma z) + (1 - m) x. The noise that y has already is not added again,
    and what it measures worse than the state does is left alone: with σ₀ = 0 this is the formula
    of the papers, which know no other case. x: (B, C, H, W); noise: unit noise like it.
    """
    operator = given.operator
    if operator.svd is not None:
        known = spectrum(given, x)
        wanted = known.target + known.svd.vt(noise) * known.excess(sigma)
        return known.svd.v(wanted.where(known.within(sigma), known.svd.vt(x)))
    if sigma < given.sigma0:
        return x
    std = math.sqrt(sigma**2 - given.sigma0**2)
    return x + operator.pinv(given.y.to(x) - operator.apply(x - noise * std))


def held(given: Measurement, x: Tensor, before: Tensor, sigma: float) -> Tensor:
    """Return x with what is measured, but worse than noise of `sigma`, as it was `before`.

    A state that has come down to below the noise of its measurement has taken from it all that
    there is. Where it is moved at random once more, without the measurement, it would forget. x
    and before: (B, C, H, W).
    """
    operator = given.operator
    if given.sigma0 == 0:
        return x
    if operator.svd is not None:
        known = spectrum(given, x)
        past = (known.error > sigma) & (known.error < _TELLING)
        return known.svd.v(known.svd.vt(before).where(past, known.svd.vt(x)))
    if sigma >= given.sigma0:
        return x
    return x - operator.pinv(operator.apply(x - before))


def not_linear(given: Measurement) -> str:
    """Say why a method that needs a linear operator cannot serve a measurement, or nothing."""
    if given.operator.linear:
        return ""
    return (
        "It needs a linear measurement, and this one is none, because it rounds or is made of what "
        "an autoencoder decodes; choose DPS, SDEdit or DDRM for JPEG."
    )
