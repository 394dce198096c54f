"""Find the tiny autoencoder that belongs to a model, for its previews."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from studio.models.autoencoders.file import find_autoencoder

_BESIDE = ("vae_approx", "VAE-approx", "taesd")
_MOST = 200
_LARGE = "xl"


def find_tiny(
    model: Path, channels: int, factor: int, *, large: bool, folders: Sequence[Path] = ()
) -> Path | None:
    """Return a TAESD for latents of so many channels at 1/factor of the size, None if none is here.

    It is looked for beside the model, in the folders that other programs keep beside theirs, and in
    `folders`. large: that for Stable Diffusion XL, which only its name tells from the smaller one.
    """
    for path in _candidates(model, folders):
        if (_LARGE in path.name.lower()) != large:
            continue
        found = find_autoencoder(path)
        if found is None or found.layout.kind != "AutoencoderTiny":
            continue
        if (found.layout.channels, found.layout.factor) == (channels, factor):
            return path
    return None


def _candidates(model: Path, folders: Sequence[Path]) -> Iterator[Path]:
    """Yield what is called taesd in the places where one may be, a decoder before its encoder."""
    near = [model.parent, model.parent.parent]
    places = [*near, *(place / name for place in near for name in _BESIDE)]
    for folder in [*places, *folders, *(f / name for f in folders for name in _BESIDE)]:
        with suppress(OSError):
            names = sorted(path for path in folder.iterdir() if "taesd" in path.name.lower())
            yield from (path for path in names[:_MOST] if "encoder" not in path.name.lower())
