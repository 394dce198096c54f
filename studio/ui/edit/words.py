"""What the pages say while a task runs."""

from __future__ import annotations

from studio.ui.status_text import duration

_KNOWN = 0.5  # seconds after which the pace is known


def time_left(share: float, elapsed: float) -> str:
    """Return “12 s left” by the pace so far, or nothing while that is not known."""
    if share <= 0 or share >= 1 or elapsed < _KNOWN:
        return ""
    return f"{duration(elapsed * (1 - share) / share)} left"


def progress_words(doing: str, share: float, elapsed: float) -> str:
    """Return what is being done and how long that takes still."""
    return " · ".join(filter(None, (doing, time_left(share, elapsed))))
