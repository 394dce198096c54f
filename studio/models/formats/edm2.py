"""Snapshots of NVlabs' EDM2: a pickle with the averaged network as an object.

The network is rebuilt from what it was made with and its tensors; the code that lies in the file is
never run (Karras et al. 2024; github.com/NVlabs/edm2).
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from studio.models.card import complaint
from studio.models.edm2.latents import (
    CHANNELS,
    FACTOR,
    PIXEL_RANGE,
    Latents,
    autoencoder_for,
    form_for,
    latents_of,
)
from studio.models.errors import ModelError
from studio.models.facts import facts
from studio.models.foreign import explain
from studio.models.header import Header
from studio.models.info import ModelInfo
from studio.models.pickles.snapshot import is_snapshot_of, read_snapshot
from studio.models.presets.form import Form

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studio.models.codecs.latent import LatentCodec
    from studio.models.learned import LearnedModel

_CLASS = "Precond"
_INTERFACE = {"img_channels", "use_fp16", "sigma_data", "logvar_channels"}
_UNCERTAINTY = ("logvar_fourier.freqs", "logvar_fourier.phases", "logvar_linear.weight")
"""What says how unsure the network is while it is trained, which the samplers do not need."""


def probe(path: Path) -> bool:
    """Tell whether the file is a snapshot of EDM2."""
    return is_snapshot_of(path, _CLASS)


def form(path: Path) -> Form | None:
    """Return the question for the autoencoder of a model of latents; None for one of pixels.

    Raises:
        ModelError: the file is damaged.
    """
    latents = latents_of(read_snapshot(path))
    return None if latents is None else form_for(path, latents)


def inspect(path: Path) -> ModelInfo:
    """Return what the objects in the file say; no tensor is read.

    Raises:
        ModelError: the file is damaged, or its description makes no sense, or no autoencoder is
            known for its latents (SettingsNeeded).
    """
    header, snapshot = read_header(path), read_snapshot(path)
    counted = snapshot.parameters(_UNCERTAINTY)
    latents = latents_of(snapshot)
    if latents is None:
        return facts(path, header, format="edm2", parameters=counted)
    used = autoencoder_for(path, latents)
    return facts(path, header, format="edm2", parameters=counted, **_of_latents(used))


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
    from studio.models.networks.magnitude import folded
    from studio.models.pickles.loading import load_tensors

    stubs = read_snapshot(path).tensors()
    wanted = {_renamed(name): stub for name, stub in stubs.items() if name not in _UNCERTAINTY}
    tensors = load_tensors(path, wanted)
    return {name: folded(each) if each.ndim > 1 else each for name, each in tensors.items()}


def load(path: Path, device: "torch.device", dtype: "torch.dtype") -> "LearnedModel":
    """Return the averaged network with its weights on `device`, computing in `dtype`.

    Raises:
        ModelError: the file is damaged, or its tensors are not those of the network it describes,
            or no autoencoder is known for its latents (SettingsNeeded).
    """
    from studio.models.rebuilt import rebuilt

    header, latents = read_header(path), latents_of(read_snapshot(path))
    build = partial(rebuilt, path, header, format="edm2", device=device, dtype=dtype)
    if latents is None:
        return build(read_tensors(path))
    used = autoencoder_for(path, latents)
    codec = _codec(used, latents, device)  # first, because it may be the wrong one
    model = build(read_tensors(path), **_of_latents(used))
    model.codec = codec
    return model


def _of_latents(autoencoder: Path) -> dict[str, Any]:
    note = f"A learned network of latents, which “{autoencoder.name}” turns into pictures."
    return {"pixels": FACTOR, "trainable": False, "note": note}


def _codec(path: Path, latents: Latents, device: "torch.device") -> "LatentCodec":
    import torch

    from studio.models.autoencoders.choosing import chosen_autoencoder
    from studio.models.codecs.latent import LatentCodec

    module = chosen_autoencoder(path, CHANNELS, device, torch.float32)
    return LatentCodec(module, latents.scale, latents.shift, pixel_range=PIXEL_RANGE)


def _renamed(name: str) -> str:
    return name.replace("unet.", "model.", 1).replace(".emb_label.", ".map_label.")


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
