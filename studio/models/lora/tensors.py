"""The tensors of a LoRA, and what they add to the weights of a network."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from studio.models.digest import file_digest
from studio.models.errors import ModelError
from studio.models.lora.file import LABELS, PREFIX, LoraFile, read_lora
from studio.models.tensor_file import damaged


@dataclass(frozen=True, slots=True, eq=False)
class Lora:
    """Hold the factors (A, B) by the names of their layers, on a device, in float32.

    `embedding`: (channels, classes) of the classes that it brings, as the network sees a class that
    is not scaled; None where it brings none.
    """

    name: str
    file: LoraFile
    sha256: str
    factors: Mapping[str, tuple[Tensor, Tensor]]
    embedding: Tensor | None

    def delta(self, layer: str) -> Tensor | None:
        """Return what it adds to a layer's weight at a strength of 1: alpha / rank · B A."""
        if layer not in self.factors:
            return None
        a, b = self.factors[layer]
        product = b.flatten(1) @ a.flatten(1)
        return product.view(len(b), *a.shape[1:]) * self.file.header.scale

    def check_fit(self, network: nn.Module, model: str) -> None:
        """Refuse a network that has other layers.

        Raises:
            ModelError: it does, named with the first layer that does not fit.
        """
        layers = dict(network.named_modules())
        for name, (a, b) in self.factors.items():
            layer = layers.get(name)
            shape = (len(b), *a.shape[1:])
            if not isinstance(layer, nn.Conv2d | nn.Linear) or tuple(layer.weight.shape) != shape:
                raise ModelError(
                    f"“{self.name}” is a LoRA for another network than “{model}”: it was trained "
                    f"on “{self.file.header.base.name}”, and {name} does not fit. Take it off, or "
                    "open a model of that kind."
                )


def load_lora(
    path: Path, device: torch.device, instead: Mapping[str, Tensor] | None = None
) -> Lora:
    """Return the tensors of a LoRA file, or others of the same names in their place.

    Raises:
        ModelError: it is missing, of another kind or damaged.
    """
    file = read_lora(path)
    try:
        digest = file_digest(path)
        with safe_open(path, framework="pt") as tensors:

            def read(name: str) -> Tensor:
                full = PREFIX + name
                tensor: Tensor = instead[full] if instead else tensors.get_tensor(full)
                # A copy, because the tensors of safetensors stay tied to the file.
                return tensor.to(device, torch.float32, copy=True)

            factors = {
                layer: (read(f"{layer}.lora_A.weight"), read(f"{layer}.lora_B.weight"))
                for layer in file.layers
            }
            embedding = read(f"{LABELS}.weight") if file.own_classes else None
    except SafetensorError as error:
        raise damaged(path) from error
    if embedding is not None:
        embedding *= math.sqrt(embedding.shape[1])
        if embedding.shape[1] != len(file.classes):
            raise ModelError(f"“{path.name}” is damaged: its classes are not those that it names.")
    return Lora(file.header.name or path.stem, file, digest, factors, embedding)
