"""Read text that a stranger may have written, and say in plain words what is wrong with it."""

import json
import re
from typing import Any, NoReturn

from pydantic import ValidationError

# A recipe with as many seeds and labels as it may have stays below; each entry costs 50 bytes.
MAX_ENTRIES = 300_000


def read_json(text: str | bytes, limit: int, *, constants: bool = False) -> Any:
    """Parse JSON of at most `limit` characters; `constants` lets NaN and Infinity pass.

    Raises:
        ValueError: it is too long, nested too deeply, no UTF-8 or no JSON; the message says which,
            as “it is …”.
    """
    if len(text) > limit:
        raise ValueError(f"it is longer than {limit:,} characters")
    try:
        text = text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    if sum(map(text.count, "[{,")) > MAX_ENTRIES:
        raise ValueError("it has too many entries")
    try:
        return json.loads(text, parse_constant=None if constants else _refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"it is not valid JSON ({error})") from None


def complaint(error: ValidationError) -> str:
    """Return the first complaint of pydantic as “steps must be …, not 0”."""
    first = error.errors(include_url=False)[0]
    problem = re.sub(r"^(Value error, |\w+ should )", _must, first["msg"])
    where = ", ".join(_part(part) for part in first["loc"])
    said = f"{where} {problem}".strip()
    given = first["input"]
    return f"{said}, not {_short(given)}" if isinstance(given, bool | int | float | str) else said


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not allowed")


def _must(match: re.Match[str]) -> str:
    return "must " if match[0].endswith("should ") else ""


def _part(part: str | int) -> str:
    if isinstance(part, int):
        return f"item {part + 1}"
    return "name" if part == "[key]" else part[:64].replace("_", " ")


def _short(value: object) -> str:
    # The slice comes first: the repr of a long text is longer still.
    text = repr(value[:40]) if isinstance(value, str) else repr(value)
    return text if len(text) <= 44 else f"{text[:40]}…"
