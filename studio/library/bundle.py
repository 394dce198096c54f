"""Takes in one zip file: to be carried elsewhere and opened there."""

import contextlib
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from studio.library.errors import LibraryError, TrajectoryError, disk_error
from studio.library.marks import MARKS_FILE
from studio.library.scratch import Scratch
from studio.library.take import (
    INPUT,
    MAX_JSON,
    RECIPE_FILE,
    THUMBNAIL_FILE,
    TRAJECTORY_FILE,
    Take,
    place,
    publish,
    read_take,
)
from studio.library.writing import write_file

_PLAIN = (RECIPE_FILE, MARKS_FILE)
_FILES = (*_PLAIN, TRAJECTORY_FILE, THUMBNAIL_FILE)
_PICTURE = re.compile(r"[0-9][\w.-]{0,99}\.png")
_INPUT = re.compile(INPUT + r"[0-9a-f]{64}\.(png|safetensors)")
_MOST_MEMBERS = 1_000_000
_MOST_RATIO = 200  # of a file to what it is packed into

Tell = Callable[[int, int], bool]
"""Hear of takes done and in all; where it returns False, nothing more is done."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of a bundle: new takes, how many were here already, and what was wrong."""

    takes: tuple[Take, ...]
    known: int
    problems: tuple[str, ...]


def is_bundle(path: Path) -> bool:
    """Tell a zip file of takes from one of pictures."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(PurePosixPath(name).name == RECIPE_FILE for name in archive.namelist())
    except (OSError, zipfile.BadZipFile, ValueError):
        return False


def write_bundle(path: Path, takes: Sequence[Take], tell: Tell = lambda _d, _t: True) -> bool:
    """Write takes with everything in their folders; return False if it was cancelled.

    Raises:
        LibraryError: a folder cannot be read or the file cannot be written; an older one is intact.
    """
    done = True

    def write(file: object) -> None:
        nonlocal done
        with zipfile.ZipFile(file, "w") as archive:  # type: ignore[call-overload]  # a BinaryIO
            for number, take in enumerate(takes):
                if not tell(number, len(takes)):
                    done = False
                    raise _Cancelled
                _pack(archive, take)

    with contextlib.suppress(_Cancelled):
        write_file(path, write, "zip file")
    return done


class _Cancelled(Exception):  # noqa: N818 - nothing went wrong
    pass


def _pack(archive: zipfile.ZipFile, take: Take) -> None:
    # Pictures and steps do not get any smaller by packing.
    for file in sorted(take.folder.iterdir()):
        if _belongs(file.name):
            kind = zipfile.ZIP_DEFLATED if file.name in _PLAIN else zipfile.ZIP_STORED
            archive.write(file, f"{take.folder.parent.name}/{take.folder.name}/{file.name}", kind)


def read_bundle(
    path: Path,
    root: Path,
    is_known: Callable[[str], bool],
    tell: Tell = lambda _d, _t: True,
) -> Unpacked:
    """Unpack the takes of a bundle that a stranger may have made below `root`.

    Those whose id `is_known` are left where they are. Only files that a take has are read, and
    each take is there as a whole or not at all.

    Raises:
        LibraryError: the file is no zip, holds no take, or `root` cannot be written.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        why = error.strerror or error
        raise LibraryError(f"“{path.name}” cannot be opened: {why}.") from None
    with file:
        try:
            return _unpack(zipfile.ZipFile(file), path, root, is_known, tell)
        except (zipfile.BadZipFile, ValueError, EOFError) as error:
            raise LibraryError(f"“{path.name}” cannot be read as a zip file: {error}.") from None
        except LibraryError:
            raise
        except OSError as error:
            raise disk_error("takes", root, error) from error


def _unpack(
    archive: zipfile.ZipFile, path: Path, root: Path, is_known: Callable[[str], bool], tell: Tell
) -> Unpacked:
    folders = _folders(archive, path)
    _check_room(archive, folders, root)
    takes: list[Take] = []
    known, problems = 0, []
    for number, (name, files) in enumerate(folders.items()):
        if not tell(number, len(folders)):
            break
        try:
            take = Take.from_json(Path(name), archive.read(files[RECIPE_FILE]))
            target = place(root, take.created, take.recipe.sampler, take.id)
            if is_known(take.id) or target.exists():
                known += 1
            else:
                takes.append(_settle(archive, files, target, root))
        except (LibraryError, TrajectoryError, zipfile.BadZipFile) as error:
            problems.append(str(error))
    return Unpacked(tuple(takes), known, tuple(problems))


def _folders(archive: zipfile.ZipFile, path: Path) -> Mapping[str, dict[str, zipfile.ZipInfo]]:
    """Return the files of each take by folder; what belongs to none is left out."""
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS:
        raise LibraryError(f"“{path.name}” holds too many files to be trusted.")
    found: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for member in members:
        place = PurePosixPath(member.filename)
        if _belongs(place.name) and not member.is_dir():
            found.setdefault(str(place.parent), {})[place.name] = member
    folders = {name: files for name, files in found.items() if RECIPE_FILE in files}
    if not folders:
        raise LibraryError(f"“{path.name}” holds no takes.")
    return folders


def _check_room(
    archive: zipfile.ZipFile, folders: Mapping[str, Mapping[str, zipfile.ZipInfo]], root: Path
) -> None:
    """Refuse what would fill the disk, or claims to be far larger than it is packed."""
    members = list(_members(folders))
    for each in members:
        too_long = each.filename.endswith(_PLAIN) and each.file_size > MAX_JSON
        if too_long or each.file_size > _MOST_RATIO * max(each.compress_size, 4096):
            raise LibraryError(f"“{each.filename}” is too large to be trusted.")
    root.mkdir(parents=True, exist_ok=True)
    size, free = sum(each.file_size for each in members), shutil.disk_usage(root).free
    if size > free:
        raise LibraryError(
            f"The takes need {size / 1e9:.1f} GB, and “{root}” has {free / 1e9:.1f} GB left. "
            "Make room, or choose another output folder."
        )


def _members(folders: Mapping[str, Mapping[str, zipfile.ZipInfo]]) -> Iterator[zipfile.ZipInfo]:
    for files in folders.values():
        yield from files.values()


def _settle(
    archive: zipfile.ZipFile, files: Mapping[str, zipfile.ZipInfo], target: Path, root: Path
) -> Take:
    with Scratch(root) as scratch:
        for name, member in files.items():
            with archive.open(member) as source, (scratch.folder / name).open("xb") as file:
                shutil.copyfileobj(source, file, 2**20)
        if (steps := read_take(scratch.folder).trajectory()) is not None:
            steps.close()
        publish(scratch.folder, target)
    return read_take(target)


def _belongs(name: str) -> bool:
    return name in _FILES or bool(_PICTURE.fullmatch(name) or _INPUT.fullmatch(name))
