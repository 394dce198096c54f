"""What an augmentation says of itself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.diffusion.spec import Spec

if TYPE_CHECKING:
    from torch import Tensor

SPECS = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentSpec(Spec):
    """Describe a map of the plane and the labels that tell the network about it.

    `run(u, on)` takes uniform numbers u: (B, draws) in (0, 1) and on: (B,), 1 where it happens and
    else 0. It returns the matrix (B, 3, 3) from coordinates of the result to those of the source,
    both in [-1, 1], and the labels (B, labels), which are 0 where nothing is done. `certain` is for
    one that does not wait for the chance p.
    """

    draws: int
    labels: int
    certain: bool = False


def matrix(
    u: "Tensor",
    *,
    xx: "Tensor | float" = 1.0,
    xy: "Tensor | float" = 0.0,
    yx: "Tensor | float" = 0.0,
    yy: "Tensor | float" = 1.0,
    x: "Tensor | float" = 0.0,
    y: "Tensor | float" = 0.0,
) -> "Tensor":
    """Return ((xx, xy, x), (yx, yy, y), (0, 0, 1)) as (B, 3, 3); B and the type are those of u."""
    entries = (xx, xy, x, yx, yy, y, 0.0, 0.0, 1.0)
    flat = u.new_zeros(len(u), 9)
    for place, entry in enumerate(entries):
        flat[:, place] = entry
    return flat.view(-1, 3, 3)
