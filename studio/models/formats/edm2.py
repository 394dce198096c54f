"""Snapshots of NVlabs' EDM2: a pickle with the averaged network as an object.

The network is rebuilt from what it was made with and its tensors; the code that lies in the file is
never run (Karras et al. 2024; github.com/NVlabs/edm2).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from studio.models.card import complaint
from studio.models.errors import ModelError
from studio.models.facts import facts
from studio.models.foreign import explain
from studio.models.header import Header
from studio.models.info import ModelInfo
from studio.models.pickles.snapshot import is_snapshot_of, read_snapshot

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studio.models.learned import LearnedModel

_CLASS = "Precond"
_INTERFACE = {"img_channels", "use_fp16", "sigma_data", "logvar_channels"}
_UNCERTAINTY = ("logvar_fourier.freqs", "logvar_fourier.phases", "logvar_linear.weight")
"""What says how unsure the network is while it is trained, which the samplers do not need."""


def probe(path: Path) -> bool:
    """Tell whether the file is a snapshot of EDM2."""
    return is_snapshot_of(path, _CLASS)


def inspect(path: Path) -> ModelInfo:
    """Return what the objects in the file say; no tensor is read.

    Raises:
        ModelError: the file is damaged, or its description makes no sense.
    """
    header, snapshot = read_header(path), read_snapshot(path)
    return facts(path, header, format="edm2", parameters=snapshot.parameters(_UNCERTAINTY))


def read_header(path: Path) -> Header:
    """Return the description of the network in a snapshot.

    Raises:
        ModelError: the file is of another kind or damaged, or its description makes no sense.
    """
    if not probe(path):
        raise ModelError(explain(path))
    try:
        return _header(read_snapshot(path).arguments)
    except ValidationError as error:
        raise ModelError(
            f"“{path.name}” describes a network that cannot be built ({complaint(error)})."
        ) from error


def read_tensors(path: Path) -> "dict[str, Tensor]":
    """Return the weights of the averaged network.

    Raises:
        ModelError: the file is damaged.
    """
    from studio.models.pickles.loading import load_tensors

    stubs = read_snapshot(path).tensors()
    wanted = {
        name.replace("unet.", "model.", 1): stub
        for name, stub in stubs.items()
        if name not in _UNCERTAINTY
    }
    return load_tensors(path, wanted)


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "LearnedModel":
    """Return the averaged network with its weights on `device`, computing in `dtype`.

    Raises:
        ModelError: the file is damaged, or its tensors are not those of the network it describes.
    """
    from studio.models.rebuilt import rebuilt

    header = read_header(path)
    return rebuilt(path, header, read_tensors(path), format="edm2", device=device, dtype=dtype)


def _header(given: dict[str, Any]) -> Header:
    side, channels = given.get("img_resolution"), given.get("img_channels")
    options = {key: value for key, value in given.items() if key not in _INTERFACE}
    return Header(
        network="EDM2UNet",
        preconditioning="EDM",
        sigma_data=given.get("sigma_data", 0.5),
        image=(channels, side, side),  # type: ignore[arg-type]
        kwargs={**options, "in_channels": channels, "out_channels": channels},  # type: ignore[arg-type]
    )
