"""What the degradations that blur have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.diffusion.inverse.circulant import Circulant
from studio.diffusion.inverse.kernels import blur_matrix, fitting
from studio.diffusion.inverse.kronecker import Kronecker
from studio.diffusion.knob import Knob

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from studio.diffusion.inverse.operator import Operator

FAMILY = "Blur"
TRIVIAL = "blurred picture"

CUTOFF = Knob(
    "cutoff", "Cut-off", 0.01, low=0.0, high=0.5, soft=(0.0, 0.1), step=0.005,
    help="Detail of which the blur leaves less than this share counts as lost and is left to the "
    "model: dividing by so little would only bring out rounding and noise.",
    formula="s → 0 where s ≤ cutoff · max s",
    source="Kawar et al. 2022 (DDRM), whose code has 0.03",
)  # fmt: skip

EDGES = Knob(
    "edges", "Edges", "reflect",
    choices=(("reflect", "Mirrored"), ("zero", "Mid-grey"), ("wrap", "Other side")),
    help="What lies outside the picture and is blurred into it.",
    formula="x₋₁ = x₀ (mirrored), 0 (mid-grey), x_{n−1} (other side)",
    source="Kawar et al. 2022 (DDRM), which has mid-grey",
)  # fmt: skip

ANGLE = Knob(
    "angle", "Angle", 45.0, low=-180.0, high=180.0, step=5.0, unit="°",
    help="Direction of the blur, counter-clockwise from the horizontal.",
    formula="u = x cos θ + y sin θ",
    source="Kawar et al. 2022 (DDRM), appendix D",
)  # fmt: skip

GUIDE = (
    "The picture was blurred in a known way. Slow changes are still there, fine detail is weak or "
    "gone: it is brought back as far as σ₀ allows, and the model fills in the rest.\n\n"
    "A picture of 8 bits is not exact: give it a σ₀ of at least 0.003. A blur that is assumed "
    "wider than it was leaves ringing, one that is narrower leaves the picture soft."
)
WRAPS = (
    "\n\nIt is computed as if the picture went on at its other side, so that a strip along the "
    "edges, half a kernel wide, is not to be trusted in a photograph."
)


def separable(line: Callable[..., NDArray[np.float64]]) -> Callable[..., Kronecker]:
    """Return what makes the blur of rows and columns of pictures with `line(**knobs)`: (n,).

    It raises ValueError where the line is longer than the picture is high or wide.
    """

    def make(
        shape: Sequence[int],
        *,
        edges: str,
        cutoff: float,
        mask: object = None,
        kernel: object = None,
        **knobs: float,
    ) -> Kronecker:
        _, height, width = shape
        values = line(**knobs)
        fitting(values[:, None] * values, height, width)
        rows, columns = (blur_matrix(values, size, edges) for size in (height, width))
        return Kronecker(shape, None, rows, columns, cutoff)

    return make


def wrapping(blur: Callable[..., NDArray[np.float64]]) -> Callable[..., Circulant]:
    """Return what makes the blur with the kernel `blur(**knobs)`: (h, w), round the edges.

    It raises ValueError where the kernel is larger than the picture.
    """

    def make(
        shape: Sequence[int],
        *,
        cutoff: float,
        mask: object = None,
        kernel: object = None,
        **knobs: float,
    ) -> Circulant:
        return Circulant(shape, blur(**knobs), cutoff)

    return make


def as_it_is(operator: Operator, y: Tensor) -> Tensor:
    """Return the blurred picture."""
    return y
