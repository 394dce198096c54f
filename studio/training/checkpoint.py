"""Write and read checkpoints, of which there is always one that is whole."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from studio.atomic import sync_folder, write_through
from studio.models.checkpoints import MANIFEST, MODEL, RUN_FILE, checkpoint_name, checkpoints
from studio.models.header import AnyHeader
from studio.models.latent.tuned import TunedBase, TunedHeader, is_tuned, read_tuned
from studio.models.lora.file import is_lora, read_lora
from studio.models.lora.header import Base, LoraHeader
from studio.training.errors import TrainingError
from studio.training.trainer import Trainer

_STATE = "state.safetensors"
_PARTIAL, _GONE = ".writing-", ".deleted-"
_VERSION = 1
_OWN_HASH = "sha256"


def save_checkpoint(folder: Path, trainer: Trainer, keep: int) -> Path:
    """Write a checkpoint to a run folder, and delete the oldest beyond `keep` of them.

    It gets its name when all of it is on the disk; only then older ones are deleted.

    Raises:
        OSError: the disk is full or the folder cannot be written; the others are as they were.
    """
    target = folder / checkpoint_name(trainer.seen)
    if not (target / MANIFEST).is_file():
        _write(folder, target, trainer)
    rotate(folder, keep)
    return target


def _write(folder: Path, target: Path, trainer: Trainer) -> None:
    partial = folder / f"{_PARTIAL}{target.name}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        save_tensors(partial / MODEL, trainer.model(), trainer.described())
        save_tensors(partial / _STATE, trainer.state())
        shutil.copyfile(folder / RUN_FILE, partial / RUN_FILE)
        _sync(partial / RUN_FILE)
        write_through(partial / MANIFEST, _manifest(partial, trainer.seen))
        sync_folder(partial)
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    sync_folder(folder)


def save_tensors(
    path: Path, tensors: Mapping[str, Tensor], header: AnyHeader | LoraHeader | None = None
) -> None:
    """Write a safetensors file and return when it is on the disk.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    try:
        save_file(plain, path, metadata=header.metadata() if header else None)
    except SafetensorError as error:
        raise _as_os_error(error, path) from error
    _sync(path)


def rotate(folder: Path, keep: int) -> None:
    """Delete all but the newest `keep` checkpoints; what cannot be deleted stays."""
    for old in checkpoints(folder)[keep:]:
        gone = folder / f"{_GONE}{old.name}"
        try:
            # Under another name first, so that half a checkpoint is never taken for one.
            old.rename(gone)
        except OSError:
            continue
        shutil.rmtree(gone, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Delete what a crash left of checkpoints that were being written or deleted."""
    for prefix in (_PARTIAL, _GONE):
        for left in folder.glob(f"{prefix}*"):
            shutil.rmtree(left, ignore_errors=True)


def newest_whole(folder: Path) -> tuple[Path | None, list[str]]:
    """Return the newest checkpoint whose hashes are right, and the names of damaged ones.

    The damaged ones are put aside as `broken-NAME`.
    """
    broken: list[str] = []
    for path in checkpoints(folder):
        if is_whole(path):
            return path, broken
        broken.append(path.name)
        aside = folder / f"broken-{path.name}"
        shutil.rmtree(aside, ignore_errors=True)
        path.rename(aside)
    return None, broken


def is_whole(path: Path) -> bool:
    """Tell whether every file of a checkpoint, and the manifest itself, has the right hash."""
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
        files = manifest["files"]
        if not _is_sound(manifest) or path.name != checkpoint_name(manifest["seen"]):
            return False
        return {MODEL, _STATE} <= files.keys() and all(
            (path / name).stat().st_size == said["size"] and _digest(path / name) == said["sha256"]
            for name, said in files.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def restore(path: Path, trainer: Trainer) -> None:
    """Put a trainer where it was when a checkpoint was written.

    Raises:
        TrainingError: the checkpoint is of another network or a newer studio, or of a LoRA for
            another model.
    """
    manifest = json.loads((path / MANIFEST).read_bytes())
    if manifest.get("version") != _VERSION:
        raise TrainingError(f"“{path.name}” was written by another version of Elucidate.")
    _check_base(path / MODEL, trainer.lora or trainer.header)
    trainer.restore(load_file(path / MODEL), load_file(path / _STATE), int(manifest["seen"]))


def _check_base(file: Path, header: AnyHeader | LoraHeader) -> None:
    if isinstance(header, TunedHeader) and is_tuned(file):
        base: Base | TunedBase = read_tuned(file).base
        same = base == header.base
    elif isinstance(header, LoraHeader) and is_lora(file):
        base = read_lora(file).header.base
        same = base.sha256 == header.base.sha256
    else:
        return
    if not same:
        raise TrainingError(
            f"This run began from “{base.name or 'another model'}”, which the model that [network] "
            "init names is not, or no longer. Put that one back, or begin in a new folder."
        )


def _manifest(folder: Path, seen: int) -> bytes:
    files = {
        path.name: {"size": path.stat().st_size, "sha256": _digest(path)}
        for path in sorted(folder.iterdir())
    }
    said = {"version": _VERSION, "seen": seen, "torch": torch.__version__, "files": files}
    return json.dumps({**said, _OWN_HASH: _hash_of(said)}, indent=1).encode()


def _is_sound(manifest: dict[str, Any]) -> bool:
    """Tell whether a manifest is as it was written; those of before had no hash of their own."""
    said = {key: value for key, value in manifest.items() if key != _OWN_HASH}
    if _OWN_HASH not in manifest:
        return said.keys() == {"version", "seen", "torch", "files"}
    return bool(manifest[_OWN_HASH] == _hash_of(said))


def _hash_of(said: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _as_os_error(error: SafetensorError, path: Path) -> OSError:
    """Return the error in the form that the rest of Python gives it."""
    text = str(error)
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.ENOENT):
        if f"(os error {number})" in text:
            return OSError(number, os.strerror(number), str(path))
    return OSError(errno.EIO, text, str(path))
