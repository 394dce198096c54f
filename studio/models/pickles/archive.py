"""Files of torch.save: a zip with a pickle and the numbers of the tensors beside it."""

import io
import zipfile
from pathlib import Path
from typing import Any

from studio.models.pickles.errors import DamagedError, PickleError
from studio.models.pickles.machine import read_pickle
from studio.models.pickles.source import Source
from studio.models.pickles.stack import Machine
from studio.models.pickles.tensors import storage
from studio.models.pickles.values import Storage
from studio.models.pictures.archive import open_archive, open_member

ZIP_START = b"PK\x03\x04"
PICKLE = "data.pkl"
PICKLE_LIMIT = 128 << 20
CONTENT_LIMIT = 256 << 30


def is_archive(archive: zipfile.ZipFile) -> bool:
    """Tell whether a zip has the pickle of torch.save in it."""
    return any(name.count("/") == 1 and name.endswith(f"/{PICKLE}") for name in archive.namelist())


def read_zip(path: Path) -> Any:
    """Return the value of a zip of torch.save.

    Raises:
        PickleError: it is another kind of zip, damaged, or asks for what has no place in a model.
        ModelError: the zip itself is damaged or was made to do harm.
    """
    with open_archive(path, CONTENT_LIMIT) as archive:
        root = _root(archive)
        sizes = {each.filename: each.file_size for each in archive.infolist()}
        if sizes[root + PICKLE] > PICKLE_LIMIT:
            raise PickleError(f"its pickle has {sizes[root + PICKLE] / 1e6:,.0f} MB")
        if f"{root}byteorder" in sizes and _member(archive, f"{root}byteorder") != b"little":
            raise PickleError("its numbers are stored with the highest byte first")
        data = _member(archive, root + PICKLE)

        found: dict[str, Storage] = {}

        def persistent(identity: object) -> Storage:
            made = _storage(identity, root, sizes)
            known = found.setdefault(made.key, made)
            return known if known.dtype == made.dtype else made

        return read_pickle(Machine(Source(io.BytesIO(data)), persistent))


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with open_member(archive, name) as file:
        return file.read(PICKLE_LIMIT)


def _root(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    if len(set(names)) < len(names):
        raise PickleError("two files in it have the same name")
    found = [name for name in names if name.count("/") == 1 and name.endswith(f"/{PICKLE}")]
    if len(found) != 1:
        raise PickleError("it is a zip, but not one of torch.save")
    root = found[0].removesuffix(PICKLE)
    if any(name.startswith(f"{root}code/") for name in names):
        raise PickleError("it is a TorchScript program, not a file of weights")
    return root


def _storage(identity: object, root: str, sizes: dict[str, int]) -> Storage:
    if not isinstance(identity, tuple) or len(identity) != 5 or identity[0] != "storage":
        raise PickleError("it refers to something that is not a tensor")
    _tag, kind, key, _device, count = identity
    made = storage(kind, key, count, f"{root}data/{key}")
    if sizes.get(made.member) != made.size:
        raise DamagedError(f"the numbers of the tensor {str(key)[:20]} are missing or cut short")
    return made
