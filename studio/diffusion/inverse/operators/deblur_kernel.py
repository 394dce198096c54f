"""Deblurring after a kernel of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.inverse import deblurring, kernels
from studio.diffusion.inverse.circulant import Circulant
from studio.diffusion.inverse.operator_spec import OperatorSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


def _make(
    shape: Sequence[int], *, cutoff: float, kernel: Tensor | None = None, mask: object = None
) -> Circulant:
    return Circulant(shape, kernels.own(kernel), cutoff)


SPECS = (
    OperatorSpec(
        id="deblur_kernel",
        label="Deblur, own kernel",
        family=deblurring.FAMILY,
        source="Chung et al. 2023 (DPS), section 4",
        help="Undoes a blur whose kernel you give: what one point of light became.",
        formula="y = k ∗ x / Σk",
        guide=deblurring.GUIDE
        + deblurring.WRAPS
        + "\n\nA kernel is a small grey picture, white where the light went, with its centre in "
        "the middle. It is made to sum to 1. One that is larger than the picture, or that sums to "
        "0, is refused.",
        make=_make,
        takes_kernel=True,
        trivial=deblurring.TRIVIAL,
        baseline=deblurring.as_it_is,
        knobs=(deblurring.CUTOFF,),
    ),
)
