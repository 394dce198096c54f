"""The pictures of a run, in memory or mapped from the disk."""

from collections import Counter
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.models.pictures.blocks import Broken
from studio.models.pictures.picture_set import Size

IN_MEMORY = 2 << 30
"""Bytes of pixels up to which a set is held in memory; a larger one is mapped from the disk."""


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Hold pixels: (N, C, S, S) uint8 and labels: (N,) int64, -1 for no class, on the CPU.

    `trained` and `held_out` are the numbers, (n,) int64, of those that are trained on and of those
    that are not. `sizes` counts the pictures by the (width, height) that they had; `broken` are
    those that were left out. `remarks` are sentences about what was changed. Points in the plane
    are floats (N, 2, 1, 1) in place of pixels, and latents floats (N, C, h, w).
    """

    pixels: Tensor
    labels: Tensor
    trained: Tensor
    held_out: Tensor
    classes: tuple[str, ...]
    background: tuple[int, int, int]
    sizes: Counter[Size]
    broken: tuple[Broken, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return (C, S, S)."""
        channels, height, width = self.pixels.shape[1:]
        return channels, height, width

    @property
    def planar(self) -> bool:
        """Tell whether these are points in the plane."""
        return self.pixels.is_floating_point() and self.shape[1:] == (1, 1)

    def some(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Return the pixels and labels of some pictures, by their numbers."""
        return self.pixels[numbers], self.labels[numbers]

    def deviation(self) -> float:
        """Return the standard deviation of the pixels in [-1, 1]; .5 where all are the same.

        It is that of the pictures trained on, or of an even choice of some 1 GiB of them.
        """
        if self.pixels.is_floating_point():
            points = self.pixels[self.trained].double()
            return float((points - points.mean(dim=0)).square().mean().sqrt()) or 0.5
        counts = torch.zeros(256, dtype=torch.float64)
        every = 1 + len(self.trained) * self.pixels[0].numel() // (1 << 30)
        chosen = self.trained[::every]
        for start in range(0, len(chosen), 4096):
            part = self.pixels[chosen[start : start + 4096]].flatten().long()
            counts += torch.bincount(part, minlength=256)
        values, share = torch.arange(256) / 127.5 - 1, counts / counts.sum()
        mean = (share * values).sum()
        return float((share * (values - mean).square()).sum().sqrt()) or 0.5


def as_values(stored: Tensor) -> Tensor:
    """Return pixels (B, C, S, S) uint8 as floats in [-1, 1], and points or latents as they are."""
    return stored.float() if stored.is_floating_point() else stored.float() / 127.5 - 1
