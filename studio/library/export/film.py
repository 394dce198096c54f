"""Films of a trajectory: GIF by Pillow, MP4 (H.264) by PyAV."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import chain, repeat
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from studio.library.errors import LibraryError
from studio.library.export.scene import Pixels
from studio.library.writing import write_file

HOLD_SECONDS = 1.5
"""How long the last picture stays."""

_QUALITY = "16"  # of H.264, where 0 is exact and 51 the worst


def write_film(path: Path, scenes: Iterator[Pixels], per_second: float) -> None:
    """Write pictures (H, W, 3) uint8 of one even size as the film that the ending asks for.

    Raises:
        LibraryError: the ending is neither .gif nor .mp4, the folder cannot be written or the disk
            is full; an older file is intact.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise LibraryError(f"“{path.name}” is no film. Give it the ending .gif or .mp4.")
    write_file(path, lambda file: writer(file, scenes, per_second), "film")


def _write_gif(file: BinaryIO, scenes: Iterator[Pixels], per_second: float) -> None:
    images = [Image.fromarray(pixels).quantize(256) for pixels in scenes]
    each = round(1000 / per_second)
    times = [each] * (len(images) - 1) + [round(1000 * HOLD_SECONDS)]
    images[0].save(
        file, "GIF", save_all=True, append_images=images[1:], duration=times, loop=0, disposal=1
    )


def _write_mp4(file: BinaryIO, scenes: Iterator[Pixels], per_second: float) -> None:
    import av

    first = next(scenes)
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(per_second).limit_denominator(1000))
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt, stream.options = "yuv420p", {"crf": _QUALITY}
        last = first
        for pixels in chain((first,), scenes):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
            last = pixels
        for pixels in repeat(last, round(HOLD_SECONDS * per_second)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())


_WRITERS: Mapping[str, Callable[[BinaryIO, Iterator[Pixels], float], None]] = {
    ".gif": _write_gif,
    ".mp4": _write_mp4,
}
