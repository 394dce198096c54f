"""The loss on pictures that are not trained on, at the same noise every time."""

import torch
from torch import Tensor

from studio.training import keyed
from studio.training.objective import Objective
from studio.training.pictures import as_values

_MOST, _AT_ONCE = 512, 64


@torch.no_grad()
def held_out_loss(
    objective: Objective, pixels: Tensor, labels: Tensor, classes: int, device: torch.device
) -> float:
    """Return the mean weighted loss of an objective over at most 512 pictures: (N, C, S, S) uint8.

    The levels are spread evenly over those of training; levels and noise are always the same.
    """
    count = min(len(pixels), _MOST)
    numbers = torch.arange(count, device=device)
    # In an order that does not go with that of the pictures, which may be sorted by class.
    shares = (numbers * 0.6180339887498949 + 0.5).double() % 1
    # Sliced score matching draws its directions from torch's generator.
    torch.manual_seed(0)
    losses = []
    for start in range(0, count, _AT_ONCE):
        part = numbers[start : start + _AT_ONCE]
        chosen = part.to(pixels.device)
        clean = as_values(pixels[chosen].to(device))
        noise = keyed.normal(keyed.key(0, keyed.NOISE), part, clean[0].numel()).view_as(clean)
        known = labels[chosen].to(device)[:, None] == torch.arange(classes, device=device)
        hot = known.float() if classes else None
        losses.append(objective(clean, noise, objective.levels(shares[part]), hot, None)[1])
    return float(torch.cat(losses).mean())
