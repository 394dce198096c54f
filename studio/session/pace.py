"""How fast a run goes and how long it still takes."""

from dataclasses import dataclass

from studio.engine.job import Progress


@dataclass(frozen=True, slots=True)
class Pace:
    """Steps a second, and the seconds that are left by the cost still to come.

    For an adaptive solver, whose cost nobody knows, by the way still to go in ln σ."""

    steps_per_second: float
    seconds_left: float


def pace(progress: Progress) -> Pace:
    """Estimate the pace from everything that the run has done so far."""
    elapsed = max(progress.elapsed, 1e-6)
    if progress.nfe_total is None:
        left = elapsed * (1 - progress.share) / max(progress.share, 1e-3)
    else:
        left = max(progress.nfe_total - progress.nfe, 0) * elapsed / max(progress.nfe, 1)
    return Pace((progress.index + 1) / elapsed, left)
