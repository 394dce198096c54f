"""JPEG: the cosines of blocks were rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.inverse import jpeg_code as code
from studio.diffusion.inverse.operator import Operator
from studio.diffusion.inverse.operator_spec import OperatorSpec
from studio.diffusion.knob import Knob

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

_GREY_LEVEL = -0.5
"""JPEG counts from 128, the middle of [-1, 1] is 127.5."""


class Jpeg(Operator):
    """Encode pictures and decode them again: H(x) = dec(enc(x)), which is not linear.

    Pictures of three channels are coded as luma and chromas, of which one value for 2 x 2 pixels is
    kept where they are `subsampled`; all others channel by channel as luma. Sizes that no block
    divides are filled up with the last row and column and cut again. Values are neither cut to
    [-1, 1] nor rounded to 8 bits, so that H(H(x)) = H(x) wherever blocks divide the size.
    """

    linear = False

    def __init__(self, shape: Sequence[int], quality: int, subsampled: bool) -> None:
        super().__init__(shape, shape)
        self._quality = quality
        self._coloured = self.shape[0] == 3
        self._subsampled = subsampled and self._coloured

    def apply(self, x: Tensor) -> Tensor:
        """Return the pictures after JPEG: (B, C, H, W)."""
        return self._coded(x, rounded=True)

    def adjoint(self, y: Tensor) -> Tensor:
        """Refuse: there is none.

        Raises:
            ValueError: always.
        """
        raise ValueError(
            "JPEG is not linear and has no adjoint; choose a method that serves JPEG, "
            "such as DDRM or DPS."
        )

    def pinv(self, y: Tensor) -> Tensor:
        """Return y: (B, C, H, W), which is a picture that JPEG leaves as it is."""
        return y

    def pull(self, x: Tensor, cotangent: Tensor) -> Tensor:
        """Return Jᵀ·cotangent: (B, C, H, W), where rounding counts as doing nothing.

        Its true derivative is 0 almost everywhere (Bengio et al. 2013, straight-through).
        """
        import torch

        with torch.enable_grad():
            start = torch.zeros_like(x).requires_grad_()
            coded = self._coded(start, rounded=False)
            (pulled,) = torch.autograd.grad((coded * cotangent).sum(), start)
        return pulled

    def _coded(self, x: Tensor, *, rounded: bool) -> Tensor:
        import torch

        height, width = self.shape[1:]
        x = code.padded(x, 2 * code.BLOCK if self._subsampled else code.BLOCK)
        if not self._coloured:
            return self._luma(x, rounded)[..., :height, :width]
        planes = code.to_ycbcr(x)
        luma, chromas = self._luma(planes[:, :1], rounded), self._chromas(planes[:, 1:], rounded)
        return code.to_rgb(torch.cat([luma, chromas], 1))[..., :height, :width]

    def _luma(self, x: Tensor, rounded: bool) -> Tensor:
        steps = code.table(self._quality, chroma=False)
        return code.quantised(x, steps, _GREY_LEVEL) if rounded else x

    def _chromas(self, x: Tensor, rounded: bool) -> Tensor:
        x = code.halved(x) if self._subsampled else x
        x = code.quantised(x, code.table(self._quality, chroma=True)) if rounded else x
        return code.doubled(x) if self._subsampled else x


def _make(
    shape: Sequence[int],
    *,
    quality: int,
    subsampled: bool,
    mask: object = None,
    kernel: object = None,
) -> Jpeg:
    return Jpeg(shape, quality, subsampled)


def _as_it_is(operator: Jpeg, y: Tensor) -> Tensor:
    return y


SPECS = (
    OperatorSpec(
        id="jpeg",
        label="JPEG",
        family="Compression",
        source="Kawar et al. 2022 (JPEG artifact correction); ITU-T T.81",
        help="Takes away the blocks and ringing of strong JPEG compression.",
        formula="y = dec(⌊enc(x) / Q⌉ Q),  enc = cosines of 8 x 8 blocks",
        guide=(
            "JPEG rounds the cosines of every block of 8 x 8 pixels, the more the lower the "
            "quality. The model looks for a picture that JPEG would have turned into this one.\n\n"
            "It is not linear, so only methods that can do without an adjoint serve it: DDRM in "
            "its JPEG form, and DPS, which takes rounding for no change.\n\n"
            "Give the quality with which the file was saved, and whether its colours were halved, "
            "as most programs do. Pictures that were scaled or cut after they were compressed "
            "have their blocks elsewhere, and cannot be restored like this."
        ),
        make=_make,
        trivial="JPEG picture",
        baseline=_as_it_is,
        knobs=(
            Knob(
                "quality", "Quality", 20, low=1, high=100, soft=(5, 95), step=5,
                help="Quality as libjpeg counts it: 95 is hardly to be seen, 10 is very coarse.",
                formula="Q′ = ⌊(s Q + 50) / 100⌋,  s = 5000 / q below 50, else 200 − 2 q",
                source="ITU-T T.81, annex K; libjpeg",
            ),
            Knob(
                "subsampled", "Halve colours", True,
                help="Keep one colour for 2 x 2 pixels, as most programs do (4:2:0). Only for "
                "pictures of three channels.",
                formula="Cb, Cr → mean of 2 x 2", source="JFIF 1.02",
            ),
        ),
    ),
)  # fmt: skip
