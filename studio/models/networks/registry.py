"""Find the kind of network that a header names."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

from studio.models.networks import kinds
from studio.models.networks.options import NetworkOptions

if TYPE_CHECKING:
    from torch import nn


class Kind(Protocol):
    """What a module in `kinds` offers. It imports torch only inside `build`.

    The network that `build` returns is called with (x, noise, labels=None, augment_labels=None):
    x: (B, in_channels, H, W), noise: (B,), the c_noise of its preconditioning; labels:
    (B, label_dim) one-hot, zeros or None for no class; it returns (B, out_channels, H, W). Its
    attribute `label_dim` counts the classes; its layer `map_label`, None without classes, is given
    the labels times the root of their number, as in EDM.
    """

    NAME: str
    OPTIONS: type[NetworkOptions]

    def family(self, options: Any, /) -> str:
        """Return the name by which the field knows the network."""

    def build(self, options: Any, /) -> "nn.Module":
        """Return the network with new weights, on torch's default device; raise ValueError."""


@cache
def all_kinds() -> Mapping[str, Kind]:
    """Return every kind of network under its name."""
    names = (module.name for module in pkgutil.iter_modules(kinds.__path__))
    modules = (importlib.import_module(f"{kinds.__name__}.{name}") for name in names)
    return {module.NAME: cast(Kind, module) for module in modules}
