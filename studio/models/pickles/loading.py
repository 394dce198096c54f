"""Read the numbers of tensors that an outline told of."""

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import torch
from torch import Tensor

from studio.models.errors import ModelError
from studio.models.pickles.archive import CONTENT_LIMIT
from studio.models.pickles.values import ITEM_BYTES, Storage, TensorStub
from studio.models.pictures.archive import open_archive, open_member

_DTYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
    "I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8,
    "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip
_LOCAL_HEADER = 30
"""Bytes of the header before a file in a zip, without its name."""

_PIECE = 64 << 20
_TIES = 3
"""How often all the numbers of a file may be used: for a network, its average and tied weights."""


def load_tensors(path: Path, stubs: Mapping[str, TensorStub]) -> dict[str, Tensor]:
    """Return the tensors of some stubs of a file, on the CPU and in the types they were saved in.

    Only their numbers are read, straight from the places where they lie: no pickle is run.

    Raises:
        ModelError: the file has changed since the stubs were made, or its tensors overlap.
    """
    _check_overlap(path, stubs)
    read: dict[int, Tensor] = {}
    tensors = {}
    with _opened(path, stubs) as (file, archive):
        for name, stub in stubs.items():
            stored = stub.storage
            if id(stored) not in read:
                read[id(stored)] = _numbers(path, file, archive, stored)
            tensors[name] = read[id(stored)].as_strided(stub.shape, stub.strides, stub.offset)
    return tensors


def _check_overlap(path: Path, stubs: Mapping[str, TensorStub]) -> None:
    wanted = sum(stub.count * ITEM_BYTES[stub.dtype] for stub in stubs.values())
    stored = {id(stub.storage): stub.storage.size for stub in stubs.values()}
    if wanted > _TIES * sum(stored.values()):
        raise ModelError(
            f"“{path.name}” was not opened: its tensors overlap, so that they would take "
            f"{wanted / 1e9:,.1f} GB of memory. It was made to do harm."
        )


@contextmanager
def _opened(
    path: Path, stubs: Mapping[str, TensorStub]
) -> Iterator[tuple[IO[bytes], zipfile.ZipFile | None]]:
    if any(stub.storage.member for stub in stubs.values()):
        with open_archive(path, CONTENT_LIMIT) as archive, path.open("rb", buffering=0) as file:
            yield file, archive
    else:
        with path.open("rb", buffering=0) as file:
            yield file, None


def _numbers(
    path: Path, file: IO[bytes], archive: zipfile.ZipFile | None, stored: Storage
) -> Tensor:
    numbers = torch.empty(stored.count, dtype=_DTYPES[stored.dtype])
    if not stored.count:
        return numbers
    target = numbers.view(torch.uint8).numpy().data
    if archive is None:
        file.seek(stored.start)
        done = _read_into(file, target)
    else:
        done = _read_member(file, archive, stored, target)
    if done != len(target):
        raise ModelError(
            f"“{path.name}” has changed while it was read, or was cut short. Copy or download it "
            "again."
        )
    return numbers


def _read_member(
    file: IO[bytes], archive: zipfile.ZipFile, stored: Storage, target: memoryview
) -> int:
    member = archive.getinfo(stored.member)
    if member.compress_type != zipfile.ZIP_STORED:
        with open_member(archive, member) as packed:
            return _read_into(packed, target)
    # Straight from the file: zipfile would copy every piece twice.
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER)
    lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    file.seek(member.header_offset + _LOCAL_HEADER + lengths)
    return _read_into(file, target)


def _read_into(file: IO[bytes], target: memoryview) -> int:
    done = 0
    while done < len(target):
        count = file.readinto(target[done : done + _PIECE])  # type: ignore[attr-defined]
        if not count:
            break
        done += count
    return done
