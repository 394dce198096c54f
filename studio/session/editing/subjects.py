"""Pictures that something is done to: from files, sets, the clipboard, or takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.library.errors import LibraryError
from studio.models.errors import ModelError

if TYPE_CHECKING:
    from studio.models.pictures.blocks import Source

MOST = 10_000
"""Pictures of a set that are taken at once."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """Hold one picture, pixels: (H, W, 3) uint8, where it is from, and what was done to it.

    `latent` is its unit noise (C, H, W) float32 where it was encoded or began from noise; `label`
    the class that it is known to have. `data`, (C, H, W), is what the model works on where that is
    no picture but a point in the plane; `pixels` then show where it lies.
    """

    name: str
    pixels: Pixels
    origin: str = "from a file"
    remark: str = ""
    label: int | None = None
    latent: NDArray[np.float32] | None = None
    data: NDArray[np.float64] | None = None

    @property
    def facts(self) -> str:
        """Return size and origin in words."""
        if self.data is not None:
            return self.origin
        height, width, _ = self.pixels.shape
        return f"{width}×{height} · {self.origin}"

    def brought_to(self, size: tuple[int, int]) -> Subject:
        """Return the picture at size: (width, height); its noise goes if that changed it.

        The remark says what was done: “cut and scaled from 640×480”.
        """
        from studio.engine.restoring import fitted

        height, width, _ = self.pixels.shape
        remark = resized((width, height), size)
        if not remark or self.data is not None:
            return self
        pixels = fitted(self.pixels, (size[1], size[0]))
        return replace(self, pixels=pixels, remark=remark, latent=None)

    def for_model(self, size: tuple[int, int]) -> Subject:
        """Return the picture at size: (width, height), with a remark in whole sentences."""
        brought = self.brought_to(size)
        if brought is self:
            return self
        told = f"“{self.name}” is {brought.remark} for this model."
        return replace(brought, remark=" ".join(filter(None, (self.remark, told))))


def read_subject(path: Path, size: tuple[int, int]) -> Subject:
    """Read a picture and bring it to size: (width, height), cut to the same proportions.

    Raises:
        LibraryError: the file is no picture, is damaged, or is too large.
    """
    from studio.library.inputs import open_picture

    pixels, remarks = open_picture(path)
    return Subject(path.name, pixels, remark=" ".join(remarks)).for_model(size)


def resized(was: tuple[int, int], size: tuple[int, int]) -> str:
    """Return what brings a picture of one (width, height) to another in words, or nothing."""
    if was == size:
        return ""
    cut = was[0] * size[1] != was[1] * size[0]
    return f"{'cut and scaled' if cut else 'scaled'} from {was[0]}×{was[1]}"


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
        except (LibraryError, ModelError, OSError) as error:
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
