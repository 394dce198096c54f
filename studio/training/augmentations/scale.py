"""Enlarge or shrink the picture."""

from typing import TYPE_CHECKING

from studio.training.augmentations.spec import AugmentSpec, matrix

if TYPE_CHECKING:
    from torch import Tensor

_STD = 0.2


def scale(u: "Tensor", on: "Tensor") -> "tuple[Tensor, Tensor]":
    """Scale by 2^(0.2 w) with w normal; the label is w."""
    import torch

    w = torch.special.ndtri(u[:, 0]) * on
    shrink = torch.exp2(-_STD * w)
    return matrix(u, xx=shrink, yy=shrink), w[:, None]


SPECS = (
    AugmentSpec(
        id="scale",
        label="Scale",
        family="Scale",
        source="Karras et al. 2022, Table 6",
        help="Some pictures are enlarged or shrunk, by about 15 %.",
        run=scale,
        draws=1,
        labels=1,
    ),
)
