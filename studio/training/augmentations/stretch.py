"""Stretch the picture along a direction."""

import math
from typing import TYPE_CHECKING

from studio.training.augmentations.spec import AugmentSpec, matrix

if TYPE_CHECKING:
    from torch import Tensor

_STD = 0.2


def stretch(u: "Tensor", on: "Tensor") -> "tuple[Tensor, Tensor]":
    """Stretch by 2^(0.2 w) along r and as much less across; the labels are w cos r and w sin r.

    w is normal; r is even in (-π, π) for every second picture and 0 for the others.
    """
    import torch

    w = torch.special.ndtri(u[:, 0]) * on
    r = (2 * u[:, 1] - 1) * math.pi * (u[:, 2] < 0.5)
    cos, sin = r.cos(), r.sin()
    along, across = torch.exp2(-_STD * w), torch.exp2(_STD * w)
    mixed = cos * sin * (along - across)
    plane = matrix(
        u,
        xx=along * cos**2 + across * sin**2,
        xy=mixed,
        yx=mixed,
        yy=along * sin**2 + across * cos**2,
    )
    return plane, torch.stack([w * cos, w * sin], dim=1)


SPECS = (
    AugmentSpec(
        id="stretch",
        label="Stretch",
        family="Stretch",
        source="Karras et al. 2022, Table 6",
        help="Some pictures are stretched along some direction (anisotropic scaling).",
        run=stretch,
        draws=3,
        labels=2,
    ),
)
