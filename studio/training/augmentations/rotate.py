"""Turn the picture."""

import math
from typing import TYPE_CHECKING

from studio.training.augmentations.spec import AugmentSpec, matrix

if TYPE_CHECKING:
    from torch import Tensor


def rotate(u: "Tensor", on: "Tensor") -> "tuple[Tensor, Tensor]":
    """Turn by an angle w, even in (-π, π); the labels are cos w - 1 and sin w."""
    import torch

    w = (2 * u[:, 0] - 1) * math.pi * on
    cos, sin = w.cos(), w.sin()
    return matrix(u, xx=cos, xy=sin, yx=-sin, yy=cos), torch.stack([cos - 1, sin], dim=1)


SPECS = (
    AugmentSpec(
        id="rotate",
        label="Rotate",
        family="Rotate",
        source="Karras et al. 2022, Table 6",
        help="Some pictures are turned by any angle.",
        run=rotate,
        draws=1,
        labels=2,
    ),
)
