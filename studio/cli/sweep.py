"""`elucidate sweep`: up to three axes over any knobs, each cell written as a take at once."""

import argparse
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from studio.cli.knobs import first_line
from studio.cli.main import BAD_ARGUMENTS, CommandError
from studio.cli.recipe import add_recipe_options, check, recipe_of
from studio.cli.running import how_computed, running_of
from studio.diffusion import SAMPLERS, SCHEDULES, Spec
from studio.engine.device import set_threads
from studio.library import ModelRef
from studio.library.sweeps import (
    METRICS,
    Axis,
    Entry,
    Place,
    Sweep,
    SweepFolder,
    best_place,
    field_named,
    figures_of,
    found_places,
    write_csv,
    write_sheet,
)
from studio.library.untrusted import complaint
from studio.models import default_model, file_digest, inspect_model, load_model
from studio.preferences import default_output_folder
from studio.ui.axis_text import VALUES_HELP, parse_axis
from studio.ui.status_text import duration

if TYPE_CHECKING:
    from studio.engine.forecast import Forecast
    from studio.engine.sweeping import Sweeping
    from studio.models import Model, ModelInfo

_ASKED = tuple(metric.id for metric in METRICS.values() if metric.asked)
_STORY = f"""
An axis is NAME=VALUES: {VALUES_HELP}. NAME is sampler, schedule, steps, sigma_min, sigma_max,
guidance, guidance_low, guidance_high, guidance_rescale, threshold, classifier_scale, prompt,
negative_prompt, noise, seed, class, model, or any knob of the sampler or the schedule. Prompts have
semicolons between them. The first axis goes down, the second across, the third in pages. All other
options are those of a single recipe, and every cell starts from the same noise.

Each cell becomes a take below OUT/sweeps at once, so that a sweep that was stopped or killed goes
on where it was: ask for the same again. results.csv and pictures.png are written at the end.

torchrun --nproc-per-node 2 -m studio sweep … shares the cells out over processes and machines, and
those of more than --batch pictures in pieces; they write the same files as one process. The last
bits may depend on the number of threads: give --threads to fix it.

example: elucidate sweep --sampler heun --axis s_churn=0:80:9 --axis s_noise=1.0,1.003,1.007
         --seeds 0-63 --metric frechet
"""


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command, with the options of a recipe."""
    parser = commands.add_parser(
        "sweep",
        help="go over up to three knobs, each cell a take",
        epilog=_STORY.replace("%", "%%"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--axis", action="append", metavar="NAME=VALUES", required=True, help="one to three times")
    add("--metric", action="append", choices=_ASKED, help="also measure this; colours the sheet")
    add("--against", metavar="PICTURES", help="set for frechet (default: the model's own)")
    add("--no-steps", action="store_true", help="do not keep the trajectories")
    add("--threads", type=int, help="CPU threads of each process")
    add("--dry-run", action="store_true", help="only say how much there is to do")
    add("--out", type=Path, default=default_output_folder(), help="folder of the takes")
    add("--json", action="store_true", help="print JSON lines instead of a table")
    add_recipe_options(parser, seeds="0-15")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make every cell that is not there yet, and write results.csv and pictures.png."""
    from studio.engine.beside import Beside
    from studio.engine.job import SweepJob
    from studio.engine.sweeping import Sweeping

    rank, world = _number("RANK", 0), _number("WORLD_SIZE", 1)
    path = str(Path(default_model() if options.model is None else options.model).absolute())
    info = inspect_model(path)
    sweep = _sweep(options, info)
    _set_threads(options)
    model = load_model(path, _own_device(options.device), options.dtype, running_of(options))
    say = _Reporter(options.json, sweep)
    computed_by = how_computed(options)
    folder = SweepFolder(options.out, sweep.key(computed_by))
    if rank == 0:
        say.plan(*_ahead(sweep, folder, model, computed_by))
    if options.dry_run:
        say.refused()
        return 0
    job = SweepJob(1, sweep, options.out, computed_by, rank, world)
    sweeping = Sweeping(
        job,
        model,
        threading.Event(),
        other_model=_opener(options),
        beside=Beside(_own_device(options.device), options.dtype),
        on_cell=say.cell,
        on_problem=say.problem,
    )
    _advance(sweeping, quiet=options.json or rank > 0)
    done, news = _export(folder, sweep, computed_by)
    if rank == 0 or (news and say.is_whole(done)):
        say.done(folder, done, table=world == 1 or (news and say.is_whole(done)))
    return 0


def _sweep(options: argparse.Namespace, info: "ModelInfo") -> Sweep:
    from studio.engine.measuring import default_set

    try:
        axes = _axes(options, info)
        swept = _swept(axes)
        check(options, [spec for specs, ids in swept for id in ids if (spec := specs.get(id))])
        metrics = tuple(dict.fromkeys(options.metric or ()))
        against = ""
        if "frechet" in metrics:
            against = str(Path(options.against).absolute()) if options.against else ""
            against = against or default_set(info)
            if not against:
                raise CommandError("give --against PICTURES: the model has no set", BAD_ARGUMENTS)
        return Sweep(
            base=recipe_of(options, info),
            axes=axes,
            models=_models(axes),
            metrics=metrics,
            against=against,
            keep_steps=not options.no_steps,
            batch=options.batch or 64,
        )
    except ValidationError as error:
        raise CommandError(complaint(error), BAD_ARGUMENTS) from error
    except ValueError as error:
        raise CommandError(first_line(error), BAD_ARGUMENTS) from error


def _axes(options: argparse.Namespace, info: "ModelInfo") -> tuple[Axis, ...]:
    named = [text.partition("=") for text in options.axis]
    given = {name.strip(): values for name, _, values in named}
    samplers = [options.sampler, *given.get("sampler", "").split(",")]
    schedules = [options.schedule, *given.get("schedule", "").split(",")]
    return tuple(
        parse_axis(field_named(name.strip(), samplers, schedules), values, info.classes)
        for name, _, values in named
    )


def _swept(axes: Sequence[Axis]) -> list[tuple[Mapping[str, Spec], Sequence[Any]]]:
    by_field = {axis.field: axis.values for axis in axes}
    pairs = (("sampler", SAMPLERS), ("schedule", SCHEDULES))
    return [(specs, by_field.get(field, ())) for field, specs in pairs]


def _models(axes: Sequence[Axis]) -> tuple[ModelRef, ...]:
    paths = next((axis.values for axis in axes if axis.field == "model"), ())
    infos = [inspect_model(str(path)) for path in paths]
    return tuple(ModelRef(path=i.path, name=i.name, sha256=file_digest(i.path)) for i in infos)


def _ahead(
    sweep: Sweep, folder: SweepFolder, model: "Model", computed_by: str
) -> "tuple[Forecast, float | None]":
    from studio.engine.forecast import forecast
    from studio.engine.sizes import state_shape
    from studio.engine.speed import seconds_per_picture

    info_of = cache(inspect_model)
    cells = sweep.cells(computed_by)
    ahead = forecast(sweep, cells, folder.entries(), lambda ref: info_of(ref.path))
    if not ahead.cells:
        return ahead, 0.0
    count = min(sweep.batch, len(sweep.base.seeds))
    return ahead, ahead.seconds(
        seconds_per_picture(model, count, state_shape(sweep.base, model.info))
    )


def _opener(options: argparse.Namespace) -> Any:
    """Return a function that opens a model beside the first, and keeps the newest one."""
    kept: dict[str, Model] = {}

    def open_model(ref: ModelRef) -> "Model":
        if ref.path not in kept:
            kept.clear()
            kept[ref.path] = load_model(ref.path, _own_device(options.device), options.dtype)
        return kept[ref.path]

    return open_model


def _advance(sweeping: "Sweeping", quiet: bool) -> None:
    from tqdm import tqdm

    quiet = quiet or not sys.stderr.isatty()
    try:
        with tqdm(total=sweeping.progress().calls_total, unit="call", disable=quiet) as bar:
            more = True
            while more:
                more = sweeping.advance()
                now = sweeping.progress()
                bar.total = now.calls_total
                bar.set_description(now.doing, refresh=False)
                bar.update(now.calls - bar.n)
    finally:
        sweeping.end("finished")


def _export(folder: SweepFolder, sweep: Sweep, computed_by: str) -> tuple[dict[Place, Entry], bool]:
    """Write table and sheet of what is there, and tell whether that is more than there was.

    Of processes that share the cells, the last to come here finds all of them.
    """
    table = folder.path / "results.csv"
    metric = sweep.metrics[0] if sweep.metrics else ""
    with folder.claim("export", wait=True):
        done, _ = found_places(sweep, folder, computed_by)
        before = table.read_bytes() if table.exists() else b""
        write_csv(table, sweep, done)
        news = table.read_bytes() != before
        write_sheet(folder.path / "pictures.png", sweep, done, metric)
    return done, news


class _Reporter:
    """Say what is ahead, what was done and where it is: in words, or as JSON lines."""

    def __init__(self, as_json: bool, sweep: Sweep) -> None:
        self._json, self._sweep = as_json, sweep
        self._problems: dict[Place, str] = {}

    def plan(self, ahead: "Forecast", seconds: float | None) -> None:
        self._problems |= ahead.problems
        facts = {"cells": ahead.cells, "of": ahead.total, "pictures": ahead.pictures}
        facts |= {"nfe": ahead.nfe}
        if self._json:
            rounded = None if seconds is None else round(seconds, 1)
            self._print(event="plan", **facts, seconds=rounded)
            return
        left = f"{ahead.cells:,} of {ahead.total:,} cells to make · {ahead.pictures:,} pictures"
        time = "" if seconds is None else f" · about {duration(seconds)}"
        sys.stderr.write(f"{left} · {ahead.nfe:,} NFE{time}\n")

    def cell(self, id: str, entry: Entry) -> None:
        if self._json:
            record = entry.record.model_dump(mode="json", exclude={"against"})
            self._print(event="cell", take=str(entry.folder), **record)

    def problem(self, place: Place, why: str) -> None:
        self._problems[place] = why
        if self._json:
            self._print(event="problem", cell=self._sweep.point(place), why=why)

    def is_whole(self, done: Mapping[Place, Entry]) -> bool:
        """Tell whether every cell is there that can be."""
        return not self._missing(done)

    def _missing(self, done: Mapping[Place, Entry]) -> int:
        return self._sweep.count - len(done) - len(self._problems)

    def done(self, folder: SweepFolder, done: Mapping[Place, Entry], *, table: bool) -> None:
        files = [str(folder.path / name) for name in ("results.csv", "pictures.png")]
        if self._json:
            self._print(event="done", cells=len(done), files=files)
            return
        for line in self._table(done) if table else ():
            print(line)
        if missing := self._missing(done):
            print(f"{missing} more cells are being made by other processes.")
        print(f"results.csv and pictures.png are in {folder.path}")

    def _table(self, done: Mapping[Place, Entry]) -> Iterator[str]:
        """Yield a line a cell; ● marks the best by the first metric that was asked for."""
        metrics = [*self._sweep.metrics, "nfe", "seconds"]
        best = best_place(figures_of(done, metrics[0]), metrics[0]) if self._sweep.metrics else None
        wide = max((len(self._sweep.point(place)) for place in done), default=0)
        heads = "".join(f"{METRICS[metric].label:>18}" for metric in metrics)
        yield f"  {'cell':{wide}}{heads}"
        for place, entry in sorted(done.items()):
            figures = (entry.record.figure(metric) for metric in metrics)
            row = "".join(f"{'—' if f is None else format(f, '.4g'):>18}" for f in figures)
            yield f"{'●' if place == best else ' '} {self._sweep.point(place):{wide}}{row}"
        yield from self._refusals()

    def refused(self) -> None:
        """Say which cells cannot be made, and why."""
        for place, why in self._problems.items() if self._json else ():
            self.problem(place, why)
        for line in () if self._json else self._refusals():
            print(line)

    def _refusals(self) -> Iterator[str]:
        for why in dict.fromkeys(self._problems.values()):
            places = [place for place, reason in self._problems.items() if reason == why]
            yield f"— {', '.join(self._sweep.point(place) for place in places[:4])}: {why}"

    def _print(self, **values: Any) -> None:
        print(json.dumps(values), flush=True)


def _number(name: str, default: int) -> int:
    """Return a number of the launcher's environment."""
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() else default


def _own_device(device: str) -> str:
    """Return the device of this process: of several GPUs, each process of a machine takes one."""
    import torch

    local = _number("LOCAL_RANK", -1)
    if device in ("auto", "cuda") and local >= 0 and torch.cuda.is_available():
        return f"cuda:{local % torch.cuda.device_count()}"
    return device


def _set_threads(options: argparse.Namespace) -> None:
    """Share the cores of a machine out among its processes."""
    if options.threads is not None and options.threads < 1:
        raise CommandError(f"--threads must be at least 1, not {options.threads}", BAD_ARGUMENTS)
    beside = _number("LOCAL_WORLD_SIZE", 1)
    own = max(1, (os.cpu_count() or 1) // beside) if beside > 1 else None
    set_threads(options.threads or own)
