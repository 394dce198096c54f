"""Pictures that something is done to: from files, sets, the clipboard, or takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.models.errors import ModelError

if TYPE_CHECKING:
    from studio.models.pictures.blocks import Source

MOST = 10_000
"""Pictures of a set that are taken at once."""
BACKGROUND = (24, 24, 32)
"""The colour behind transparent pixels, that of the bundled tiles."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """Hold one picture, pixels: (H, W, 3) uint8, where it is from, and what was done to it.

    `latent` is its unit noise (C, H, W) float32 where it was encoded or began from noise; `label`
    the class that it is known to have.
    """

    name: str
    pixels: Pixels
    origin: str = "from a file"
    remark: str = ""
    label: int | None = None
    latent: NDArray[np.float32] | None = None

    @property
    def facts(self) -> str:
        """Return size and origin in words."""
        height, width, _ = self.pixels.shape
        return f"{width}×{height} · {self.origin}"

    def brought_to(self, size: tuple[int, int]) -> Subject:
        """Return the picture brought to size: (width, height); its noise stays if nothing changed."""
        from PIL import Image

        from studio.models.pictures.form import Form, shaped

        height, width, _ = self.pixels.shape
        if (width, height) == size:
            return self
        image = Image.fromarray(np.ascontiguousarray(self.pixels))
        pixels = np.asarray(shaped(image, Form(size, BACKGROUND)))
        remark = resized((width, height), size)
        return replace(self, pixels=pixels, remark=remark, latent=None)


def read_subject(path: Path, size: tuple[int, int]) -> Subject:
    """Read a picture and bring it to size: (width, height), cut to the same proportions.

    Raises:
        ModelError: the file is no picture, is damaged, or is too large.
        OSError: it cannot be read.
    """
    from studio.models.pictures.decode import BrokenPicture, read_pixels
    from studio.models.pictures.form import Form

    try:
        with path.open("rb") as file:
            found = read_pixels(file, Form(size, BACKGROUND))
    except BrokenPicture as error:
        raise ModelError(
            f"“{path.name}” cannot be used as a picture: {error}. Choose a PNG, JPEG, WebP, BMP or "
            "GIF."
        ) from error
    return Subject(path.name, found.pixels, remark=resized(found.size, size))


def resized(was: tuple[int, int], size: tuple[int, int]) -> str:
    """Return what was done to a picture of one (width, height) to bring it to another."""
    if was == size:
        return ""
    cut = was[0] * size[1] != was[1] * size[0]
    done = "cut and scaled" if cut else "scaled"
    return f"{done} from {was[0]}×{was[1]}"


def read_all(
    paths: Sequence[Path],
    size: tuple[int, int],
    tell: Callable[[int], bool] = lambda _count: True,
) -> tuple[list[Subject], list[str]]:
    """Read pictures, folders and sets, and say what could not be read.

    size: (width, height) that all are brought to. `tell(count)` hears of the pictures read so far;
    where it returns False, no more are read.
    """
    found: list[Subject] = []
    remarks: list[str] = []
    for path in paths:
        try:
            for subject in _read(path, size, remarks):
                found.append(subject)
                if len(found) >= MOST:
                    remarks.append(f"Only the first {MOST:,} pictures were taken.")
                    return found, remarks
                if not tell(len(found)):
                    return found, remarks
        except (ModelError, OSError) as error:
            remarks.append(str(error))
    return found, remarks


def _read(path: Path, size: tuple[int, int], remarks: list[str]) -> Iterator[Subject]:
    from studio.models.pictures.source import about_broken, holds_pictures, open_source

    if not holds_pictures(path):
        if path.is_dir():
            raise ModelError(f"There are no pictures in “{path.name}”. Choose another folder.")
        yield read_subject(path, size)
        return
    broken: list[str] = []
    with open_source(path) as source:
        yield from _of_set(source, size, broken)
    if broken:
        remarks.append(about_broken(broken))


def _of_set(source: Source, size: tuple[int, int], broken: list[str]) -> Iterator[Subject]:
    from studio.models.pictures.form import Form

    labels, _classes = source.labels()
    for block in source.blocks(Form(size, source.survey().card.background)):
        broken += [each.name for each in block.broken]
        for number, pixels, was in zip(block.numbers, block.pixels, block.sizes, strict=True):
            label = int(labels[number])
            shown = np.ascontiguousarray(np.broadcast_to(pixels, (3, *pixels.shape[1:])))
            yield Subject(
                f"{source.label} {number + 1}",
                shown.transpose(1, 2, 0).copy(),
                f"from {source.label}",
                resized(was, size),
                label if label >= 0 else None,
            )
