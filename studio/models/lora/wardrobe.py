"""A network and the LoRAs that it wears, merged into its weights."""

from collections.abc import Mapping, Sequence
from math import sqrt
from pathlib import Path
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from studio.models.errors import ModelError
from studio.models.lora.classes import joined_classes
from studio.models.lora.tensors import Lora, load_lora
from studio.models.networks.layers import Linear
from studio.models.networks.preconditioned import Preconditioned

_KEPT = 8


class Worn(NamedTuple):
    """A LoRA file and how strongly it acts: 0 not at all, 1 as it was trained.

    `sha256` is what the file has to be; empty: whatever it is.
    """

    path: str
    strength: float = 1.0
    sha256: str = ""


class Wardrobe:
    """Put LoRAs on a network and take them off: W + Σ strength · alpha / rank · B A.

    The weights of the network itself are kept as they are, so that without LoRAs, or at strengths
    of 0, it is the same to the last bit. The classes that LoRAs bring come after its own; a class
    that it knows by the same name is shifted instead. `worn` says what is on, hashes included.
    """

    def __init__(self, network: Preconditioned, name: str, classes: tuple[str, ...]) -> None:
        self._network, self._name = network, name
        self._model: Any = network.model  # every kind of network has `map_label` and `label_dim`
        self._own = classes
        self._labels = cast(Linear | None, self._model.map_label)
        self._weights: dict[str, Tensor] = {}
        self._opened: dict[str, Lora] = {}
        self._asked: tuple[Worn, ...] = ()
        self.worn: tuple[Worn, ...] = ()
        self.classes = classes

    def wear(self, worn: Sequence[Worn]) -> None:
        """Wear these LoRAs and no others; where that cannot be, all stays as it was.

        Raises:
            ModelError: one is missing, damaged, no longer what it was, or for another network.
        """
        wanted = tuple(worn)
        if self.wears(wanted):
            return
        # What is computed here must also serve a call that needs gradients.
        with torch.inference_mode(False), torch.no_grad():
            loras = [(self._open(each), each.strength) for each in wanted]
            self._merge(loras)
            self._mix_labels(loras)
        self._asked = wanted
        self.worn = tuple(
            each._replace(sha256=lora.sha256) for each, (lora, _) in zip(wanted, loras, strict=True)
        )
        self.classes = joined_classes(self._own, (lora.file.classes for lora, _ in loras))

    def wears(self, worn: Sequence[Worn]) -> bool:
        """Tell whether these LoRAs are on, and no others."""
        return tuple(worn) in (self._asked, self.worn)

    def _open(self, worn: Worn) -> Lora:
        lora = self._opened.get(worn.path)
        if lora is None or (worn.sha256 and lora.sha256 != worn.sha256):
            device = next(self._network.parameters()).device
            lora = load_lora(Path(worn.path), device)
            lora.check_fit(self._network, self._name)
            self._opened[worn.path] = lora
            while len(self._opened) > _KEPT:
                del self._opened[next(iter(self._opened))]
        if worn.sha256 and lora.sha256 != worn.sha256:
            raise ModelError(
                f"The LoRA file “{worn.path}” has changed since it was chosen; add it again to use "
                "what it is now."
            )
        return lora

    def _merge(self, loras: Sequence[tuple[Lora, float]]) -> None:
        names = {layer for lora, _ in loras for layer in lora.factors}
        for name in names | self._weights.keys():
            weight = self._network.get_parameter(f"{name}.weight")
            own = self._weights.setdefault(name, weight.data)
            deltas = [(lora.delta(name), by) for lora, by in loras if by]
            weight.data = _sum(own, [(d, by) for d, by in deltas if d is not None])

    def _mix_labels(self, loras: Sequence[tuple[Lora, float]]) -> None:
        """Let the network know the classes that LoRAs bring."""
        own, count = self._labels, len(self._own)
        brought = joined_classes((), (lora.file.classes for lora, _ in loras))
        new = [name for name in brought if name not in self._own]
        self._model.map_label = own
        self._model.label_dim = count or len(new)
        if not brought:
            return
        columns = {name: self._column(name, loras) for name in brought}
        # Labels reach the layer scaled by the root of their number.
        scale = 1 / sqrt(self._model.label_dim)
        shifts = {self._own.index(n): columns[n] * scale for n in brought if n in self._own}
        added = torch.stack([columns[n] * scale for n in new], 1) if new else None
        self._model.map_label = _MixedLabels(own, shifts, added)

    def _column(self, name: str, loras: Sequence[tuple[Lora, float]]) -> Tensor:
        """Return what is added for a class, beyond what the network itself has for it."""
        total: Tensor | None = None
        for lora, strength in loras:
            if lora.embedding is None or name not in lora.file.classes:
                continue
            column = lora.embedding[:, lora.file.classes.index(name)]
            if name in self._own:
                assert self._labels is not None
                known = self._labels.weight.data[:, self._own.index(name)]
                column = column - known.float() * sqrt(len(self._own))
            part = column * strength
            total = part if total is None else total + part
        assert total is not None
        return total


class _MixedLabels(nn.Module):
    """Embed the classes of a network, some of them shifted, and more that come after them."""

    def __init__(
        self, own: Linear | None, shifts: Mapping[int, Tensor], added: Tensor | None
    ) -> None:
        super().__init__()
        self.own = own
        self._shifts, self._added = dict(shifts), added

    def forward(self, labels: Tensor) -> Tensor:
        """Return the embedding (B, channels) of labels: (B, classes), or of the network's own."""
        own = self.own
        count = own.in_features if own else 0
        parts = [own(labels[:, :count])] if own else []
        for place, shift in self._shifts.items():
            parts.append(labels[:, place, None] * shift.to(labels))
        if self._added is not None and labels.shape[1] > count:
            parts.append(linear(labels[:, count:], self._added.to(labels)))
        total: Tensor = sum(parts[1:], parts[0])
        return total


def _sum(own: Tensor, deltas: Sequence[tuple[Tensor, float]]) -> Tensor:
    if not deltas:
        return own
    total = own.to(torch.promote_types(own.dtype, torch.float32))
    for delta, strength in deltas:
        total = total + delta.to(total.dtype) * strength
    return total.to(own.dtype)
