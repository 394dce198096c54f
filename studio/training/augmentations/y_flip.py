"""Mirror the picture along y."""

from typing import TYPE_CHECKING

from studio.training.augmentations.spec import AugmentSpec, matrix

if TYPE_CHECKING:
    from torch import Tensor


def y_flip(u: "Tensor", on: "Tensor") -> "tuple[Tensor, Tensor]":
    """Mirror every second picture; the label is 1 for those."""
    flipped = (u[:, 0] < 0.5) * on
    return matrix(u, yy=1 - 2 * flipped), flipped[:, None]


SPECS = (
    AugmentSpec(
        id="y_flip",
        label="Mirror upside down",
        family="Flip",
        source="Karras et al. 2022, Table 6",
        help="Half of the chosen pictures stand on their head.",
        run=y_flip,
        draws=1,
        labels=1,
    ),
)
