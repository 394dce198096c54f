"""What pictures are to show, in the form that a denoiser takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

Given = Mapping[str, Tensor]
"""Named tensors with one row per picture, such as "labels" (B, classes), one-hot."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Hold what each picture of a batch is to show, and what guidance leads away from.

    Both have the same names and shapes, on the device of the model. `unwanted` is empty where the
    model knows nothing that guidance could lead away from.
    """

    wanted: Given = field(default_factory=dict)
    unwanted: Given = field(default_factory=dict)

    def part(self, rows: slice) -> "Condition":
        """Return that of some of the pictures."""
        return Condition(_rows(self.wanted, rows), _rows(self.unwanted, rows))

    def both(self) -> Given:
        """Return what is wanted and after it what is unwanted, as one batch of twice the rows."""
        return {
            name: torch.cat([tensor, self.unwanted[name]]) for name, tensor in self.wanted.items()
        }


def _rows(given: Given, rows: slice) -> Given:
    return {name: tensor[rows] for name, tensor in given.items()}
