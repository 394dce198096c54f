"""A run in one line of words."""

import time

from studio.session.training.standing import Standing

_ASKED = {"stop": "stopping", "pause": "pausing", "resume": "going on"}
_ALONE = {"new": "not started yet", "gone": "its folder is gone", "starting": "starting…"}


def run_words(standing: Standing, clock: float | None = None) -> str:
    """Return “running · 214 kimg · 12 min left”; `clock` is the time now, for tests."""
    if standing.asked in _ASKED and standing.alive:
        return _joined(_ASKED[standing.asked] + "…", _seen(standing))
    status = standing.status
    if status is None or standing.state in _ALONE:
        reading = status.message if status and status.state == "starting" else ""
        return reading or _ALONE.get(standing.state, "starting…")
    words: str = standing.state
    if standing.state == "lost":
        return f"no sign of life since {moment(status.updated, clock)}"
    if standing.state == "failed":
        return _joined(words, status.message)
    if standing.state == "waiting":
        words = "waits: the disk is full"
    left = f"{span(status.eta)} left" if standing.state == "running" and status.eta else ""
    return _joined(words, _seen(standing), left)


def trouble(standing: Standing, clock: float | None = None) -> str:
    """Return why a run stands still that should not, and what to do; nothing if all is well."""
    status = standing.status
    if standing.state == "gone":
        return f"The folder “{standing.folder}” is no longer there, or its drive is not."
    if status is None:
        return ""
    if standing.state == "lost":
        where = f" on {status.host}" if status.host else ""
        since = moment(status.updated, clock)
        return f"The trainer{where} has given no sign of life since {since}. Resume goes on."
    return status.message if standing.state in ("failed", "waiting") else ""


def pictures(kimg: float) -> str:
    """Return a number of pictures, in thousands or, from ten million on, in millions."""
    if kimg >= 10_000:
        return f"{kimg / 1000:.1f} Mimg"
    return f"{kimg:.3g} kimg" if kimg < 100 else f"{kimg:,.0f} kimg"


def span(seconds: float) -> str:
    """Return a time in words: 40 s, 12 min, 3 h 5 min, 4 d 2 h."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


def moment(when: float, clock: float | None = None) -> str:
    """Return a time of day, with the day before it if that is another one."""
    then, now = time.localtime(when), time.localtime(clock)
    same = then[:3] == now[:3]
    return time.strftime("%H:%M" if same else "%d %b %H:%M", then)


def _seen(standing: Standing) -> str:
    return pictures(standing.status.kimg) if standing.status else ""


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))
