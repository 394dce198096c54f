"""Open a model the way the person wants networks to run, and as memory allows."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from studio.models.devices import available
from studio.models.errors import ModelError
from studio.models.running.choice import Running
from studio.models.running.compiling import compile_network
from studio.models.running.estimate import Estimate, free_bytes, size
from studio.models.running.turns import Turns, size_of

if TYPE_CHECKING:
    from studio.models.model import Model

_CPU = torch.device("cpu")
_ROOM = 0.8  # of what is free may hold weights; the rest is for the work
_SHORT = (torch.bfloat16, torch.float16)


def opened(
    load: "Callable[[torch.device], Model]",
    device: torch.device,
    running: Running,
    expected: Estimate | None,
) -> "Model":
    """Return a model on a device: whole, or with its networks taking turns there.

    load: opens it on a device. expected: what it will need, None where that is little.

    Raises:
        ModelError: it cannot be opened, or there is no memory for it.
    """
    _check_room(expected)
    short = expected is not None and expected.verdict in ("in parts", "too large")
    wanted = running.offload == "on" or (running.offload == "auto" and short)
    in_turns = wanted and device.type != "cpu"
    model = load(_CPU if in_turns else device)
    if in_turns and not model.parts():
        model = load(device)
    elif in_turns:
        _take_turns(model, device)
        running.warn(f"“{model.info.name}” runs in parts: only what is at work is on {device}")
    run_as_wished(model, running)
    return model


def _check_room(expected: Estimate | None) -> None:
    """Refuse what the host cannot hold, before the system ends the program for it."""
    if expected is None or expected.device != "cpu" or expected.free is None:
        return
    if expected.weights > expected.free:
        raise ModelError(
            f"There is no room for this model: it {expected.text}. Close other programs, or choose "
            f"a smaller data type{' or another device' if len(available()) > 1 else ''} in the "
            "settings."
        )


def run_as_wished(model: "Model", running: Running) -> None:
    """Lay the weights out as the device likes them, and compile the network if that is wished.

    Networks in half precision on a GPU, whose convolutions take the channels last, are laid out so.
    On a CPU that is hardly quicker, and a network that comes layer by layer cannot be compiled.
    """
    network = model.parts().get("network")
    if network is None:
        return
    if model.device.type == "cuda" and model.dtype in _SHORT:
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if running.compile and model.turns is None:
        model.compiled = compile_network(network, model.device, running)


def _take_turns(model: "Model", device: torch.device) -> None:
    free = free_bytes(str(device)) or 0
    parts = model.parts()
    large = frozenset({"network"} if size_of(parts["network"]) > _ROOM * free else ())
    if free == 0:
        raise ModelError(
            f"“{model.info.name}” needs {size(size_of(parts['network']))}, but nothing is free on "
            f"{device}. Close other programs that use it, or choose the CPU in the settings."
        )
    model.take_turns(Turns(parts, device, large))
