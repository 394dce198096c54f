"""How fast a run goes and how long it still takes."""

from dataclasses import dataclass

from studio.engine.job import Progress


@dataclass(frozen=True, slots=True)
class Pace:
    """Steps a second, and the seconds that are left by the cost still to come."""

    steps_per_second: float
    seconds_left: float


def pace(progress: Progress) -> Pace:
    """Estimate the pace from everything that the run has done so far."""
    elapsed = max(progress.elapsed, 1e-6)
    left = max(progress.nfe_total - progress.nfe, 0) * elapsed / max(progress.nfe, 1)
    return Pace((progress.index + 1) / elapsed, left)
