"""Turn an album of encoded pictures into pictures of one form."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from studio.models.errors import ModelError
from studio.models.pictures.album import Album
from studio.models.pictures.blocks import Block, Broken
from studio.models.pictures.decode import (
    BrokenPicture,
    Decoded,
    common_size,
    read_pixels,
    read_size,
)
from studio.models.pictures.form import Form
from studio.models.pictures.picture_set import Size, Survey, parse_card

SAMPLE = 64
"""How many headers, spread over the set, tell the size that all pictures are brought to."""

_AT_ONCE = 64


class AlbumSource:
    """Decode the pictures of an album; those that are broken are left out and named."""

    encoded = True

    def __init__(self, album: Album) -> None:
        self.label, self.size = album.label, album.size
        self._album = album

    def survey(self) -> Survey:
        """Return what the names, and the headers of some pictures, tell.

        Raises:
            ModelError: there are no pictures that can be read.
        """
        (width, height), uniform = self._target()
        card, remarks = parse_card(self._album.card())
        if not uniform:
            remarks += (about_sizes((width, height)),)
        count, classes = len(self._album.names), self.labels()[1]
        return Survey(count, (3, height, width), classes, self.size, card, remarks)

    def labels(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Return the class of every picture, -1 for none, and the names of the classes."""
        return self._album.classes()

    def fingerprint(self) -> str:
        """Return a text that is another one when the pictures or their classes have changed."""
        return self._album.fingerprint()

    def blocks(self, form: Form, threads: int = 1) -> Generator[Block, None, None]:
        """Yield all of the pictures in their order, brought to a form.

        Raises:
            ModelError: none of them can be read.
        """
        names, read = self._album.names, lambda name: self._read(name, form)
        starts = range(0, len(names), _AT_ONCE)
        parts = [names[start : start + _AT_ONCE] for start in starts]
        kept = 0
        for start, results in zip(starts, _mapped(read, parts, threads), strict=True):
            block = _block(start, results, form)
            kept += len(block.numbers)
            yield block
        if not kept:
            raise self._nothing_readable()

    def _read(self, name: str, form: Form) -> Decoded | Broken:
        try:
            with self._album.open(name) as file:
                return read_pixels(file, form)
        except BrokenPicture as error:
            return Broken(name, str(error))
        except OSError as error:
            return Broken(name, error.strerror or str(error))

    def _target(self) -> tuple[Size, bool]:
        """Return the (width, height) to bring all to, and whether the sample has it already."""
        stride = max(1, len(self._album.names) // SAMPLE)
        sizes = []
        for name in self._album.names[::stride]:
            try:
                with self._album.open(name) as file:
                    sizes.append(read_size(file))
            except (BrokenPicture, OSError):
                continue
        if not sizes:
            raise self._nothing_readable()
        size = common_size(sizes)
        return size, set(sizes) == {size}

    def _nothing_readable(self) -> ModelError:
        return ModelError(
            f"None of the {len(self._album.names):,} pictures in “{self.label}” can be read. "
            "Take pictures that are sound PNG, JPEG, WebP, BMP or GIF files."
        )


def about_sizes(size: Size) -> str:
    """Return the remark that pictures had other sizes."""
    return f"Pictures of other sizes are cut and scaled to {size[0]}x{size[1]}."


def _block(start: int, results: Sequence[Decoded | Broken], form: Form) -> Block:
    fine = [(start + n, read) for n, read in enumerate(results) if isinstance(read, Decoded)]
    width, height = form.size
    pixels = np.empty((len(fine), 3, height, width), np.uint8)
    for place, (_, picture) in zip(pixels, fine, strict=True):
        place[:] = picture.pixels.transpose(2, 0, 1)
    return Block(
        numbers=np.array([number for number, _ in fine], np.int64),
        pixels=pixels,
        sizes=tuple(picture.size for _, picture in fine),
        broken=tuple(read for read in results if isinstance(read, Broken)),
    )


def _mapped(
    read: Callable[[str], Decoded | Broken], parts: Sequence[Sequence[str]], threads: int
) -> Iterator[list[Decoded | Broken]]:
    """Yield what is read of every part, with further parts under way in other threads."""
    if threads == 1:
        yield from (list(map(read, part)) for part in parts)
        return
    waiting: deque[list[Future[Decoded | Broken]]] = deque()
    with ThreadPoolExecutor(threads, "decode") as pool:
        try:
            for part in parts:
                waiting.append([pool.submit(read, name) for name in part])
                if len(waiting) > 2:
                    yield [future.result() for future in waiting.popleft()]
            while waiting:
                yield [future.result() for future in waiting.popleft()]
        finally:  # also where nobody asks for the rest
            pool.shutdown(cancel_futures=True)
