"""Write a run file with every key, its default and what it does."""

import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from studio.bundled import resource
from studio.training.run_file import read_run_file
from studio.training.sections import Data, Loss, Rate, RunSettings

_WIDTH = 96
_HEAD = """\
A training run of Elucidate: `elucidate train run.toml` begins it, `--resume` goes on with it.
A key that is left out has the value that is shown here."""


def template(settings: RunSettings) -> str:
    """Return the text of a run file with these settings, a comment above every key."""
    parts = [_comment(_HEAD)]
    parts += ["\n".join(_table(name, section)) for name, section in settings]
    return "\n\n".join(parts) + "\n"


def new_run_file(data: str | None, init: str | None, recipe: str | None) -> str:
    """Return the text of a run file for a new folder.

    data: pictures; init: a model to begin from; recipe: a run file, or the name of a bundled one,
    with the settings to begin from.

    Raises:
        TrainingError: there is no such recipe, or it is wrong.
    """
    settings = read_run_file(_recipe(recipe)) if recipe else RunSettings(data=Data(path=""))
    if data:
        path = _seen_from(data)
        settings = settings.model_copy(
            update={"data": settings.data.model_copy(update={"path": path})}
        )
    if init:
        path = _seen_from(init)
        settings = settings.model_copy(
            update={"network": settings.network.model_copy(update={"init": path})}
        )
    return template(settings)


def _recipe(name: str) -> Path:
    bundled = resource("training", f"{name}.toml")
    return bundled if bundled.is_file() and not Path(name).is_file() else Path(name)


def _seen_from(path: str) -> str:
    """Return a path as it is written in a run file: absolute, unless it names what is bundled."""
    own = Path(path).expanduser()
    bundled = resource("models", path)
    return path if not own.exists() and bundled.exists() else str(own.absolute())


def _table(name: str, section: BaseModel) -> Iterator[str]:
    yield _comment(inspect.cleandoc(section.__doc__ or ""))
    yield f"[{name}]"
    for key, field in type(section).model_fields.items():
        note = field.description or ""
        if key == "kind" and isinstance(section, Loss | Rate):
            note = f"{note} One of: {', '.join(section.specs())}."
        yield _comment(note)
        yield f"{key} = {toml_value(getattr(section, key))}"
    if isinstance(section, Loss | Rate):
        yield from _knobs(section)


def _knobs(section: Loss | Rate) -> Iterator[str]:
    values: Mapping[str, Any] = section.knobs
    for knob in section.spec.knobs:
        offered = ", ".join(value for value, _ in knob.choices)
        choices = f" One of: {offered}." if offered else ""
        yield _comment(f"{section.kind}: {knob.help}{choices}")
        yield f"{knob.id} = {toml_value(values[knob.id])}"


def toml_value(value: object) -> str:
    """Return a value of a run file as it is written there."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, float):
        return repr(value)
    # A JSON text is a TOML text: the escapes are the same.
    return json.dumps(value, ensure_ascii=False)


def _comment(text: str) -> str:
    lines = [line for part in text.split("\n") for line in textwrap.wrap(part, _WIDTH)]
    return "\n".join(f"# {line}" for line in lines)
