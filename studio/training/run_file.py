"""Read a run file, and say in which line it is wrong and what was probably meant."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from studio.diffusion.knob import KnobError
from studio.diffusion.registry import find
from studio.training.augmentations import AUGMENTATIONS
from studio.training.errors import TrainingError
from studio.training.sections import Loss, Rate, RunSettings

_LIMIT = 1 << 20
_CHOSEN: Mapping[str, type[Loss] | type[Rate]] = {"loss": Loss, "rate": Rate}


def read_run_file(path: Path) -> RunSettings:
    """Return the settings in a run file.

    Raises:
        TrainingError: it cannot be read, is no TOML, or a key or value is not understood; the
            message names the line and, for a key, the nearest one that there is.
    """
    try:
        raw = path.read_bytes()[: _LIMIT + 1]
    except OSError as error:
        raise TrainingError(f"“{path}” cannot be read: {error.strerror or error}.") from error
    return parse_run_file(raw, path.name)


def parse_run_file(raw: bytes, name: str) -> RunSettings:
    """Return the settings in the text of a run file; `name` is what messages call it.

    Raises:
        TrainingError: as in `read_run_file`.
    """
    if len(raw) > _LIMIT:
        raise TrainingError(f"“{name}” is longer than a run file can be ({_LIMIT >> 20} MiB).")
    try:
        text = raw.decode()
        tables = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise TrainingError(f"“{name}” is not a TOML file: {error}.") from error
    return _Reader(name, text).settings(tables)


class _Reader:
    """Turn tables into settings, knowing where in the text each key stands."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._lines = _lines(text)

    def settings(self, tables: Mapping[str, Any]) -> RunSettings:
        self._check_names(tables, RunSettings.model_fields, "", "section")
        for name, table in tables.items():
            self._check_table(name, table)
        try:
            return RunSettings.model_validate(tables)
        except ValidationError as error:
            raise self._refused(error) from None

    def _check_table(self, name: str, table: object) -> None:
        if not isinstance(table, dict):
            raise self._error(name, "", f"“{name}” is a section: write [{name}] above its keys.")
        known = list(_section(name).model_fields)
        if (chosen := _CHOSEN.get(name)) is not None:
            known += self._check_chosen(name, table, chosen)
        self._check_names(table, known, name, "key")
        if name == "augment" and isinstance(table.get("use"), list):
            self._check_names(map(str, table["use"]), AUGMENTATIONS, name, "augmentation", "use")

    def _check_chosen(
        self, name: str, table: Mapping[str, Any], section: type[Loss] | type[Rate]
    ) -> list[str]:
        """Check the knobs of what `kind` chooses, and return their names."""
        own = section.model_fields
        kind = table.get("kind", own["kind"].default)
        try:
            spec = find(section.specs(), str(kind), name)
        except KnobError as error:
            raise self._error(name, "kind", str(error)) from None
        known = [knob.id for knob in spec.knobs]
        self._check_names(table, [*own, *known], name, "key")
        for knob in spec.knobs:
            if knob.id in table:
                try:
                    knob.check(table[knob.id])
                except KnobError as error:
                    raise self._error(name, knob.id, f"{error}") from None
        return known

    def _check_names(
        self,
        given: Iterable[str],
        known: Iterable[str],
        section: str,
        noun: str,
        at: str = "",
    ) -> None:
        """Refuse names that are not known; `at` is the key that holds them, if they are values."""
        known = list(known)
        for key in given:
            if key in known:
                continue
            near = get_close_matches(key, known, 1)
            hint = f"Did you mean “{near[0]}”?" if near else f"Known: {', '.join(known)}."
            where = f" in [{section}]" if section else ""
            raise self._error(section, at or key, f"there is no {noun} “{key}”{where}. {hint}")

    def _refused(self, error: ValidationError) -> TrainingError:
        first = error.errors(include_url=False)[0]
        section, key = (*map(str, first["loc"]), "")[:2]
        if first["type"] == "missing":
            return self._error(section, "", f"[{section}] {key} is missing.".replace("  ", " "))
        said = re.sub(r"^(Value error, |Input should )", "must ", first["msg"])
        return self._error(section, key, f"[{section}] {key} {said}, not {first['input']!r}.")

    def _error(self, section: str, key: str, message: str) -> TrainingError:
        places = ((section, key), (key, ""), (section, ""), ("", key))
        line = next((self._lines[place] for place in places if place in self._lines), None)
        where = f"“{self._name}”" + (f", line {line}" if line else "")
        return TrainingError(f"{where}: {message}")


def _section(name: str) -> type[BaseModel]:
    section = RunSettings.model_fields[name].annotation
    assert isinstance(section, type) and issubclass(section, BaseModel)
    return section


def _lines(text: str) -> dict[tuple[str, str], int]:
    """Return the number of the line of every (section, key), and of every (section, "")."""
    places: dict[tuple[str, str], int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            section = found[1].strip("\"'")
            places.setdefault((section, ""), number)
        elif found := re.match(r"\s*[\"']?([\w.-]+)[\"']?\s*=", line):
            places.setdefault((section, found[1]), number)
    return places
