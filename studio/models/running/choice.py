"""What a person chose about how networks run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Offload = Literal["auto", "on", "off"]


def _quiet(_text: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Running:
    """Choose how a network runs.

    `compile`: through torch.compile, which takes a while once for each network and size. `offload`:
    keep on the device only what is at work; "auto" where the model would not fit otherwise. `tell`
    hears in words what takes a while, `warn` what could not be done as wished; both from the thread
    that runs the network.
    """

    compile: bool = False
    offload: Offload = "auto"
    tell: Callable[[str], object] = field(default=_quiet, compare=False)
    warn: Callable[[str], object] = field(default=_quiet, compare=False)
