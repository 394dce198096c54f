"""Find and read the pictures that a run file asks for."""

import errno
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import torch

from studio.bundled import resource
from studio.models.errors import ModelError
from studio.models.pictures.blocks import Source
from studio.models.pictures.form import Form
from studio.models.pictures.lists import is_list
from studio.models.pictures.reading import about_sizes
from studio.models.pictures.source import about_broken, holds_pictures, open_source
from studio.preferences.places import cache_folder
from studio.training import keyed
from studio.training.cache import kept
from studio.training.errors import TrainingError
from studio.training.gathering import Gathered, Gathering, Progress, gathered
from studio.training.pictures import IN_MEMORY, Pictures
from studio.training.sections import Data

_QUICKLY_DECODED = 32 << 20
_CACHE_VERSION = 1


def find_set(path: str, folder: Path) -> Path:
    """Return where the pictures are: relative to the folder of the run, or bundled.

    Raises:
        TrainingError: there is nothing of that name.
    """
    own = folder / Path(path).expanduser()
    if not path:
        raise TrainingError("The run file names no pictures; write where they are in [data] path.")
    for place in (own, resource("models", path)):
        if place.exists():
            return place
    raise TrainingError(f"There are no pictures at “{own}”; correct [data] path in the run file.")


def load_pictures(
    data: Data,
    folder: Path,
    seed: int,
    multiple: int,
    channels: int,
    *,
    progress: Progress = lambda done, total: None,
) -> Pictures:
    """Read the pictures that a run file asks for.

    Those that take long to decode or much memory are kept in a cache for the next time.
    multiple: what the side has to be a multiple of; channels: 3, or 0 for those of the pictures.

    Raises:
        TrainingError: there are none, or the size cannot be had.
        ModelError: the set is damaged or too large.
    """
    path = find_set(data.path, folder)
    try:
        if not (is_list(path) or holds_pictures(path)):
            raise TrainingError(
                f"“{path}” holds no pictures: PNG, JPEG, WebP, BMP or GIF in a folder or a zip, an "
                "npz, or a list of pictures (.txt, .csv, .tsv or .jsonl)."
            )
        with open_source(path, own=True) as source:
            form, found = _Loader(source, data, folder, progress).load(multiple, channels)
            return _split(found, source, data, seed, form)
    except OSError as error:
        name = f" (at “{error.filename}”)" if error.filename else ""
        raise TrainingError(f"“{path}” cannot be read{name}: {error.strerror or error}.") from error
    except MemoryError as error:
        raise ModelError(f"“{path}” does not fit into memory; choose a smaller size.") from error


class _Loader:
    """Gather the pictures of a source in the form that a run file asks for."""

    def __init__(self, source: Source, data: Data, folder: Path, progress: Progress) -> None:
        self._source, self._data, self._folder = source, data, folder
        self._progress = progress

    def load(self, multiple: int, channels: int) -> tuple[Form, Gathered]:
        """Return the form of the pictures, and the pictures."""
        survey, data = self._source.survey(), self._data
        side = _side(data.size, survey.shape, multiple)
        background = _colour(data.background) or survey.card.background
        form = Form((side, side), background, data.fit, data.scaling == "smooth")
        channels = _channels(survey.shape[0], channels)
        gathering = Gathering(self._source, form, survey.count, channels)
        # Into memory where they fit in and are soon there.
        slow = self._source.encoded and self._source.size > _QUICKLY_DECODED
        if gathering.size <= IN_MEMORY and not slow:
            return form, gathering.into_memory(self._progress)
        return form, self._kept(gathering, form)

    def _kept(self, gathering: Gathering, form: Form) -> Gathered:
        """Return the pictures mapped from the cache, into which they are written if need be."""
        own = self._data.cache
        root = self._folder / Path(own).expanduser() if own else cache_folder() / "pictures"
        said = [_CACHE_VERSION, self._source.fingerprint(), asdict(form), gathering.size]
        key = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
        try:
            return kept(root, key, lambda to: gathering.into_folder(to, self._progress), gathered)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise TrainingError(
                    f"The decoded pictures take {gathering.size / 2**30:.2f} GiB, and there is "
                    f"not so much room in “{root}”. Free some, or set [data] cache to another "
                    "folder."
                ) from error
            raise


def _channels(found: int, wanted: int) -> int:
    if wanted and found not in (1, wanted):
        raise TrainingError(
            f"The pictures have {found} channels, but the model to begin from has {wanted}."
        )
    return wanted or found


def _colour(background: tuple[int, ...]) -> tuple[int, int, int] | None:
    if not background:
        return None
    if len(background) != 3 or not all(0 <= shade <= 255 for shade in background):
        raise TrainingError("[data] background takes three numbers from 0 to 255, or [].")
    red, green, blue = background
    return red, green, blue


def _side(wanted: int, shape: tuple[int, int, int], multiple: int) -> int:
    if wanted % multiple:
        raise TrainingError(
            f"[data] size {wanted} does not fit the network, which halves it: take a multiple of "
            f"{multiple}."
        )
    return wanted or max(multiple, min(shape[1:]) // multiple * multiple)


def _split(found: Gathered, source: Source, data: Data, seed: int, form: Form) -> Pictures:
    # By a hash of their numbers, so that a share stays out whatever the order of training.
    numbers = torch.arange(len(found.pixels))
    out = keyed.uniform(keyed.key(seed, keyed.HELD_OUT), numbers, 1)[:, 0] < data.held_out
    if bool(out.all()):
        raise TrainingError("No picture is left to train on; lower [data] held_out.")
    told, classes = source.labels()
    labels = torch.from_numpy(told[found.numbers].copy())
    return Pictures(
        pixels=torch.from_numpy(found.pixels),
        labels=labels if data.classes else torch.full_like(labels, -1),
        trained=numbers[~out],
        held_out=numbers[out],
        classes=classes if data.classes else (),
        background=form.background,
        sizes=found.sizes,
        broken=found.broken,
        remarks=tuple(_remarks(found, source, form)),
    )


def _remarks(found: Gathered, source: Source, form: Form) -> Iterator[str]:
    """Yield what was changed and left out."""
    survey = source.survey()
    _, height, width = survey.shape
    yield from (each for each in survey.remarks if each != about_sizes((width, height)))
    others, side = sorted(set(found.sizes) - {form.size}), form.size[0]
    if len(others) == 1:
        yield f"Pictures of {others[0][0]}x{others[0][1]} become {side}x{side}."
    elif others:
        yield f"Pictures of {len(found.sizes)} sizes become {side}x{side}."
    if found.broken:
        yield about_broken([picture.name for picture in found.broken])
