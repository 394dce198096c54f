"""Class labels in the form that every model takes."""

import torch
from torch import Tensor

from studio.models.errors import ModelError


def one_hot(labels: Tensor | None, batch: int, classes: int, device: torch.device) -> Tensor | None:
    """Return labels as (batch, classes) float32, where a row of zeros is no class; None stays None.

    labels: None, (B,) int64 indices where -1 is no class, or (B, classes) one-hot. Nothing waits
    for the device, so that indices out of range are noticed on the CPU only; elsewhere they are
    no class.

    Raises:
        ModelError: the labels have another shape, or ask for a class that the model does not have.
    """
    if labels is None:
        return None
    if labels.ndim == 2 and labels.shape == (batch, classes):
        return labels.to(device, torch.float32)
    if labels.ndim != 1 or len(labels) != batch or labels.is_floating_point():
        raise ModelError(
            f"The labels have the shape {tuple(labels.shape)}; give one class index per picture "
            f"({batch}) or one-hot rows ({batch}, {classes})."
        )
    _check_range(labels, classes)
    indices = torch.arange(classes, device=device)
    return (labels.to(device)[:, None] == indices).float() if classes else None


def _check_range(labels: Tensor, classes: int) -> None:
    if labels.device.type != "cpu" or not len(labels) or int(labels.max()) < classes:
        return
    has = f"the classes 0 to {classes - 1}" if classes else "no classes"
    raise ModelError(f"Class {int(labels.max())} is asked for, but the model has {has}.")
