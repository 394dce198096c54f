"""Super-resolution: the picture was made smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.inverse.kronecker import Kronecker
from studio.diffusion.inverse.operator_spec import OperatorSpec
from studio.diffusion.inverse.resampling import averaged, bicubic, smaller
from studio.diffusion.knob import Knob, KnobError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


class Shrink(Kronecker):
    """Make pictures smaller by a factor, rounding the size up."""

    def __init__(self, shape: Sequence[int], factor: int, kernel: str) -> None:
        self.factor, self.kernel = factor, kernel
        rows, columns = (self._matrix(size) for size in shape[1:])
        super().__init__(shape, None, rows, columns)

    def _matrix(self, size: int) -> NDArray[np.float64]:
        if self.kernel == "average":
            return averaged(size, self.factor)
        return bicubic(size, smaller(size, self.factor))

    def enlarged(self, y: Tensor) -> Tensor:
        """Return y: (B, C, h, w) at its old size by bicubic interpolation: (B, C, H, W)."""
        ratio = 1 / self.factor if self.kernel == "average" else None
        rows, columns = (
            bicubic(small, size, ratio)
            for small, size in zip(self.measured[1:], self.shape[1:], strict=True)
        )
        larger = Kronecker(self.measured, None, rows, columns)
        return larger.apply(y)


def _make(
    shape: Sequence[int], *, factor: int, filter: str, mask: object = None, kernel: object = None
) -> Shrink:
    _, height, width = shape
    if factor > min(height, width):
        raise KnobError(
            f"factor cannot be {factor} for a picture of {width} x {height} pixels; "
            f"give at most {min(height, width)}."
        )
    return Shrink(shape, factor, filter)


SPECS = (
    OperatorSpec(
        id="super_resolution",
        label="Super-resolution",
        family="Resolution",
        source="Kawar et al. 2022 (DDRM), appendix D; Choi et al. 2021 (ILVR)",
        help="Finds a large picture that becomes the small one when it is shrunk.",
        formula="y = S x Sᵀ,  S: (⌈H / f⌉, H), rows that sum to 1",
        guide=(
            "The small picture is known; the model invents the detail that shrinking took away. "
            "What is invented fits the small picture but is not what was there: the larger the "
            "factor, the less of it.\n\n"
            "Choose the filter by which the picture was made smaller: averages of blocks, as a "
            "camera bins pixels, or bicubic, as most programs shrink. A wrong filter leaves halos "
            "or blocks.\n\n"
            "A size that the factor does not divide is rounded up: the last blocks are smaller, "
            "and the bicubic filter spreads evenly over the size that results."
        ),
        make=_make,
        trivial="bicubic",
        baseline=Shrink.enlarged,
        knobs=(
            Knob(
                "factor", "Factor", 4, low=2, high=16, step=1,
                help="How many times smaller the measured picture is in each direction.",
                formula="h = ⌈H / f⌉,  w = ⌈W / f⌉", source="Kawar et al. 2022 (DDRM), table 1",
            ),
            Knob(
                "filter", "Filter", "average",
                choices=(("average", "Block average"), ("bicubic", "Bicubic")),
                help="How the picture was made smaller: the mean of each block or Keys's cubic, "
                "widened by the factor as Pillow does.",
                formula="w(t) = 1.5 |t|³ − 2.5 |t|² + 1 for |t| ≤ 1",
                source="Keys 1981, with a = −1/2",
            ),
        ),
    ),
)  # fmt: skip
