"""Points in the plane to train on, drawn from a distribution."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from studio.models.toy.file import Components, ToyFile, is_toy, read_toy
from studio.training import keyed
from studio.training.loading import find_set
from studio.training.pictures import Pictures
from studio.training.sections import Data

COUNT = 1 << 17
"""Points that are drawn once, to be trained on again and again."""


class Drawn(NamedTuple):
    """Hold points: (N, 2, 1, 1) float32 and the class of each, (N,) int64."""

    points: torch.Tensor
    labels: torch.Tensor


def toy_of(data: Data, folder: Path) -> ToyFile | None:
    """Return the distribution that a run file asks for, None where it asks for pictures.

    Raises:
        TrainingError: there is nothing of that name.
        ModelError: the distribution is damaged.
    """
    path = find_set(data.path, folder)
    return read_toy(path) if is_toy(path) else None


def draw(components: Components, seed: int, count: int) -> Drawn:
    """Return points of a distribution, which follow from the seed alone."""
    numbers = torch.arange(count)
    u = keyed.uniform(keyed.key(seed, keyed.ORDER, 1), numbers, 1)[:, 0].numpy()
    normal = keyed.normal(keyed.key(seed, keyed.ORDER, 2), numbers, 2).double().numpy()
    which = np.searchsorted(components.weights.cumsum(), u).clip(max=len(components.weights) - 1)
    xx, xy, yy = components.covariances.T
    # The Cholesky factor of every covariance, which may be singular.
    a = np.sqrt(xx)
    b = np.divide(xy, a, out=np.zeros_like(a), where=a > 0)
    c = np.sqrt(np.maximum(yy - b * b, 0))
    offsets = np.stack(
        [a[which] * normal[:, 0], b[which] * normal[:, 0] + c[which] * normal[:, 1]], axis=1
    )
    points = torch.from_numpy(components.means[which] + offsets).float()[:, :, None, None]
    return Drawn(points, torch.from_numpy(components.labels[which]))


def load_points(toy: ToyFile, data: Data, seed: int, count: int = COUNT) -> Pictures:
    """Return points of a distribution in the form of a set of pictures."""
    points, labels = draw(toy.components(), seed, count)
    classes = toy.classes if data.classes else ()
    if not classes:
        labels = torch.full_like(labels, -1)
    numbers = torch.arange(count)
    out = keyed.uniform(keyed.key(seed, keyed.HELD_OUT), numbers, 1)[:, 0] < data.held_out
    return Pictures(
        pixels=points,
        labels=labels,
        trained=numbers[~out],
        held_out=numbers[out],
        classes=classes,
        background=(0, 0, 0),
        sizes=Counter(),
        remarks=(f"Points drawn from “{toy.name or toy.family}”.",),
    )
