"""The hash by which a recipe knows its model again."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from studio.models.errors import ModelError

_CHUNK = 1 << 20


def file_digest(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file, or of a folder, as 64 hexadecimal digits.

    A folder is hashed over the sorted relative names, the sizes and the bytes of its regular files;
    hidden files and links within it do not count, so that a file manager's traces do not change it.
    Links to files elsewhere do: in the cache of the hub a model is made of nothing else.

    Raises:
        ModelError: the file is missing or cannot be read.
    """
    path = Path(path)
    digest = hashlib.sha256()
    try:
        if not path.is_dir():
            _add_bytes(digest, path)
        else:
            for name, file in sorted(_files(path)):
                digest.update(f"{name}\0{file.stat().st_size}\0".encode("utf-8", "surrogateescape"))
                _add_bytes(digest, file)
    except OSError as error:
        raise ModelError(
            f"“{path}” cannot be read ({error.strerror}); check that it is still there."
        ) from error
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    here = folder.resolve()
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            file = Path(root, name)
            within = file.is_symlink() and file.resolve().is_relative_to(here)
            if not name.startswith(".") and file.is_file() and not within:
                yield file.relative_to(folder).as_posix(), file


def _add_bytes(digest: "hashlib._Hash", file: Path) -> None:
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
