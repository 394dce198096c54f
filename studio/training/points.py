"""Points in the plane to train on, drawn from a distribution, and the network that learns them."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from studio.models.formats import plane
from studio.models.networks.options import PlaneMLPOptions
from studio.models.networks.plane_mlp import PlaneMLP
from studio.models.networks.preconditioned import Preconditioned
from studio.models.toy.file import Components, ToyFile, is_toy, read_toy
from studio.models.toy.header import PlaneHeader
from studio.training import keyed
from studio.training.errors import TrainingError
from studio.training.loading import find_set
from studio.training.network import model_file
from studio.training.pictures import Pictures
from studio.training.sections import About, Data, Network, RunSettings

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
    """Return points of a distribution in the form of a set of pictures.

    Raises:
        TrainingError: no point is left to train on.
    """
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


class PlaneBeginning:
    """What a run on points begins from: a perceptron, new or from a model of the plane.

    Raises:
        TrainingError: the model to begin from is none of points.
        ModelError: it is damaged.
    """

    def __init__(self, network: Network, toy: ToyFile, folder: Path) -> None:
        self._network, self._toy = network, toy
        self._path = model_file(network.init, folder) if network.init else None
        if self._path and not plane.probe(self._path):
            raise TrainingError(
                f"“{self._path.name}” is no network of points in the plane; correct [network] init."
            )

    def header(self, classes: tuple[str, ...], deviation: float, about: About) -> PlaneHeader:
        """Return the description of the network.

        Raises:
            TrainingError: the model to begin from has other classes.
        """
        card = {key: value for key, value in about.model_dump().items() if value}
        wish = self._network
        kwargs = PlaneMLPOptions(width=wish.channels, blocks=wish.blocks, label_dim=len(classes))
        sigma_data = wish.sigma_data or deviation
        if self._path:
            base = plane.read_header(self._path)
            kwargs, sigma_data = base.kwargs, base.sigma_data
            if base.classes != classes:
                raise TrainingError(
                    "The model to begin from has other classes than the points; set [data] "
                    "classes as they were, or begin from nothing."
                )
        return PlaneHeader(
            kwargs=kwargs,
            sigma_data=sigma_data,
            classes=classes,
            distribution=self._toy,
            **card,
        )

    def build(self, header: PlaneHeader, seed: int, dtype: torch.dtype) -> Preconditioned:
        """Return the network on the CPU, with weights in float32, computing in `dtype`.

        Raises:
            ModelError: the model to begin from is damaged.
        """
        torch.manual_seed(seed)
        network = Preconditioned(
            PlaneMLP(**header.kwargs.model_dump()), header.sigma_data, dtype=dtype
        )
        if self._path:
            base = plane.load(self._path, torch.device("cpu"), torch.float32).network
            network.load_state_dict(base.state_dict())
        return network


def check_points(settings: RunSettings) -> None:
    """Refuse what is for pictures only.

    Raises:
        TrainingError: the settings ask for something that points do not have.
    """
    if not settings.loss.spec.planar:
        raise TrainingError(
            f"[loss] kind “{settings.loss.kind}” is for pictures, whose shades its bound counts; "
            "points in the plane have none. Choose another loss."
        )
    if settings.loop.compile and not settings.loss.spec.pictorial:
        raise TrainingError(
            f"[loop] compile cannot be used with [loss] kind “{settings.loss.kind}”, which takes "
            "the derivative of a derivative; set it to false."
        )
    if settings.lora.rank:
        raise TrainingError(
            "[lora] rank is for pictures; set it to 0 to train points in the plane."
        )
    for key, asked in (
        ("[augment] p", settings.augment.p),
        ("[data] mirror", settings.data.mirror),
    ):
        if asked:
            raise TrainingError(f"{key} is for pictures; points in the plane have none of it.")


def check_pictures(settings: RunSettings) -> None:
    """Refuse what is for points in the plane only.

    Raises:
        TrainingError: the loss takes a derivative for every dimension.
    """
    if not settings.loss.spec.pictorial:
        raise TrainingError(
            f"[loss] kind “{settings.loss.kind}” needs the derivatives of the network at every "
            "pixel, which pictures have too many of; it is for points in the plane, such as "
            "two-moons.toy.json. Denoising finds the same score: choose another loss."
        )
