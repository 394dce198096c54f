"""Add up what is to be shown, on the device, until somebody asks."""

from typing import Any

import torch
from torch import Tensor

from studio.training.run_folder.levels import BUCKETS, HIGHEST, LOWEST


class Tally:
    """Sum losses, by noise level too, gradients and skipped steps, without waiting for the device.

    The buckets are 16 even parts of ln σ from .002 to 80; the outer ones hold what lies beyond.
    """

    def __init__(self, device: torch.device) -> None:
        self._losses = torch.zeros(2, BUCKETS, dtype=torch.float64, device=device)
        self._steps = torch.zeros(3, dtype=torch.float64, device=device)

    def add_losses(self, sigma: Tensor, weighted: Tensor) -> None:
        """Take in the weighted losses of samples, (B,); those that are not finite do not count."""
        places = ((sigma.log() - LOWEST) * (BUCKETS / (HIGHEST - LOWEST))).long()
        places = places.clamp(0, BUCKETS - 1)
        fine = torch.isfinite(weighted)
        losses = torch.where(fine, weighted, 0).double()
        self._losses.index_add_(1, places, torch.stack([losses, fine.double()]))

    def add_step(self, norm: Tensor, bad: Tensor) -> None:
        """Take in the norm of a gradient, and 1 if its step was skipped."""
        good = 1 - bad
        self._steps += torch.stack([torch.where(bad > 0, 0, norm), good, bad]).double()

    def take(self) -> Tensor:
        """Return the sums so far, (35,) float64 on the CPU, and begin again; waits for it."""
        sums = torch.cat([self._losses.flatten(), self._steps]).cpu()
        self._losses.zero_()
        self._steps.zero_()
        return sums


def figures(sums: Tensor) -> dict[str, Any]:
    """Return loss, loss per bucket (None where nothing fell), gradient norm and skipped steps."""
    losses, counts = sums[: 2 * BUCKETS].view(2, BUCKETS).tolist()
    norms, good, bad = sums[2 * BUCKETS :].tolist()
    count = sum(counts)
    return {
        "loss": sum(losses) / count if count else None,
        "loss_by_level": [a / n if n else None for a, n in zip(losses, counts, strict=True)],
        "gradient_norm": norms / good if good else None,
        "skipped": int(bad),
    }
