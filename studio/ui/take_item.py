"""What the list of takes shows of one take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class TakeItem:
    """Describe one row of the list of takes."""

    id: str
    title: str
    """What made it, such as "Heun · Karras · 18"."""
    subtitle: str = ""
    """Its figures, such as "seed 5 · 35 NFE · 1.3 s"."""
    thumbnail: Path | None = None
    """A picture file of it, or None while there is none."""
    status: Literal["finished", "stopped", "live"] = "finished"
    generation: int = 0
    """How many takes it descends from by branching; 0 for the first of a family."""
    starred: bool = False
    note: str = ""
    """How a take that is not finished stands, such as "stopped at step 7"."""
