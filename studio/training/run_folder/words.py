"""Say the lines of a log as a person would read them."""

from collections.abc import Mapping
from typing import Any

_FORMS = {
    "log": "{text}",
    "resumed": "Going on at {checkpoint}.",
    "checkpoint": "Saved {name}.",
    "sheet": "Drew {file}.",
    "held_out": "Loss on what is held out at {kimg:g} kimg: {loss:.4f}.",
    "stats": "{kimg:g} kimg: loss {loss:.4f}, {images_per_second:.0f} img/s.",
}


def in_words(said: Mapping[str, Any]) -> str:
    """Return a line of the log in words; one that is not understood gives its event.

    Raises nothing: logs may be of another version, or damaged.
    """
    event = str(said.get("event", ""))
    if event in {"stats", "held_out"} and said.get("loss") is None:
        return f"{said.get('kimg', 0):g} kimg: no loss that is a number"
    try:
        return _FORMS[event].format_map(said)
    except (KeyError, ValueError, TypeError):
        return event
