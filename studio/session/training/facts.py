"""The figures of a run, and its recipe, as they are shown."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from studio.models.checkpoints import checkpoint_title
from studio.session.training.details import Details
from studio.session.training.standing import Standing
from studio.session.training.words import pictures, span

if TYPE_CHECKING:
    from studio.training.run_folder.status import Status
    from studio.training.sections import RunSettings

NOW = (
    ("Speed", "Pictures that are trained on in a second, all processes together."),
    ("Loss", "Mean of the weighted loss since the last line of figures; near 0 is never reached."),
    ("Held-out loss", "The same on pictures that are kept out: it rises when a run overfits."),
    ("Gradient norm", "Mean length of the gradient before it is shortened to [optimiser] clip."),
    ("Learning rate", "How far a step goes now, warm-up and decay included."),
    ("Batch", "Pictures per step: pictures at once × how often × processes."),
    (
        "EMA half-life",
        "Half of the averaged weights comes from so many pictures; it grows.",
    ),
    ("Memory", "Device memory of the run; on the CPU that of its process."),
    ("Time left", "At the speed of the last line of figures."),
    ("Last checkpoint", "When the run was last saved; all until then is safe."),
)
RECIPE = (
    ("Start from", "The weights it began with."),
    ("What trains", "All weights, or a small addition to them (LoRA)."),
    ("Target", "The loss that is minimised."),
    ("ln σ", "How the noise levels of training are drawn."),
    ("Augmentation", "Chance of each augmentation; the network is told, so that it does not leak."),
    ("EMA", "Half-life of the averaged weights, which become the model."),
    ("Precision", "What the network computes in."),
    ("Length", "Pictures that it will have been trained on in all."),
)
_GB = 1e9


def now_facts(standing: Standing, details: Details | None, clock: float = 0.0) -> dict[str, str]:
    """Return the figures of a run by the names in NOW; `clock` is the time now, for tests."""
    status = standing.status
    facts: dict[str, str] = {}
    if details is not None and details.checkpoint is not None:
        ago = max(0.0, (clock or time.time()) - details.saved)
        facts["Last checkpoint"] = f"{span(ago)} ago"
    if status is None or not status.batch:
        return facts
    facts["Loss"] = _number(status.loss, ".4g")
    facts["Held-out loss"] = _number(status.held_out_loss, ".4g")
    facts["Gradient norm"] = _number(status.gradient_norm, ".3g")
    facts["Learning rate"] = _rate(status.learning_rate)
    facts["Batch"] = _batch(status)
    facts["EMA half-life"] = pictures(status.half_life_kimg) if status.half_life_kimg else ""
    memory = f"{status.memory / _GB:.1f} GB" if status.memory else ""
    facts["Memory"] = " · ".join(filter(None, (memory, status.device)))
    if standing.state == "running" and status.images_per_second:
        facts["Speed"] = _speed(status.images_per_second)
        facts["Time left"] = span(status.eta) if status.eta else ""
    return facts


def recipe_facts(settings: RunSettings, standing: Standing | None = None) -> dict[str, str]:
    """Return what a run file asks for by the names in RECIPE."""
    status = standing.status if standing else None
    knobs, loop, augment = settings.loss.knobs, settings.loop, settings.augment
    levels = settings.loss.spec.label
    if "p_mean" in knobs:
        levels = f"N({knobs['p_mean']:g}, {knobs['p_std']:g}²)"
    return {
        "Start from": _start(settings.network.init),
        "What trains": what_trains(settings),
        "Target": settings.loss.spec.label,
        "ln σ": levels,
        "Augmentation": f"p = {augment.p:g}" if augment.p else "none",
        "EMA": f"{settings.average.half_life_kimg:g} kimg",
        "Precision": status.precision if status and status.precision else loop.precision,
        "Length": f"{loop.kimg:,g} kimg",
    }


def what_trains(settings: RunSettings) -> str:
    """Return “all weights”, or the rank of the LoRA that is trained."""
    rank = settings.lora.rank
    return f"LoRA, rank {rank}" if rank else "all weights"


def _start(init: str) -> str:
    if not init:
        return "nothing"
    path = Path(init)
    return checkpoint_title(path) or path.stem


def _number(value: object, form: str) -> str:
    return format(value, form) if isinstance(value, int | float) else ""


def _speed(speed: float) -> str:
    return f"{speed:,.0f} img/s" if speed >= 100 else f"{speed:.3g} img/s"


def _rate(rate: float) -> str:
    """Return 2.0e-4: no padded exponent."""
    mantissa, _, exponent = f"{rate:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}" if rate else ""


def _batch(status: Status) -> str:
    factors = (status.micro_batch, status.accumulation, status.processes)
    parts = [str(status.micro_batch), *(str(factor) for factor in factors[1:] if factor > 1)]
    return f"{status.batch} = {' × '.join(parts)}" if len(parts) > 1 else str(status.batch)
