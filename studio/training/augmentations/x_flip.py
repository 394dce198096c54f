"""Mirror the picture along x."""

from typing import TYPE_CHECKING

from studio.training.augmentations.spec import AugmentSpec, matrix

if TYPE_CHECKING:
    from torch import Tensor


def x_flip(u: "Tensor", on: "Tensor") -> "tuple[Tensor, Tensor]":
    """Mirror every second picture; the label is 1 for those."""
    flipped = (u[:, 0] < 0.5) * on
    return matrix(u, xx=1 - 2 * flipped), flipped[:, None]


SPECS = (
    AugmentSpec(
        id="x_flip",
        label="Mirror left to right",
        family="Flip",
        source="Karras et al. 2022, Table 6",
        help="Half of all pictures are mirrored, whatever the chance p.",
        run=x_flip,
        draws=1,
        labels=1,
        certain=True,
    ),
)
