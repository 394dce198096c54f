"""The loss on pictures that are not trained on, at the same noise every time."""

from typing import Any

import torch

from studio.training import keyed
from studio.training.objective import Objective
from studio.training.pictures import Pictures, as_values
from studio.training.tally import Tally, figures

_MOST, _AT_ONCE = 512, 64


@torch.no_grad()
def held_out_losses(
    objective: Objective, pictures: Pictures, device: torch.device
) -> dict[str, Any]:
    """Return the mean weighted `loss` of an objective, and `loss_by_level`, over held-out pictures.

    At most 512 of them are taken. The levels are spread evenly over those of training; levels and
    noise are always the same, so that figures of different times can be compared.
    """
    pixels, labels = pictures.some(pictures.held_out[:_MOST])
    numbers = torch.arange(len(pixels), device=device)
    # In an order that does not go with that of the pictures, which may be sorted by class.
    shares = (numbers * 0.6180339887498949 + 0.5).double() % 1
    classes = torch.arange(len(pictures.classes), device=device)
    tally = Tally(device)
    # Sliced score matching draws its directions from torch's generator.
    torch.manual_seed(0)
    for start in range(0, len(numbers), _AT_ONCE):
        part = numbers[start : start + _AT_ONCE]
        chosen = part.cpu()
        clean = as_values(pixels[chosen].to(device))
        noise = keyed.normal(keyed.key(0, keyed.NOISE), part, clean[0].numel()).view_as(clean)
        hot = (labels[chosen].to(device)[:, None] == classes).float() if len(classes) else None
        sigma = objective.levels(shares[part])
        tally.add_losses(sigma, objective(clean, noise, sigma, hot, None)[1])
    found = figures(tally.take())
    return {"loss": found["loss"], "loss_by_level": found["loss_by_level"]}
