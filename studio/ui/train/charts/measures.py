"""What the plot over the course of a run can show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from studio.ui.ticks import figure

_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Measure:
    """Say what a measure is called and how it is drawn; `id` names its series.

    `log` asks for a logarithmic axis, `said` writes a value with its unit, and values are divided
    by `unit` before they are drawn.
    """

    id: str
    label: str
    short: str
    sign: str
    tip: str
    log: bool = False
    said: Callable[[float], str] = figure
    unit: float = 1.0


def rate(value: float) -> str:
    """Return a learning rate, such as “2.0e-4”."""
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits}e{int(exponent)}" if value else "0"


def _speed(value: float) -> str:
    return f"{value:,.0f} img/s" if value >= 10 else f"{value:.3g} img/s"


MEASURES: Mapping[str, Measure] = {
    each.id: each
    for each in (
        Measure(
            "loss",
            "Loss",
            "Loss",
            "λ(σ) |D(y + n; σ) − y|², the mean over pictures and pixels",
            "What training makes small. Faint: each line of the log; bright: smoothed; dashed: on\n"
            "pictures that are held out, at the same noise every time.",
            log=True,
        ),
        Measure(
            "learning_rate",
            "Learning rate",
            "Rate",
            "the length of a step of the optimiser",
            "It rises at first (warm-up) and then follows the course that the run file asks for.",
            said=rate,
        ),
        Measure(
            "gradient_norm",
            "Gradient norm",
            "Gradient",
            "|∇L| before it is shortened",
            "Peaks are batches that do not fit what was learned. Rising without end: the learning\n"
            "rate is too high.",
            log=True,
        ),
        Measure(
            "images_per_second",
            "Pictures per second",
            "Speed",
            "pictures trained on per second",
            "Without the time for checkpoints and samples.",
            said=_speed,
        ),
        Measure(
            "memory",
            "Memory",
            "Memory",
            "memory that the run takes, in GiB",
            "Of the device, or of the process where it trains on the CPU.",
            said=lambda value: f"{value:.1f} GiB",
            unit=_GIB,
        ),
        Measure(
            "half_life_kimg",
            "Length of the average",
            "EMA",
            "half-life of the moving average, in kimg",
            "Half of the weights that sample come from the last so many thousand pictures.",
            said=lambda value: f"{figure(value)} kimg",
        ),
        Measure(
            "skipped",
            "Skipped steps",
            "Skipped",
            "steps left out because a gradient was not finite",
            "Now and then is no harm, above all in float16. Many: the learning rate is too high.",
        ),
    )
}
"""Every measure by its id."""
