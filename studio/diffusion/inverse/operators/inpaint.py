"""Inpainting: some pixels are known, the others are not."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from studio.diffusion.inverse.masks import known_of
from studio.diffusion.inverse.operator import SpectralOperator
from studio.diffusion.inverse.operator_spec import OperatorSpec
from studio.diffusion.inverse.svd import Svd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


class _MaskSvd(Svd):
    """Stand for H = diag(known): every pixel is its own spectral coordinate."""

    def __init__(self, known: Tensor) -> None:
        super().__init__()
        self._shape = tuple(known.shape)
        self._singulars = known.flatten()

    @property
    def singulars(self) -> Tensor:
        return self._singulars

    def vt(self, x: Tensor) -> Tensor:
        return x.flatten(1)

    def v(self, spectral: Tensor) -> Tensor:
        return spectral.reshape(-1, *self._shape)

    def ut(self, y: Tensor) -> Tensor:
        return y.flatten(1) * self.like(y)

    def u(self, spectral: Tensor) -> Tensor:
        return (spectral * self.like(spectral)).reshape(-1, *self._shape)


class Inpaint(SpectralOperator):
    """Keep the pixels where `known`: (1, H, W) is 1, and put 0 elsewhere."""

    def __init__(self, shape: Sequence[int], known: Tensor) -> None:
        super().__init__(shape, shape)
        self._known = known

    @cached_property
    def svd(self) -> Svd:
        """Return the decomposition, in which U Σ Vᵀ is a diagonal of 1 and 0."""
        return _MaskSvd(self._known.expand(self.shape))

    def known(self) -> Tensor:
        """Return the mask of what is known: (1, H, W)."""
        return self._known

    def counted(self) -> Tensor:
        """Return the mask of what is known, for every channel: (C, H, W)."""
        return self._known.expand(self.shape)


def mean_fill(operator: Inpaint, y: Tensor) -> Tensor:
    """Return y with the mean of what is known, of each channel, where nothing is: (B, C, H, W)."""
    known = operator.known().to(y)
    mean = (y * known).sum((2, 3), keepdim=True) / known.sum()
    return y * known + mean * (1 - known)


def _make(shape: Sequence[int], *, mask: Tensor | None = None, kernel: object = None) -> Inpaint:
    return Inpaint(shape, known_of(mask, shape))


SPECS = (
    OperatorSpec(
        id="inpaint",
        label="Inpaint",
        family="Missing parts",
        source="Song et al. 2021, appendix I.2; Kawar et al. 2022 (DDRM)",
        help="Fills in what is painted over; the rest of the picture is known.",
        formula="y = m ⊙ x,  m = 1 where the picture is known",
        guide=(
            "Paint over what is to be restored. All else is kept as it is, as exactly as the "
            "noise σ₀ says.\n\n"
            "A pixel that is painted by half or more counts as unknown. A large hole leaves the "
            "model much freedom: try several seeds. A mask that covers all or nothing is refused."
        ),
        make=_make,
        takes_mask=True,
        trivial="mean fill",
        baseline=mean_fill,
    ),
)
