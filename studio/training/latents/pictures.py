"""Pictures become latents once, before they are trained on."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from studio.models.codecs.latent import LatentCodec
from studio.preferences.places import cache_folder
from studio.training.cache import kept
from studio.training.gathering import Progress, paced, unheard
from studio.training.pictures import Pictures, as_values

_AT_ONCE = 8
_VERSION = 1
_FILE = "latents.npy"


def encoded(
    pictures: Pictures,
    codec: LatentCodec,
    device: torch.device,
    *,
    mirror: bool,
    progress: Progress = unheard,
) -> Pictures:
    """Return pictures as latents, the mean of what the autoencoder makes of each, in float32.

    They are kept in the person's cache by the pixels and the autoencoder. `mirror` adds every
    picture that is trained on once more, mirrored: the mirror image of latents is something else.

    Raises:
        OSError: the cache cannot be written.
        Stopped: `progress` raised it, as where the person asked to stop.
    """
    said = [_VERSION, codec.identity, _digest(pictures.pixels), mirror]
    key = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]

    def make(folder: Path) -> None:
        np.save(folder / _FILE, _latents(pictures, codec, device, mirror, progress).numpy())

    def take(folder: Path) -> Tensor:
        return torch.from_numpy(np.load(folder / _FILE))

    latents = kept(cache_folder() / "latents", key, make, take)
    count, trained = len(pictures.pixels), pictures.trained
    if mirror:
        trained = torch.cat([trained, trained + count])
    labels = pictures.labels.repeat(2 if mirror else 1)
    return replace(pictures, pixels=latents, labels=labels, trained=trained)


@torch.no_grad()
def _latents(
    pictures: Pictures,
    codec: LatentCodec,
    device: torch.device,
    mirror: bool,
    progress: Progress,
) -> Tensor:
    parts: list[Tensor] = []
    ways: tuple[tuple[int, ...], ...] = ((), (3,)) if mirror else ((),)
    total, told = len(pictures.pixels) * len(ways), paced(progress)
    for flips in ways:
        for first in range(0, len(pictures.pixels), _AT_ONCE):
            part = pictures.pixels[first : first + _AT_ONCE]
            pixels = as_values(part.to(device)).flip(flips)
            parts.append(codec.encode(pixels).float().cpu())
            told(sum(map(len, parts)), total)
    return torch.cat(parts)


def _digest(pixels: Tensor) -> str:
    digest = hashlib.sha256(str(tuple(pixels.shape)).encode())
    for first in range(0, len(pixels), 256):
        digest.update(pixels[first : first + 256].contiguous().numpy().data)
    return digest.hexdigest()
