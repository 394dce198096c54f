"""What is written beside the samples of a run: plain words, no Qt."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from studio.training.run_folder.course import Sheet
from studio.training.run_folder.facts import Facts
from studio.ui.ticks import figure

LONG, MEGA = 10_000, 1000
"""The kimg from which times are given in millions of pictures, and how many make a million."""
NONE_YET = "Samples appear after the first checkpoint"
NEVER = "This run draws no samples: its run file says samples = 0"


def caption(facts: Facts | None, kimg: float) -> str:
    """Return how the samples of a time are drawn, such as “fixed seeds 0–15 · EMA 2.5 kimg”."""
    if facts is None or not facts.samples:
        return ""
    seeds = f"fixed seeds 0–{facts.samples - 1}" if facts.samples > 1 else "fixed seed 0"
    seeds = "points of fixed seeds" if facts.planar else seeds
    parts = [seeds, f"EMA {figure(float(facts.average(np.array([kimg]))[0]))} kimg"]
    if facts.guidance != 1:
        parts.append(f"guidance {figure(facts.guidance)}")
    return " · ".join(parts)


def named(facts: Facts | None, number: int) -> str:
    """Return what a picture of a sheet is: its seed, and its class where it has one."""
    seed = f"seed {number}"
    if facts is None or not facts.classes:
        return seed
    return f"{seed} · {facts.classes[number % len(facts.classes)]}"


def column_names(facts: Facts | None, columns: int) -> tuple[str, ...]:
    """Return a class for each column of a sheet, () where a column has pictures of several."""
    names = facts.classes if facts is not None else ()
    if len(names) < 2 or columns % len(names):
        return ()
    return names * (columns // len(names))


def time_text(kimg: float) -> str:
    """Return a time of training, such as “0.256 kimg”, “20.5 kimg”, “176 kimg” or “12.03 Mimg”."""
    if kimg >= LONG:
        return f"{kimg / MEGA:,.2f} Mimg"
    return f"{kimg:,.1f}".removesuffix(".0") + " kimg" if kimg >= 10 else f"{figure(kimg)} kimg"


def file_name(folder: Path, sheet: Sheet, number: int | None) -> str:
    """Return the name to save under: run, time and, for one picture, its seed."""
    seed = "" if number is None else f"-seed-{number}"
    return f"{folder.name}-{sheet.path.stem}{seed}.png"
