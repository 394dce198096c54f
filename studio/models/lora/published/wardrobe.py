"""The parts of a latent model and the published LoRAs that they wear, merged into the weights."""

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path

import torch
from torch import Tensor, nn

from studio.models.containers import Shapes, shapes_in, tensors_in
from studio.models.digest import file_digest
from studio.models.errors import ModelError
from studio.models.lora.file import is_lora
from studio.models.lora.published.file import Factors, PublishedLora, read_published_lora
from studio.models.lora.published.layers import layers_of
from studio.models.lora.wardrobe import Worn

Deltas = dict[nn.Module, Tensor]


class PartsWardrobe:
    """Put LoRAs on the network and the text encoders of a model, and take them off.

    The weights become W + Σ strength · alpha / rank · up · down in place, so that what was compiled
    or captured stays valid. What they were is kept, and put back to the last bit.

    parts: unet, text_encoder and text_encoder_2, as far as there are; name: that of the model.
    """

    def __init__(self, parts: Mapping[str, nn.Module], name: str) -> None:
        self._layers = layers_of(parts)
        self._name = name
        self._own: dict[nn.Module, Tensor] = {}
        self._digests: dict[Path, tuple[tuple[int, int], str]] = {}
        self._asked: tuple[Worn, ...] = ()
        self.worn: tuple[Worn, ...] = ()

    def wear(self, worn: Sequence[Worn]) -> None:
        """Wear these LoRAs and no others; where that cannot be, all stays as it was.

        Raises:
            ModelError: one is missing, damaged, no longer what it was, or for another model.
        """
        wanted = tuple(worn)
        if self.wears(wanted):
            return
        with torch.inference_mode(False), torch.no_grad():
            checked = [(each, *self._checked(each)) for each in wanted]
            total: Deltas = {}
            for each, lora, _ in checked:
                if each.strength:
                    self._add(total, Path(each.path), lora, each.strength)
            self._put_on(total)
        self._asked = wanted
        self.worn = tuple(each._replace(sha256=digest) for each, _, digest in checked)

    def wears(self, worn: Sequence[Worn]) -> bool:
        """Tell whether these LoRAs are on, and no others."""
        return tuple(worn) in (self._asked, self.worn)

    def _checked(self, worn: Worn) -> tuple[PublishedLora, str]:
        """Return what a file is and its hash, before anything is changed."""
        path = Path(worn.path)
        if not path.is_file():
            raise ModelError(f"There is no LoRA at “{path}”; put it back, or take it off the list.")
        if is_lora(path):
            raise ModelError(
                f"“{path.name}” is a LoRA for a network of pixels, not for “{self._name}”. Take it "
                "off, or open a model of that kind."
            )
        digest = self._digest(path)
        if worn.sha256 not in ("", digest):
            raise ModelError(
                f"The LoRA file “{worn.path}” has changed since it was chosen; add it again to use "
                "what it is now."
            )
        lora = read_published_lora(path)
        self._check_fit(path, lora)
        return lora, digest

    def _digest(self, path: Path) -> str:
        stat = path.stat()
        signature = stat.st_mtime_ns, stat.st_size
        known = self._digests.get(path)
        if known is None or known[0] != signature:
            known = self._digests[path] = signature, file_digest(path)
        return known[1]

    def _check_fit(self, path: Path, lora: PublishedLora) -> None:
        shapes = shapes_in(path)
        for place, factors in lora.layers.items():
            layer = self._layers.get(place)
            if layer is None:
                raise self._misfit(path, lora, f"there is no layer {place.layer}")
            if _outer(shapes, factors) != _sides(layer):
                raise self._misfit(path, lora, f"the layer {place.layer} has another shape")

    def _misfit(self, path: Path, lora: PublishedLora, why: str) -> ModelError:
        return ModelError(
            f"“{path.name}” is a LoRA for {lora.family}, and does not fit “{self._name}”: {why}. "
            "Take it off, or open a model that it was made for."
        )

    def _add(self, total: Deltas, path: Path, lora: PublishedLora, strength: float) -> None:
        tensors = tensors_in(path, lambda name: True)
        for place, factors in lora.layers.items():
            layer = self._layers[place]
            weight = layer.get_parameter("weight")
            delta = _delta(factors, tensors, weight.device).view(weight.shape) * strength
            total[layer] = total[layer] + delta if layer in total else delta

    def _put_on(self, total: Deltas) -> None:
        for layer in self._own.keys() | total.keys():
            weight = layer.get_parameter("weight")
            if layer not in self._own:
                # Kept in host memory: that of a device is short.
                self._own[layer] = weight.detach().cpu().clone()
            own = self._own[layer]
            if layer in total:
                exact = own.to(weight.device, torch.promote_types(own.dtype, torch.float32))
                weight.data.copy_((exact + total[layer].to(exact)).to(own.dtype))
            else:
                weight.data.copy_(own)
                del self._own[layer]


def _delta(factors: Factors, tensors: Mapping[str, Tensor], device: torch.device) -> Tensor:
    """Return scale · up · down, with the core tensor of a LoCon between them if there is one."""

    def read(name: str) -> Tensor:
        return tensors[name].to(device, torch.float32)

    down, up = read(factors.down), read(factors.up)
    if factors.mid:
        inner = read(factors.mid)
        product = torch.einsum("or,rsij,sc->ocij", up.flatten(1), inner, down.flatten(1))
    else:
        product = up.flatten(1) @ down.flatten(1)
    if factors.alpha:
        return product * (float(tensors[factors.alpha]) / factors.rank)
    return product * (1.0 if factors.scale is None else factors.scale)


def _outer(shapes: Shapes, factors: Factors) -> tuple[int, int]:
    """Return the first side and the product of the others of what the factors make.

    (-1, -1) where they do not fit each other.
    """
    down, up = shapes[factors.down], shapes[factors.up]
    core = shapes[factors.mid] if factors.mid else (down[0], down[0])
    if prod(up[1:]) != core[0] or core[1] != down[0]:
        return -1, -1
    return up[0], prod(down[1:]) * prod(core[2:])


def _sides(layer: nn.Module) -> tuple[int, int]:
    weight = layer.get_parameter("weight")
    return weight.shape[0], weight[0].numel()
