"""The lines of figures that a run shows."""

from studio.engine.job import Progress
from studio.library import Trajectory
from studio.session.pace import Pace


def run_line(progress: Progress, pace: Pace) -> str:
    """Return “step 11 / 18 · σ 0.296 · NFE 22 / 35 · 27.4 it/s · 0.5 s left”."""
    parts = [
        _of(f"step {progress.index + 1}", progress.total),
        f"σ {figure(progress.sigma)}",
        _of(f"NFE {progress.nfe}", progress.nfe_total),
        f"{pace.steps_per_second:.3g} it/s",
        f"{duration(pace.seconds_left)} left"
        if pace.seconds_left > 0
        else duration(progress.elapsed),
    ]
    return " · ".join(parts)


def pace_line(progress: Progress, pace: Pace) -> str:
    """Return “27.4 it/s · NFE 22 / 35 · 0.5 s left”."""
    left = f"{duration(pace.seconds_left)} left"
    cost = _of(f"NFE {progress.nfe}", progress.nfe_total)
    return f"{pace.steps_per_second:.3g} it/s · {cost} · {left}"


def step_line(frames: Trajectory, index: int) -> str:
    """Return what is known of one step of a run that is over."""
    step = _of(f"step {index + 1}", frames.total or len(frames))
    sigma, after = frames.sigmas[index], frames.sigmas_next[index]
    return f"{step} · σ {figure(sigma)} → {figure(after)} · NFE {frames.nfes[index]}"


def _of(done: str, total: int | None) -> str:
    return done if total is None else f"{done} / {total}"


def figure(value: float) -> str:
    """Return a number as short as three digits allow: 80, 0.296, 0.002."""
    return f"{value:.3g}"


def duration(seconds: float) -> str:
    """Return a time in the largest fitting units: 0.5 s, 12 s, 2 min 5 s, 1 h 3 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def images(count: int) -> str:
    """Return “1 image” or “16 images”."""
    return f"{count} image{'' if count == 1 else 's'}"
