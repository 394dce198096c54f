"""The pictures of a run: read, brought to one square size, and split."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from studio.bundled import resource
from studio.models.errors import ModelError
from studio.models.pictures.decode import fitted
from studio.models.pictures.picture_set import Bytes, PictureSet
from studio.models.pictures.source import holds_pictures, read_pictures, survey_pictures
from studio.training import keyed
from studio.training.errors import TrainingError
from studio.training.sections import Data


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Hold pixels: (N, C, S, S) uint8 and labels: (N,) int64, -1 for no class, on the CPU.

    Points in the plane are floats (N, 2, 1, 1) in place of pixels.

    `held_out` are as many pictures and labels that are not trained on. `remarks` are sentences
    about what had to be changed or left out.
    """

    pixels: Tensor
    labels: Tensor
    held_out: tuple[Tensor, Tensor]
    classes: tuple[str, ...]
    remarks: tuple[str, ...]
    background: tuple[int, int, int]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return (C, S, S)."""
        channels, height, width = self.pixels.shape[1:]
        return channels, height, width

    def deviation(self) -> float:
        """Return the standard deviation of the pixels in [-1, 1]; .5 where all are the same."""
        if self.pixels.is_floating_point():
            return float((self.pixels - self.pixels.mean(dim=0)).square().mean().sqrt()) or 0.5
        counts = torch.zeros(256, dtype=torch.float64)
        for start in range(0, len(self.pixels), 4096):
            part = self.pixels[start : start + 4096].flatten().long()
            counts += torch.bincount(part, minlength=256)
        values, share = torch.arange(256) / 127.5 - 1, counts / counts.sum()
        mean = (share * values).sum()
        return float((share * (values - mean).square()).sum().sqrt()) or 0.5


def as_values(stored: Tensor) -> Tensor:
    """Return pixels (B, C, S, S) uint8 as floats in [-1, 1], and points as they are."""
    return stored.float() if stored.is_floating_point() else stored.float() / 127.5 - 1


def find_set(path: str, folder: Path) -> Path:
    """Return where the pictures are: relative to the folder of the run, or bundled.

    Raises:
        TrainingError: there is nothing of that name.
    """
    own = folder / Path(path).expanduser()
    if not path:
        raise TrainingError("The run file names no pictures; write where they are in [data] path.")
    for place in (own, resource("models", path)):
        if place.exists():
            return place
    raise TrainingError(f"There are no pictures at “{own}”; correct [data] path in the run file.")


def load_pictures(data: Data, folder: Path, seed: int, multiple: int, channels: int) -> Pictures:
    """Read the pictures that a run file asks for.

    multiple: what the side has to be a multiple of; channels: 3, or 0 for those of the pictures.

    Raises:
        TrainingError: there are none, or the size cannot be had.
        ModelError: the set is damaged or too large.
    """
    path = find_set(data.path, folder)
    try:
        if not holds_pictures(path):
            raise TrainingError(
                f"“{path}” holds no pictures: PNG, JPEG, WebP, BMP or GIF in a folder or a zip, or "
                "an npz."
            )
        survey = survey_pictures(path)
        side = _side(data.size, survey.shape, multiple)
        background = _colour(data.background)
        found = read_pictures(path, (side, side), background)
    except OSError as error:
        raise TrainingError(f"“{path}” cannot be read: {error.strerror or error}.") from error
    except MemoryError as error:
        raise ModelError(f"“{path}” does not fit into memory; choose a smaller size.") from error
    return _split(_squares(found, side), data, seed, channels)


def _colour(background: tuple[int, ...]) -> tuple[int, int, int] | None:
    if not background:
        return None
    if len(background) != 3 or not all(0 <= shade <= 255 for shade in background):
        raise TrainingError("[data] background takes three numbers from 0 to 255, or [].")
    red, green, blue = background
    return red, green, blue


def _side(wanted: int, shape: tuple[int, int, int], multiple: int) -> int:
    if wanted % multiple:
        raise TrainingError(
            f"[data] size {wanted} does not fit the network, which halves it: take a multiple of "
            f"{multiple}."
        )
    return wanted or max(multiple, min(shape[1:]) // multiple * multiple)


def _squares(found: PictureSet, side: int) -> PictureSet:
    """Return the set as (N, C, side, side); arrays come in the size that they have."""
    count, channels, height, width = found.pixels.shape
    if (height, width) == (side, side):
        return found
    squares: Bytes = np.empty((count, channels, side, side), np.uint8)
    for square, picture in zip(squares, found.pixels, strict=True):
        for plane, channel in zip(square, picture, strict=True):
            plane[:] = np.asarray(fitted(Image.fromarray(channel), (side, side)))
    remarks = (*found.remarks, f"Pictures of {width}x{height} become {side}x{side}.")
    return replace(found, pixels=squares, remarks=remarks)


def _split(found: PictureSet, data: Data, seed: int, channels: int) -> Pictures:
    images = torch.from_numpy(np.ascontiguousarray(found.pixels))
    labels = torch.from_numpy(np.asarray(found.labels, np.int64).copy())
    if channels == 3 and images.shape[1] == 1:
        images = images.expand(-1, 3, -1, -1).contiguous()
    if channels and images.shape[1] != channels:
        raise TrainingError(
            f"The pictures have {images.shape[1]} channels, but the model to begin from has "
            f"{channels}."
        )
    if not data.classes:
        labels = torch.full_like(labels, -1)
    # By a hash of their numbers, so that a share stays out whatever the order of training.
    numbers = torch.arange(len(images))
    out = keyed.uniform(keyed.key(seed, keyed.HELD_OUT), numbers, 1)[:, 0] < data.held_out
    if bool(out.all()):
        raise TrainingError("No picture is left to train on; lower [data] held_out.")
    return Pictures(
        pixels=images[~out],
        labels=labels[~out],
        held_out=(images[out], labels[out]),
        classes=found.classes if data.classes else (),
        remarks=found.remarks,
        background=_colour(data.background) or found.card.background,
    )
