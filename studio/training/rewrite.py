"""Change single values in the text of a run file; comments and order stay."""

import re

from studio.training.template import toml_value


def set_key(text: str, section: str, key: str, value: object) -> str:
    """Return the text of a run file in which a key has another value."""
    lines = text.split("\n")
    start = _header(lines, section)
    if start is None:
        return f"{text.rstrip()}\n\n[{section}]\n{key} = {toml_value(value)}\n"
    written = f"{key} = {toml_value(value)}"
    for place in range(start + 1, len(lines)):
        if re.match(r"\s*\[", lines[place]):
            break
        if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", lines[place]):
            lines[place] = written
            return "\n".join(lines)
    lines.insert(start + 1, written)
    return "\n".join(lines)


def _header(lines: list[str], section: str) -> int | None:
    form = re.compile(rf"\s*\[\s*[\"']?{re.escape(section)}[\"']?\s*\]")
    return next((place for place, line in enumerate(lines) if form.match(line)), None)
