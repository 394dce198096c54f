"""Find out what one file or folder is, by its content."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.catalogue.entry import Entry, described
from studio.models.errors import ModelError
from studio.models.open import format_of, readable
from studio.models.presets import SettingsNeeded
from studio.models.registry import Format

if TYPE_CHECKING:
    from studio.models.classifiers import ClassifierInfo

_KINDS = {"lora": "lora", "autoencoder": "autoencoder"}
_MOST_PARTS = 5000
_MOST_TEXT = 2000


def examine(path: Path, weight: tuple[int, int] | None = None) -> Entry:
    """Return what `path` is; one that is not there is `missing`, one not understood is "unknown".

    weight: its size and time of change where these are known. Nothing is raised, whatever is in
    the file.
    """
    try:
        weight = weight or weigh(path)
    except OSError:
        return Entry(path=os.fspath(path), kind="model", name=path.stem, missing=True)
    plain = Entry(
        path=os.fspath(path), kind="unknown", name=path.name, size=weight[0], changed=weight[1]
    )
    try:
        with readable(path):
            found = format_of(path)
            info = found.inspect(path)
            settings = _leaves_open(found, path)
    except SettingsNeeded as error:
        return _asking(plain, path, error, "model")
    except ModelError as error:
        return _other(plain, path, str(error))
    except Exception as error:  # noqa: BLE001 - what strangers wrote must not end a search
        return replace(plain, problem=f"It could not be read ({type(error).__name__}: {error}).")
    entry = described(info, _KINDS.get(info.format, "model"), weight)
    return replace(entry, path=os.fspath(path), settings=settings)


def weigh(path: Path) -> tuple[int, int]:
    """Return the size in bytes and the time of change in nanoseconds of a file or a folder.

    A folder has the sum of its files' sizes and the latest of their times; links are followed to
    files, not to folders.

    Raises:
        OSError: it is not there or cannot be read.
    """
    found = path.stat()
    if not path.is_dir():
        return found.st_size, found.st_mtime_ns
    size, changed, parts = 0, 0, 0
    for folder, inner, files in os.walk(path):
        inner[:] = [name for name in inner if not name.startswith(".")]
        for name in files:
            parts += 1
            if parts > _MOST_PARTS:
                return size, changed
            try:
                part = Path(folder, name).stat()
            except OSError:
                continue
            size, changed = size + part.st_size, max(changed, part.st_mtime_ns)
    return size, changed


def _leaves_open(found: Format, path: Path) -> bool:
    """Tell whether there is something to choose about a file of a format."""
    form = getattr(found, "form", None)
    return form is not None and form(path) is not None


def _asking(plain: Entry, path: Path, error: SettingsNeeded, kind: str) -> Entry:
    """Return the entry of a file that opens once its settings are chosen."""
    form = error.form
    return replace(
        plain,
        kind=kind,
        name=path.stem,
        format=form.format,
        family=form.format.replace("-", " ").replace("_", " "),
        settings=True,
        asks=True,
        problem="Its file does not say everything: choose its settings once, then it opens.",
    )


def _other(plain: Entry, path: Path, reason: str) -> Entry:
    """Return the entry of what is no model: a classifier, or something that is not known."""
    from studio.models.classifiers import inspect_classifier

    try:
        return _classifier(plain, inspect_classifier(path))
    except SettingsNeeded as error:
        return _asking(plain, path, error, "classifier")
    except ModelError:
        return replace(plain, problem=reason[:_MOST_TEXT])
    except Exception as error:  # noqa: BLE001 - what strangers wrote must not end a search
        return replace(plain, problem=f"It could not be read ({type(error).__name__}: {error}).")


def _classifier(plain: Entry, info: "ClassifierInfo") -> Entry:
    return replace(
        plain,
        kind="classifier",
        name=info.name,
        format="guided-diffusion",
        family="Classifier",
        shape=tuple(info.shape),
        parameters=info.parameters,
        classes=info.classes,
        note="A classifier of noisy pictures. It is no model: open one of the same size and let "
        "this guide it.",
    )
