"""Make the network of a run: a new one, or one that begins from a model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from studio.bundled import resource
from studio.models.adapting import adapted
from studio.models.checkpoints import model_in
from studio.models.describe import describe
from studio.models.header import Header
from studio.models.learned import LearnedModel
from studio.models.lora.header import LoraHeader
from studio.models.networks.options import SongUNetOptions
from studio.models.networks.preconditioned import Preconditioned
from studio.models.open import inspect_model, load_model
from studio.training.errors import TrainingError
from studio.training.lora import add_lora, lora_header
from studio.training.sections import About, Lora, Network

_KINDS: Mapping[str, Mapping[str, Any]] = {
    "ddpm++": {},
    "ncsn++": {
        "embedding_type": "fourier",
        "channel_mult_noise": 2,
        "encoder_type": "residual",
        "resample_filter": (1, 3, 3, 1),
    },
}


class Beginning:
    """What a run begins from: a description of the network, and weights if there are any.

    outputs: how many channels the loss needs from the network for one of the picture.

    Raises:
        TrainingError: there is no model to begin from, or it has no network to be trained.
        ModelError: it is damaged.
    """

    def __init__(self, network: Network, lora: Lora, folder: Path, outputs: int = 1) -> None:
        self._network, self._lora, self._outputs = network, lora, outputs
        self.base: Header | None = None
        if network.init:
            self._path = model_file(network.init, folder)
            self.base = describe(self._path)
        elif lora.rank:
            raise TrainingError(
                "A LoRA changes a model that there is: name it in [network] init, or set [lora] "
                "rank to 0."
            )

    @property
    def multiple(self) -> int:
        """Return what the side of the pictures has to be a multiple of."""
        if self.base is not None:
            return self.base.space_to_depth * self.base.kwargs.multiple
        halvings = len(self._network.multipliers) - 1
        return int(self._network.space_to_depth << halvings)

    @property
    def side(self) -> int:
        """Return the side of the pictures of the model to begin from, in pixels; 0: any."""
        return self.base.image[1] if self.base else 0

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
            TrainingError: the pictures do not suit the model to begin from, or the options make no
                network.
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
            raw = header.kind.build(header.kwargs)
        except ValueError as error:
            raise TrainingError(f"[network] makes no network: {error}.") from error
        network = Preconditioned(
            raw, header.sigma_data, header.space_to_depth, dtype, factors=header.factors
        )
        if self.base is not None:
            begun = load_model(self._path, torch.device("cpu"), torch.float32)
            assert isinstance(begun, LearnedModel)
            shapes = {name: tensor.shape for name, tensor in network.state_dict().items()}
            weights = begun.network.state_dict()
            network.load_state_dict(adapted(weights, shapes, self.base, header))
        if self._lora.rank:
            add_lora(network, self._lora, own_classes=self._has_own_classes(header))
        return network

    def described_lora(self, header: Header, about: About) -> LoraHeader | None:
        """Return the description of the LoRA that is to be trained, if it is one."""
        if self.base is None or not self._lora.rank:
            return None
        return lora_header(header, self._lora, self._path, self.base.name, about)

    def _has_own_classes(self, header: Header) -> bool:
        return self.base is not None and header.class_names != self.base.class_names

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
        self._check_likeness(base, shape, augment_labels)
        if self._lora.rank and not classes:
            classes = base.class_names  # a LoRA can leave them alone
        names = tuple(name[:200] for name in classes)
        changes = {
            "out_channels": self._out_channels(base),
            "label_dim": len(classes),
            "augment_dim": max(augment_labels, base.kwargs.augment_dim),
            "dropout": self._network.dropout,
            "label_dropout": 0.0,
        }
        resized = base.kwargs.resized(shape[1] // base.space_to_depth)
        known = {key: value for key, value in changes.items() if key in type(resized).model_fields}
        kwargs = resized.model_copy(update=known)
        described = {"kwargs": kwargs, "image": shape, "classes": names, "name": "", "note": ""}
        return base.model_copy(update={**described, **card})

    def _out_channels(self, base: Header) -> int:
        """Return the channels that the network gives: never fewer than the model did."""
        return max(base.kwargs.out_channels, base.kwargs.in_channels * self._outputs)

    def _check_likeness(
        self, base: Header, shape: tuple[int, int, int], augment_labels: int
    ) -> None:
        known = base.kwargs.augment_dim
        if self._lora.rank and shape != base.image:
            raise TrainingError(
                f"The pictures are {shape[1]}x{shape[1]}, but a LoRA keeps the size of its model, "
                f"{base.image[1]}x{base.image[1]}. Leave [data] size out, or train every weight: "
                "[lora] rank = 0."
            )
        if self._lora.rank and self._out_channels(base) > base.kwargs.out_channels:
            raise TrainingError(
                "The loss learns a variance, for which the model to begin from has no channels; a "
                "LoRA cannot add them. Choose another [loss] kind, or set [lora] rank to 0."
            )
        if augment_labels and known != augment_labels and (known or self._lora.rank):
            raise TrainingError(
                f"The model to begin from was told {known} numbers about the augmentations, and "
                f"[augment] use makes {augment_labels} of them."
            )


def model_file(init: str, folder: Path) -> Path:
    """Return the model to begin from: relative to the folder of the run, or bundled.

    Raises:
        TrainingError: there is none.
    """
    own = folder / Path(init).expanduser()
    for path in (own, resource("models", init)):
        if file := model_in(path):
            return file
        if path.exists():
            _check_trainable(path)
            return path
    raise TrainingError(f"There is no model at “{own}”; correct [network] init in the run file.")


def _check_trainable(path: Path) -> None:
    info = inspect_model(path)
    reasons = {
        "pictures": "it is the ideal denoiser of a set of pictures, computed from them",
        "toy": "it is a distribution in the plane with an exact denoiser",
    }
    if reason := reasons.get(info.format):
        raise TrainingError(
            f"“{info.name}” has no weights to train: {reason}. Name a network in [network] init, "
            'or begin from nothing: init = "".'
        )
