"""Make the network of a run: a new one, or one that begins from a model."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.bundled import resource
from studio.models.checkpoints import model_in
from studio.models.formats.native import load, read_header
from studio.models.header import Header
from studio.models.networks.options import SongUNetOptions
from studio.models.networks.preconditioned import Preconditioned
from studio.models.networks.song_unet import SongUNet
from studio.training.errors import TrainingError
from studio.training.sections import About, Network

_KINDS: Mapping[str, Mapping[str, Any]] = {
    "ddpm++": {},
    "ncsn++": {
        "embedding_type": "fourier",
        "channel_mult_noise": 2,
        "encoder_type": "residual",
        "resample_filter": (1, 3, 3, 1),
    },
}
_LABEL, _AUGMENT = "model.map_label.weight", "model.map_augment.weight"
_LABEL_BIAS = "model.map_label.bias"


class Beginning:
    """What a run begins from: a description of the network, and weights if there are any.

    outputs: how many channels the loss needs from the network for one of the picture.

    Raises:
        TrainingError: the model to begin from is not of the studio's own format.
        ModelError: it is damaged.
    """

    def __init__(self, network: Network, folder: Path, outputs: int = 1) -> None:
        self._network, self._outputs = network, outputs
        self.base: Header | None = None
        if network.init:
            self._path = model_file(network.init, folder)
            self.base = read_header(self._path)

    @property
    def multiple(self) -> int:
        """Return what the side of the pictures has to be a multiple of."""
        if self.base is not None:
            return self.base.image[1]
        halvings = len(self._network.multipliers) - 1
        return int(self._network.space_to_depth << halvings)

    @property
    def channels(self) -> int:
        """Return the channels that the pictures must have; 0: any."""
        return self.base.image[0] if self.base else 0

    def header(
        self,
        shape: tuple[int, int, int],
        classes: Sequence[str],
        augment_labels: int,
        deviation: float,
        about: About,
    ) -> Header:
        """Return the description of the network for pictures of a shape (C, S, S).

        Raises:
            TrainingError: the pictures are larger than the model to begin from, or the options
                make no network.
        """
        card = {key: value for key, value in about.model_dump().items() if value}
        if self.base is not None:
            return self._like_base(shape, classes, augment_labels, card)
        options = self._options(shape, classes, augment_labels)
        return Header(
            network="SongUNet",
            preconditioning="EDM",
            kwargs=options,
            sigma_data=self._network.sigma_data or deviation,
            image=shape,
            space_to_depth=self._network.space_to_depth,
            classes=tuple(name[:200] for name in classes),
            **card,
        )

    def build(self, header: Header, seed: int, dtype: torch.dtype) -> Preconditioned:
        """Return the network on the CPU, with weights in float32, computing in `dtype`.

        Raises:
            TrainingError: the options make no network.
        """
        torch.manual_seed(seed)
        try:
            raw = SongUNet(**header.kwargs.model_dump())
        except ValueError as error:
            raise TrainingError(f"[network] makes no network: {error}.") from error
        network = Preconditioned(raw, header.sigma_data, header.space_to_depth, dtype)
        if self.base is not None:
            base = load(self._path, torch.device("cpu"), torch.float32).network
            weights = dict(base.state_dict())
            network.load_state_dict(_adapted(weights, network.state_dict(), self.base, header))
        return network

    def _options(
        self, shape: tuple[int, int, int], classes: Sequence[str], augment_labels: int
    ) -> SongUNetOptions:
        wish, factor = self._network, self._network.space_to_depth
        values: dict[str, Any] = {
            **_KINDS[wish.kind],
            "img_resolution": shape[1] // factor,
            "in_channels": shape[0] * factor**2,
            "out_channels": shape[0] * factor**2 * self._outputs,
            "label_dim": len(classes),
            "augment_dim": augment_labels,
            "model_channels": wish.channels,
            "channel_mult": wish.multipliers,
            "num_blocks": wish.blocks,
            "attn_resolutions": wish.attention,
            "dropout": wish.dropout,
        }
        try:
            return SongUNetOptions.model_validate(values)
        except ValueError as error:
            raise TrainingError(f"[network] makes no network: {error}.") from error

    def _like_base(
        self,
        shape: tuple[int, int, int],
        classes: Sequence[str],
        augment_labels: int,
        card: Mapping[str, str],
    ) -> Header:
        base = self.base
        assert base is not None
        if shape != base.image:
            raise TrainingError(
                f"The pictures are {shape[1]}x{shape[1]}, but the model to begin from makes "
                f"{base.image[1]}x{base.image[1]}, and its weights belong to that size. Leave "
                "[data] size out, or begin from nothing."
            )
        kept = max(base.kwargs.out_channels, base.kwargs.in_channels * self._outputs)
        changes = {
            "out_channels": kept,
            "label_dim": len(classes),
            "augment_dim": max(augment_labels, base.kwargs.augment_dim),
            "dropout": self._network.dropout,
            "label_dropout": 0.0,
        }
        if augment_labels and base.kwargs.augment_dim not in (0, augment_labels):
            raise TrainingError(
                f"The model to begin from was told {base.kwargs.augment_dim} numbers about the "
                f"augmentations, and [augment] use makes {augment_labels} of them."
            )
        kwargs = base.kwargs.model_copy(update=changes)
        names = tuple(name[:200] for name in classes)
        return base.model_copy(update={"kwargs": kwargs, "classes": names, "name": "", **card})


def model_file(init: str, folder: Path) -> Path:
    """Return the model to begin from: relative to the folder of the run, or bundled.

    Raises:
        TrainingError: there is none.
    """
    own = folder / Path(init).expanduser()
    for path in (own, resource("models", init)):
        if (file := model_in(path) or path).is_file():
            return file
    raise TrainingError(f"There is no model at “{own}”; correct [network] init in the run file.")


def _adapted(
    weights: dict[str, Tensor], fresh: Mapping[str, Tensor], base: Header, header: Header
) -> dict[str, Tensor]:
    """Return weights for the new classes and augmentations.

    A class that the model knew by the same name keeps its embedding; the others begin as no class.
    Channels that the model did not have begin at 0.
    """
    for name, tensor in weights.items():
        if name in fresh and len(fresh[name]) == 2 * len(tensor) and ".dec." in name:
            weights[name] = torch.cat([tensor, torch.zeros_like(tensor)])
    for name in (_LABEL, _AUGMENT):
        if name not in fresh:
            weights.pop(name, None)
        elif name not in weights:
            weights[name] = torch.zeros_like(fresh[name])
    if _LABEL not in fresh:
        weights.pop(_LABEL_BIAS, None)
    else:
        weights.setdefault(_LABEL_BIAS, torch.zeros_like(fresh[_LABEL_BIAS]))
        if base.class_names != header.class_names:
            weights[_LABEL] = _relabelled(weights[_LABEL], fresh[_LABEL], base, header)
    return weights


def _relabelled(old: Tensor, fresh: Tensor, base: Header, header: Header) -> Tensor:
    new = torch.zeros_like(fresh)
    # Labels are scaled by the root of their number before the embedding.
    scale = math.sqrt(max(len(base.class_names), 1) / len(header.class_names))
    for place, name in enumerate(header.class_names):
        if name in base.class_names:
            new[:, place] = old[:, base.class_names.index(name)] * scale
    return new
