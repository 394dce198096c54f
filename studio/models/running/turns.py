"""Networks that take turns on a device which cannot hold them all."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_map_only

from studio.models.errors import ModelError

_DOORS = ("encode", "decode")  # how autoencoders are called, beside their forward


class Turns:
    """Keep on the device, of several networks, only the one that is at work.

    A network comes when it is called and sends away to the host the one that was there before.
    Those named in `in_layers`, which do not fit as a whole, come layer by layer instead.
    """

    def __init__(
        self,
        parts: Mapping[str, nn.Module],
        device: torch.device,
        in_layers: frozenset[str] = frozenset(),
    ) -> None:
        self._parts, self.device = dict(parts), device
        self._in_layers = in_layers
        self.here = ""
        for name, part in self._parts.items():
            self._hang(name, part)

    def call(self, name: str) -> None:
        """Bring a network to the device, in place of the one that is there."""
        if name == self.here:
            return
        self.send_away()
        if name not in self._in_layers:
            self._parts[name].to(self.device)
            self.here = name

    def send_away(self) -> None:
        """Leave nothing on the device."""
        if self.here:
            self._parts[self.here].to("cpu")
            self.here = ""

    def undress(self, name: str) -> None:
        """Bring the weights of the model of that name to the host, where they can be changed.

        Raises:
            ModelError: they come layer by layer, so that there is nothing to change.
        """
        if self._in_layers:
            raise ModelError(
                f"“{name}” comes to {self.device} layer by layer, because it does not fit there, "
                "and cannot wear LoRAs. Take them off, or choose the CPU in the settings."
            )
        self.send_away()

    def _hang(self, name: str, part: nn.Module) -> None:
        if name in self._in_layers:
            _by_layers(part, self.device)
        part.register_forward_pre_hook(partial(self._before, name), with_kwargs=True)
        for door in _DOORS:
            if callable(inner := getattr(part, door, None)):
                setattr(part, door, partial(self._through, name, inner))

    def _through(self, name: str, inner: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        self.call(name)
        return inner(*self._placed(arguments), **self._placed(named))

    def _before(self, name: str, _part: nn.Module, arguments: Any, named: Any) -> tuple[Any, Any]:
        self.call(name)
        return self._placed(arguments), self._placed(named)

    def _placed(self, given: Any) -> Any:
        return tree_map_only(torch.Tensor, lambda tensor: tensor.to(self.device), given)


def _by_layers(part: nn.Module, device: torch.device) -> None:
    from accelerate import cpu_offload

    cpu_offload(part, execution_device=device, offload_buffers=True)


def size_of(part: nn.Module) -> int:
    """Return the bytes that a network takes."""
    tensors = (*part.parameters(), *part.buffers())
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
