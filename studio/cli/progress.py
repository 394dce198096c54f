"""A bar on a terminal, and nothing elsewhere."""

import sys
from typing import Any


def bar(what: str, total: int | None, unit: str, *, quiet: bool = False) -> Any:
    """Return tqdm's bar, which draws nothing where it is to be quiet or nobody looks."""
    from tqdm import tqdm

    off = quiet or not sys.stderr.isatty()
    return tqdm(total=total, desc=what, unit=unit, disable=off)
