"""Write the tool tips of knobs: what they do, where they come from, what they accept."""

from __future__ import annotations

import math
import re
from html import escape, unescape
from typing import TYPE_CHECKING

from studio.ui.number_text import exact_text

if TYPE_CHECKING:
    from studio.diffusion import Knob


_TAGS = re.compile(r"(</?p>)+")


def tip(knob: Knob) -> str:
    """Return the tool tip of a control for `knob`."""
    return wrapped(knob.help or knob.label, bounds_text(knob))


def wrapped(*paragraphs: str) -> str:
    """Return paragraphs that a tool tip breaks into lines, which plain text it would not."""
    return "".join(f"<p>{escape(text)}</p>" for text in paragraphs if text)


class Described:
    """Give a widget its tool tip as a description that a screen reader can read: without tags."""

    def setToolTip(self, text: str) -> None:
        """Set the tool tip and the description."""
        super().setToolTip(text)  # type: ignore[misc]  # of the widget that follows
        self.setAccessibleDescription(plain(text))  # type: ignore[attr-defined]


def plain(text: str) -> str:
    """Return a tool tip without tags, in one line for each paragraph."""
    return unescape(_TAGS.sub(" ", text)).strip() if "<" in text else text


def bounds_text(knob: Knob) -> str:
    """Return which numbers a knob takes, or nothing where it takes none or any."""
    if knob.kind not in ("int", "float"):
        return ""
    low, high = (math.isfinite(end) for end in (knob.low, knob.high))
    unit = f" {knob.unit}" if knob.unit else ""
    if low and high:
        return f"From {exact_text(knob.low)} to {exact_text(knob.high)}{unit}."
    if low:
        return f"{exact_text(knob.low)}{unit} or more."
    return f"{exact_text(knob.high)}{unit} or less." if high else ""
