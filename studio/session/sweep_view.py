"""What a person chose to sweep, and what is known of it: on the disk, and of what is ahead."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from studio.diffusion import KnobError
from studio.engine.forecast import Forecast, forecast
from studio.engine.measuring import default_set
from studio.library import LibraryError, ModelRef, Recipe
from studio.library.sweeps import METRICS, Axis, Entry, Place, Sweep, SweepFolder, past_sweeps
from studio.library.untrusted import complaint
from studio.models import ModelInfo, file_digest, inspect_model

MOST_PAST = 50


class SweepChoice(BaseModel):
    """What the person chose to sweep; remembered between runs.

    `metric` colours the cells, nothing where it is empty; `against` is the set of pictures for the
    Fréchet distance, empty for that of the model.

    Raises:
        pydantic.ValidationError: a field has the wrong type (a ValueError).
    """

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")

    axes: Annotated[tuple[Axis, ...], Field(max_length=3)] = (
        Axis(field="steps", values=(6, 10, 18)),
        Axis(
            field="schedule",
            values=("karras", "vp", "exponential"),
            names=("Karras", "VP", "Exponential"),
        ),
    )
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = tuple(range(16))
    metric: Annotated[str, Field(max_length=32)] = ""
    against: Annotated[str, Field(max_length=4096)] = ""
    keep_steps: bool = True


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier sweep: its folder, what it went over and what it stood on."""

    folder: SweepFolder
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class View:
    """What is known of the sweep that was put together; `problem` says why it cannot be started."""

    sweep: Sweep | None = None
    folder: SweepFolder | None = None
    done: Mapping[Place, Entry] = field(default_factory=dict)
    forecast: Forecast | None = None
    problem: str = ""
    past: tuple[Past, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """All that a view follows from."""

    base: Recipe
    info: ModelInfo | None
    choice: SweepChoice
    root: Path
    computed_by: str


def view_of(wish: Wish) -> View:
    """Return what is known of a wish; this hashes models and looks into folders."""
    past = _past(wish.root)
    info = wish.info
    try:
        sweep = _sweep_of(wish)
    except ValidationError as error:
        return View(problem=f"The sweep cannot be made: {complaint(error)}.", past=past)
    except ValueError as error:
        return View(problem=str(error), past=past)
    folder = SweepFolder(wish.root, sweep.key(wish.computed_by))
    entries, cells = folder.entries(), sweep.cells(wish.computed_by)
    done = {cell.place: entries[cell.id] for cell in cells if cell.id in entries}
    infos = {} if info is None else {info.path: info}

    def info_of(model: ModelRef) -> ModelInfo:
        if model.path not in infos:
            infos[model.path] = inspect_model(model.path)
        return infos[model.path]

    try:
        ahead = forecast(sweep, cells, entries, info_of)
    except ValueError as error:
        return View(sweep, folder, done, None, str(error), past)
    return View(sweep, folder, done, ahead, _obstacle(wish, sweep), past)


def _sweep_of(wish: Wish) -> Sweep:
    choice, info = wish.choice, wish.info
    if info is None and not wish.base.model.sha256:
        raise KnobError("No model is open.")
    if not wish.base.model.sha256:
        raise KnobError("The model's file is being hashed.")
    if not choice.axes:
        raise KnobError("Choose what to sweep over.")
    asked = choice.metric in METRICS and METRICS[choice.metric].asked
    against = choice.against or (default_set(info) if info else "")
    return Sweep(
        base=wish.base,
        axes=choice.axes,
        models=_models(choice.axes),
        metrics=(choice.metric,) if asked else (),
        against=against if choice.metric == "frechet" else "",
        keep_steps=choice.keep_steps,
    )


def _obstacle(wish: Wish, sweep: Sweep) -> str:
    """Return why a sweep that can be looked at cannot be gone on with."""
    model, info = sweep.base.model, wish.info
    if info is None or not model.is_same(ModelRef(path=info.path, sha256=info.sha256)):
        return f"It stands on “{model.name or Path(model.path).name}”: open that model to go on."
    if "frechet" in sweep.metrics:
        if not sweep.against:
            return "Choose the set of pictures for the Fréchet distance: the model has none."
        if len(sweep.base.seeds) < 2:
            return "A Fréchet distance takes at least two pictures: use more seeds."
    return ""


def _models(axes: tuple[Axis, ...]) -> tuple[ModelRef, ...]:
    paths = next((axis.values for axis in axes if axis.field == "model"), ())
    infos = [inspect_model(str(path)) for path in paths]
    return tuple(ModelRef(path=i.path, name=i.name, sha256=file_digest(i.path)) for i in infos)


def _past(root: Path) -> tuple[Past, ...]:
    found = []
    for folder in past_sweeps(root)[:MOST_PAST]:
        try:
            sweep = folder.sweep()
        except LibraryError:
            continue
        note = f"{sweep.base.model.name} · {sweep.count:,} cells · {len(sweep.base.seeds)} seeds"
        found.append(Past(folder, sweep.title, note))
    return tuple(found)
