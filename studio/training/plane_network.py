"""Make the network of a run on points in the plane."""

from pathlib import Path

import torch

from studio.models.formats import plane
from studio.models.networks.options import PlaneMLPOptions
from studio.models.networks.plane_mlp import PlaneMLP
from studio.models.networks.preconditioned import Preconditioned
from studio.models.toy.file import ToyFile
from studio.models.toy.header import PlaneHeader
from studio.training.errors import TrainingError
from studio.training.network import model_file
from studio.training.sections import About, Network


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
