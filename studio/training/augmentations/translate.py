"""Shift the picture."""

from typing import TYPE_CHECKING

from studio.training.augmentations.spec import AugmentSpec, matrix

if TYPE_CHECKING:
    from torch import Tensor

_STD = 0.125


def translate(u: "Tensor", on: "Tensor") -> "tuple[Tensor, Tensor]":
    """Shift by an eighth of the sides times normal numbers, which are the labels."""
    import torch

    w = torch.special.ndtri(u) * on[:, None]
    # The sides are 2 long in coordinates of [-1, 1].
    return matrix(u, x=-2 * _STD * w[:, 0], y=-2 * _STD * w[:, 1]), w


SPECS = (
    AugmentSpec(
        id="translate",
        label="Translate",
        family="Move",
        source="Karras et al. 2022, Table 6",
        help="Some pictures are shifted, by about an eighth of their side.",
        run=translate,
        draws=2,
        labels=2,
    ),
)
