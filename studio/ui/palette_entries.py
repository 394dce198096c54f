"""What the command palette offers: commands, solvers, schedules, models."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from studio.diffusion import SAMPLERS, SCHEDULES
from studio.session.reading.figures import MEASURES
from studio.session.studio import Studio
from studio.ui.commands import SEPARATOR, Bindings
from studio.ui.model_choices import all_models
from studio.ui.palette import Entry


def entries(
    studio: Studio, bindings: Bindings, deeds: Mapping[str, Callable[[], object]]
) -> Iterator[Entry]:
    """Yield every command with its keys, then solvers, schedules and models to choose."""
    for id, keys, text in bindings.table():
        if id != "palette":
            yield Entry(text, keys.split(SEPARATOR)[0], deeds[id])
    for id, spec in SAMPLERS.items():
        yield Entry(f"Solver: {spec.label}", spec.family, partial(_choose, studio, "sampler", id))
    for id, spec in SCHEDULES.items():
        deed = partial(_choose, studio, "schedule", id)
        yield Entry(f"Schedule: {spec.label}", spec.family, deed)
    for measure in MEASURES.values():
        show = partial(studio.reading.choose, measure=measure.id)
        yield Entry(f"Plot per step: {measure.label}", measure.sign, show)
    for choice in all_models(studio.catalogue):
        yield Entry(f"Model: {choice.name}", choice.group, partial(studio.open_model, choice.path))


def _choose(studio: Studio, field: str, id: str) -> None:
    studio.editor.edit(field, id)
