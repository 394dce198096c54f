"""Say what a file is that no format knows."""

from pathlib import Path

from studio.models.pictures.archive import open_archive
from studio.models.tensor_file import HEADER_LIMIT, header_length

OPENS = (
    "Elucidate opens its own .safetensors and .toy.json models, and pictures in a folder, a zip "
    "or an npz."
)

_PICTURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"RIFF": "WebP",
}
_PICKLE_PROTOCOL = 0x80
_PICKLE = (
    "a Python pickle, which can run code when it is opened, so it was not opened. "
    "Convert it to safetensors"
)


def explain(path: Path) -> str:
    """Return a sentence or two that say what `path` is instead of a model, and what to do."""
    if path.is_dir():
        return f"“{path}” holds neither pictures nor a model of a kind that is known here. {OPENS}"
    with path.open("rb") as file:
        start = file.read(4096)
    return f"“{path.name}” is {_kind(path, start)}. {OPENS}"


def _kind(path: Path, start: bytes) -> str:
    if not start:
        return "empty; copy or download it again"
    for magic, name in _PICTURES.items():
        if start.startswith(magic):
            return f"a single {name} picture, not a model; put pictures in a folder and open that"
    if start.startswith(b"PK"):
        return _archive(path)
    length = header_length(path)
    if length is not None:
        return _tensors(path, length)
    if start[0] == _PICKLE_PROTOCOL:
        return _PICKLE
    return "a text file, not a model" if _is_text(start) else "of a kind that is not known here"


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
    with open_archive(path) as archive:
        names = archive.namelist()
    if any(name.endswith("data.pkl") for name in names):
        return f"a file of torch.save: {_PICKLE}"
    return "a zip archive without pictures in it"


def _is_text(start: bytes) -> bool:
    text = start.decode("utf-8", "ignore")
    return all(letter.isprintable() or letter.isspace() for letter in text)
