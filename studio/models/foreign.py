"""Say what a file is that no format knows."""

from pathlib import Path

from studio.models.pictures.archive import open_archive
from studio.models.tensor_file import HEADER_LIMIT, header_length

OPENS = (
    "Elucidate opens its own models, those of EDM, EDM2, score_sde, guided diffusion, k-diffusion, "
    "diffusers and Stable Diffusion, and pictures in a folder, a zip or an npz."
)

_PICTURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"RIFF": "WebP",
}


def explain(path: Path) -> str:
    """Return a sentence or two that say what `path` is instead of a model, and what to do.

    Raises:
        ModelError: the file is damaged, or was made to do harm.
    """
    if path.is_dir():
        return f"“{path}” holds neither pictures nor a model of a kind that is known here. {OPENS}"
    with path.open("rb") as file:
        start = file.read(4096)
    return f"“{path.name}” is {_kind(path, start)}. {OPENS}"


def _kind(path: Path, start: bytes) -> str:
    # What reads pickles is wanted only here, and not for the window to open.
    from studio.models.pickles.told import is_text, told

    if not start:
        return "empty; copy or download it again"
    for magic, name in _PICTURES.items():
        if start.startswith(magic):
            return f"a single {name} picture, not a model; put pictures in a folder and open that"
    if pickled := told(path, start):
        return f"{pickled}, which is no model that is known here"
    if start.startswith(b"PK"):
        return _archive(path)
    length = header_length(path)
    if length is not None:
        return _tensors(path, length)
    return "a text file, not a model" if is_text(start) else "of a kind that is not known here"


def _tensors(path: Path, length: int) -> str:
    if length > HEADER_LIMIT:
        return (
            f"not a sound model: it claims a header of {length / 1e6:,.0f} MB, where "
            f"{HEADER_LIMIT / 1e6:.0f} MB are plenty; it is damaged or was made to do harm"
        )
    if length + 8 > path.stat().st_size:
        return "a safetensors file cut short inside its header; copy or download it again"
    return "a safetensors file whose header does not describe a model that is known here"


def _archive(path: Path) -> str:
    with open_archive(path):
        return "a zip archive without pictures in it"
