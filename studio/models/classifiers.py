"""Classifiers of noisy pictures, which can guide a model (Dhariwal & Nichol 2021, algorithm 1)."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.models.errors import ModelError
from studio.models.guided_diffusion.classifier import (
    FoundClassifier,
    classifier_name,
    form_for,
    found_classifier,
)
from studio.models.guided_diffusion.describe import table_for
from studio.models.guided_diffusion.file import guided_tensors
from studio.models.guided_diffusion.shapes import is_classifier
from studio.models.open import readable
from studio.models.presets.settling import settled
from studio.models.torch_file import NamedTensors

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studio.models.networks.guided_classifier import GuidedClassifier


@dataclass(frozen=True, slots=True)
class ClassifierInfo:
    """Describe a classifier.

    `shape` is (C, H, W) of the pictures that it knows, `classes` counts what it tells apart;
    `settings` are those in force, such as the noise schedule.
    """

    path: str
    name: str
    shape: tuple[int, int, int]
    classes: int
    parameters: int
    settings: tuple[tuple[str, Any], ...]


class Classifier:
    """Tell how probable each class is of noisy pictures, with gradients in the pictures."""

    def __init__(
        self,
        info: ClassifierInfo,
        network: "GuidedClassifier",
        device: "torch.device",
        dtype: "torch.dtype",
    ) -> None:
        self.info = info
        self.network = network.eval().requires_grad_(False)
        self.device, self.dtype = device, dtype
        answers = dict(info.settings)
        self._table = table_for(str(answers["schedule"]), int(answers["steps"]))
        self._scale = 1000 / int(answers["steps"]) if answers["rescale"] else 1.0

    def __call__(self, x: "Tensor", sigma: "float | Tensor") -> "Tensor":
        """Return log p(class | x; sigma): (B, classes) float32.

        x: (B, C, H, W) pictures in [-1, 1] plus noise of std sigma; sigma: a number or (B,).

        Raises:
            ModelError: the pictures have another shape than those that the classifier knows.
        """
        import torch

        from studio.diffusion.preconditioning.discrete import precondition_eps

        if tuple(x.shape[1:]) != self.info.shape:
            wanted = " x ".join(map(str, self.info.shape))
            raise ModelError(
                f"“{self.info.name}” knows pictures of {wanted} (channels, height, width), not of "
                f"{' x '.join(map(str, x.shape[1:]))}. Choose the classifier of this size."
            )
        level = torch.as_tensor(sigma, dtype=torch.float32, device=self.device)
        level = level.clamp(min=1e-6).reshape(-1).expand(len(x))
        factors = precondition_eps(level, self._table, self._scale)
        seen = x.to(self.device, torch.float32) * factors.c_in[:, None, None, None]
        logits = self.network(seen.to(self.dtype), factors.c_noise)
        probabilities: Tensor = logits.float().log_softmax(dim=1)
        return probabilities

    def log_probability(self, x: "Tensor", sigma: "float | Tensor", labels: "Tensor") -> "Tensor":
        """Return log p(label | x; sigma): (B,) of one label (int64) per picture.

        Raises:
            ModelError: the pictures have another shape than those that the classifier knows.
        """
        every = self(x, sigma)
        return every.gather(1, labels.to(every.device)[:, None])[:, 0]


def inspect_classifier(path: str | os.PathLike[str]) -> ClassifierInfo:
    """Return what is known about a classifier, without its weights and without torch.

    Raises:
        ModelError: the file is missing, or no classifier.
    """
    file = Path(path)
    with readable(file):
        named, found = _found(file)
        return _info(file, named, found)


def load_classifier(
    path: str | os.PathLike[str],
    device: "str | torch.device" = "auto",
    dtype: "str | torch.dtype" = "auto",
) -> Classifier:
    """Open the classifier at `path` on a device; "auto" are the fastest device and float32.

    Raises:
        ModelError: the file is missing or no classifier, or there is no such device or type.
    """
    from studio.models.devices import choose_device, choose_dtype

    file, place, kind = Path(path), choose_device(device), choose_dtype(dtype)
    with readable(file):
        named, found = _found(file)
        info = _info(file, named, found)
        network = _network(file, named, found, info)
    network.to(place)
    _cast(network, kind)
    return Classifier(info, network, place, kind)


def _found(path: Path) -> tuple[NamedTensors, FoundClassifier]:
    named = guided_tensors(path)
    if named is None or not is_classifier(named.shapes):
        raise ModelError(
            f"“{path.name}” is no classifier of noisy pictures. Choose one of guided diffusion, "
            "such as 256x256_classifier.pt."
        )
    return named, found_classifier(path, named.shapes)


def _info(path: Path, named: NamedTensors, found: FoundClassifier) -> ClassifierInfo:
    answers = settled(form_for(path, found))
    side = int(answers["side"])
    return ClassifierInfo(
        path=os.fspath(path),
        name=path.stem,
        shape=(found.encoder.in_channels, side, side),
        classes=found.classes,
        parameters=named.size,
        settings=tuple(answers.items()),
    )


def _network(
    path: Path, named: NamedTensors, found: FoundClassifier, info: ClassifierInfo
) -> "GuidedClassifier":
    import torch

    from studio.models.networks.guided_classifier import GuidedClassifier

    try:
        with torch.device("meta"):
            network = GuidedClassifier(**found.options(dict(info.settings)))
    except ValueError as error:
        raise ModelError(f"“{path.name}” does not fit its settings ({error}).") from error
    wanted = {name: each.shape for name, each in network.state_dict().items()}
    tensors = {}
    for theirs, tensor in named.load().items():
        name = classifier_name(theirs, found.pool)
        tensors[name] = tensor.float()
        if name in wanted and tensor.ndim + 1 == len(wanted[name]):
            tensors[name] = tensors[name][..., None]  # a convolution along one axis
    wrong = {n for n in wanted.keys() | tensors if n not in tensors or n not in wanted}
    wrong |= {n for n in wanted.keys() & tensors if tensors[n].shape != wanted[n]}
    if wrong:
        raise ModelError(f"“{path.name}” is no whole classifier: {min(wrong)} does not fit.")
    network.load_state_dict(tensors, assign=True)
    return network


def _cast(network: "GuidedClassifier", dtype: "torch.dtype") -> None:
    from studio.models.networks.layers import Conv2d, GroupNorm

    for layer in network.modules():
        if isinstance(layer, (Conv2d, GroupNorm)):
            layer.to(dtype)
