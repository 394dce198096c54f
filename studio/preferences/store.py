"""Read settings whatever has become of their file, and write them so that nothing becomes of it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from studio.atomic import keep_aside, reason, write_atomically
from studio.preferences.settings import VERSION, Settings

MAX_BYTES = 8 * 2**20

# From the version of a file to the function that brings its data to the next version.
MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


class SettingsError(OSError):
    """The settings could not be written; the message says where, why, and what to do."""


def load_settings(path: Path) -> tuple[Settings, str | None]:
    """Return the settings and, if anything was wrong with them, a note for the person.

    A missing file gives the defaults. A damaged one is kept aside as `settings.json.broken-N`. A
    setting that is not understood goes back to its default; the others are kept. Nothing is raised.
    """
    try:
        with path.open("rb") as file:
            data = _parsed(file.read(MAX_BYTES + 1))
    except FileNotFoundError:
        return Settings(), None
    except PermissionError as error:
        return Settings(), f"The settings could not be read: {reason(error)} Defaults are in use."
    except (OSError, ValueError) as error:
        return Settings(), _set_aside(path, error)
    return _understood(_migrated(data))


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings; the file holds the old ones or the new ones, never half of them.

    Raises:
        SettingsError: the folder cannot be written or the disk is full.
    """
    text = settings.model_dump_json(indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode())
    except OSError as error:
        message = f"The settings could not be written to “{path}”: {reason(error)}"
        raise SettingsError(message) from error


def _parsed(content: bytes) -> dict[str, Any]:
    if len(content) > MAX_BYTES:
        raise ValueError("it is longer than settings can be")
    try:
        data = json.loads(content.decode())
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if isinstance(data, dict):
        return data
    raise ValueError("it does not hold settings")


def _set_aside(path: Path, error: Exception) -> str:
    note = f"The settings were damaged ({error}). Defaults are in use"
    try:
        return f"{note}; the damaged file is kept as “{keep_aside(path).name}”."
    except OSError:
        return f"{note}; the damaged file could not be moved out of the way."


def _migrated(data: dict[str, Any]) -> dict[str, Any]:
    version = data.get("version", VERSION)
    while type(version) is int and version < VERSION and version in MIGRATIONS:
        data, version = MIGRATIONS[version](data), version + 1
    return data


def _understood(data: dict[str, Any]) -> tuple[Settings, str | None]:
    version = data.get("version", VERSION)
    data = data | {"version": VERSION}
    note = None
    if isinstance(version, int) and version > VERSION:
        note = "The settings were written by a newer Elucidate; what it added is left out."
    try:
        return Settings.model_validate(data), note
    except ValidationError as error:
        wrong = sorted({str(problem["loc"][0]) for problem in error.errors()})
    rest = {name: value for name, value in data.items() if name not in wrong}
    names = ", ".join(name.replace("_", " ") for name in wrong)
    return Settings.model_validate(rest), f"Not understood and back at its default: {names}."
