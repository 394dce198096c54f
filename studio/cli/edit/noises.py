"""Noise that a command is given: files of it, or pictures that are to be encoded first."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.cli.edit.errand import Hands
from studio.cli.main import BAD_ARGUMENTS, CommandError
from studio.engine.errands.encoding import Encode
from studio.engine.errands.results import Encoded
from studio.library.inputs import open_picture

SUFFIX = ".safetensors"


def noises_of(hands: Hands, paths: Sequence[Path]) -> list[NDArray[np.float32]]:
    """Return the noise, (C, H, W), of each file; pictures are encoded.

    Raises:
        CommandError: a file holds no noise, or a picture cannot be encoded.
        LibraryError: a picture cannot be read.
    """
    pictures = [path for path in paths if path.suffix.lower() != SUFFIX]
    found: dict[Path, NDArray[np.float32]] = {}

    def keep(each: Encoded) -> None:
        found[pictures[each.index]] = each.latent
        hands.say("encoded", pictures[each.index], rms=each.rms, psnr=each.psnr, nfe=each.nfe)

    if pictures:
        pixels = tuple(open_picture(path)[0] for path in pictures)
        hands.do(Encode(hands.recipe, pixels, tuple(path.name for path in pictures)), keep)
    return [found[path] if path in found else read_noise(path) for path in paths]


def read_noise(path: Path) -> NDArray[np.float32]:
    """Return the noise, (C, H, W), that `elucidate edit encode` wrote.

    Raises:
        CommandError: it is not there, or holds no noise.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        noise = load_file(path)["noise"]
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise CommandError(f"“{path.name}” holds no noise: {error}", BAD_ARGUMENTS) from error
    if noise.ndim == 4 and len(noise) == 1 and np.isfinite(noise).all():
        return np.asarray(noise[0], np.float32)
    raise CommandError(f"“{path.name}” holds no noise of one picture", BAD_ARGUMENTS)


def write_noise(path: Path, noise: NDArray[np.float32]) -> None:
    """Write noise, (C, H, W), as a run starts from it.

    Raises:
        LibraryError: the folder cannot be written or the disk is full.
    """
    from safetensors.numpy import save

    from studio.library.writing import write_file

    write_file(path, save({"noise": np.ascontiguousarray(noise[None], np.float32)}), "noise")
