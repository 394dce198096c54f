"""`elucidate sample`: generate pictures without a window."""

import argparse
import json
import math
import sys
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.knobs import all_knobs, device, first_line, given_knobs, knob_help
from studio.cli.main import BAD_ARGUMENTS, CommandError
from studio.diffusion import SAMPLERS, SCHEDULES, KnobError
from studio.diffusion.registry import find
from studio.engine.device import set_threads, threads_for
from studio.library import ModelRef, Recipe, RecipeError, write_picture
from studio.library.comparison import FITTED
from studio.library.export.points import points_csv
from studio.library.fits import Fits
from studio.library.plane import points_of
from studio.library.writing import write_file
from studio.models import ModelInfo, bundled_models, file_digest, inspect_model, load_model
from studio.preferences import data_folder
from studio.ui.classes import parse_classes
from studio.ui.seeds import parse_seeds

if TYPE_CHECKING:
    from studio.engine.job import Ending
    from studio.engine.run import Run
    from studio.models import Model

MOST_SEEDS = 65_536  # what a recipe holds
_BATCH = 64


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command, with an option for every knob of every sampler and schedule."""
    parser = commands.add_parser("sample", help="generate pictures without a window")
    add = parser.add_argument
    add("model", nargs="?", help="a model file or a folder of pictures (default: bundled tiles)")
    add("--sampler", default="heun", metavar="ID", help=f"one of: {', '.join(SAMPLERS)}")
    schedules = ", ".join((FITTED, *SCHEDULES))
    add("--schedule", default="karras", metavar="ID", help=f"one of: {schedules}")
    add("--steps", type=int, default=18, help="number of steps")
    add("--sigma-min", type=float, help="lowest noise level (default: the schedule's)")
    add("--sigma-max", type=float, help="highest noise level (default: the schedule's)")
    add("--seeds", default="0-3", help="one picture a seed: 5, 0-63 or 1,4,9 (default 0-3)")
    add("--classes", default="any", help="any, random, or class names or numbers with commas")
    add("--guidance", type=float, default=1.0, help="classifier-free guidance, 1 is none")
    add("--guidance-low", type=float, default=0.0, help="lowest σ that is guided")
    add("--guidance-high", type=float, default=math.inf, help="highest σ that is guided")
    kinds = ("keyed", "brownian", "reference")
    add("--noise", choices=kinds, default="keyed", help="how noise is drawn (default keyed)")
    add("--batch", type=int, help="pictures sampled at once (default 64; of points all)")
    add("--device", default="auto", type=device, help="auto, cpu, cuda, cuda:1, mps or xpu")
    dtypes = ("auto", "float32", "bfloat16", "float16", "float64")
    add("--dtype", default="auto", choices=dtypes, help="how the network computes")
    add("--out", type=Path, default=Path("samples"), help="folder for what is made")
    add("--json", action="store_true", help="print JSON lines instead of a progress bar")
    for id, knobs in all_knobs().items():
        add(f"--{id.replace('_', '-')}", dest=f"knob_{id}", metavar="X", help=knob_help(knobs))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Sample every seed, in batches, and write a PNG with its recipe for each.

    Points in the plane come as a table, points.csv, with one PNG that shows them all.
    """
    _check(options)
    path = str(Path(bundled_models()[0] if options.model is None else options.model).absolute())
    info = inspect_model(path)
    recipe = _recipe(options, info)
    set_threads(threads_for(info))
    model = load_model(path, options.device, options.dtype)
    options.out.mkdir(parents=True, exist_ok=True)
    say = _Reporter(options.json, len(recipe.seeds))
    size = options.batch or (len(recipe.seeds) if info.planar else _BATCH)
    for job, part in enumerate(_batches(recipe, size)):
        ending, run = _sample(job, part, model, say)
        write = _write_points if info.planar else _write
        write(ending, run, options.out, say)
    say.done(options.out, "point" if info.planar else "picture")
    return 0


def _check(options: argparse.Namespace) -> None:
    if options.model == "":
        raise CommandError("the model is an empty name", BAD_ARGUMENTS)
    if options.batch is not None and options.batch < 1:
        raise CommandError(f"--batch must be at least 1, not {options.batch}", BAD_ARGUMENTS)
    schedule = "custom" if options.schedule == FITTED else options.schedule
    try:
        specs = (find(SAMPLERS, options.sampler, "sampler"), find(SCHEDULES, schedule, "schedule"))
    except KnobError as error:
        raise CommandError(str(error), BAD_ARGUMENTS) from error
    own = {knob.id for spec in specs for knob in spec.knobs}
    for id in all_knobs():
        if getattr(options, f"knob_{id}") is not None and id not in own:
            option = id.replace("_", "-")
            labels = " and ".join(spec.label for spec in specs)
            raise CommandError(f"--{option} is no knob of {labels}", BAD_ARGUMENTS)


def _recipe(options: argparse.Namespace, info: ModelInfo) -> Recipe:
    from studio.engine.plan import plan

    try:
        recipe = Recipe(
            model=ModelRef(path=info.path, name=info.name, sha256=file_digest(info.path)),
            sampler=options.sampler,
            knobs=given_knobs(options, SAMPLERS, options.sampler),
            schedule=options.schedule,
            steps=options.steps,
            sigma_min=options.sigma_min,
            sigma_max=options.sigma_max,
            schedule_knobs={}
            if options.schedule == FITTED
            else given_knobs(options, SCHEDULES, options.schedule),
            seeds=parse_seeds(options.seeds, most=MOST_SEEDS),
            classes=parse_classes(options.classes, info.classes),
            guidance=options.guidance,
            guidance_low=options.guidance_low,
            guidance_high=options.guidance_high,
            noise=options.noise,
        )
        if options.schedule == FITTED:
            recipe = _fitted(recipe)
        plan(recipe, info)
    except (KnobError, RecipeError, ValueError) as error:
        raise CommandError(first_line(error), BAD_ARGUMENTS) from error
    return recipe


def _fitted(recipe: Recipe) -> Recipe:
    """Return the recipe with the levels that were fitted to its model, solver and steps."""
    defaults = {knob.id: knob.default for knob in SAMPLERS[recipe.sampler].knobs}
    knobs = {id: value for id, value in recipe.knobs.items() if value != defaults[id]}
    fit = Fits(data_folder(), recipe.model.sha256).find(recipe.sampler, knobs, recipe.steps)
    if fit is None:
        raise CommandError(
            f"no schedule was fitted to “{recipe.model.name}” for {recipe.sampler} with "
            f"{recipe.steps} steps: fit one with elucidate compare --schedules fitted"
        )
    levels = {"schedule": "custom", "schedule_knobs": {"levels": fit.levels}}
    return recipe.model_copy(update=levels)


def _batches(recipe: Recipe, size: int) -> Iterator[Recipe]:
    for i in range(0, len(recipe.seeds), size):
        part = recipe.seeds[i : i + size]
        classes = recipe.classes
        if not isinstance(classes, str):
            classes = tuple(classes[(i + k) % len(classes)] for k in range(len(part)))
        yield recipe.model_copy(update={"seeds": part, "classes": classes})


def _sample(job: int, recipe: Recipe, model: "Model", say: "_Reporter") -> "tuple[Ending, Run]":
    from studio.engine.job import Job
    from studio.engine.run import Run

    run = Run(Job(job, recipe), model, record=False)
    with say.batch(run):
        more = True
        while more:
            more = run.advance()
            say.step(run)
    return run.finish(), run


def _write_points(ending: "Ending", run: "Run", folder: Path, say: "_Reporter") -> None:
    assert ending.pictures is not None
    table, picture = _free(folder / "points.csv"), _free(folder / "points.png")
    points = points_of(run.state().double().cpu().numpy())
    write_file(table, points_csv(ending.recipe, points).encode(), "table")
    write_picture(picture, ending.pictures[0], ending.recipe)
    say.wrote_points(table, picture, ending)


def _write(ending: "Ending", run: "Run", folder: Path, say: "_Reporter") -> None:
    assert ending.pictures is not None
    for i, pixels in enumerate(ending.pictures):
        path = _free(folder / f"seed-{ending.recipe.seeds[i]:06d}.png")
        write_picture(path, pixels, ending.recipe, i)
        say.wrote(path, ending, i)


def _free(path: Path) -> Path:
    """Return `path`, or the first of path-2, path-3, … that does not exist: nothing is replaced."""
    names = (path.with_stem(f"{path.stem}-{i}") for i in count(2))
    return next(name for name in chain([path], names) if not name.exists())


class _Reporter:
    """Say how far the work is: a bar on a terminal, or JSON lines."""

    def __init__(self, as_json: bool, total: int) -> None:
        self._json = as_json
        self._total = total
        self._bar: Any = None

    def batch(self, run: "Run") -> Any:
        from tqdm import tqdm

        count = len(run.live.recipe.seeds)
        quiet = self._json or not sys.stderr.isatty()
        self._bar = tqdm(total=run.total, desc=f"{count} images", unit="step", disable=quiet)
        return self._bar

    def step(self, run: "Run") -> None:
        self._bar.update()
        progress = run.progress()
        if self._json and progress is not None:
            self._print(
                event="step",
                step=progress.index + 1,
                total=progress.total,
                sigma=progress.sigma,
                nfe=progress.nfe,
            )

    def wrote(self, path: Path, ending: "Ending", index: int) -> None:
        if self._json:
            self._print(
                event="picture",
                path=str(path),
                seed=ending.recipe.seeds[index],
                label=ending.recipe.labels[index],
                nfe=ending.nfe,
                seconds=round(ending.seconds, 4),
            )

    def wrote_points(self, table: Path, picture: Path, ending: "Ending") -> None:
        if self._json:
            self._print(
                event="points",
                path=str(table),
                picture=str(picture),
                points=len(ending.recipe.seeds),
                nfe=ending.nfe,
                seconds=round(ending.seconds, 4),
            )

    def done(self, folder: Path, what: str) -> None:
        if self._json:
            self._print(event="done", **{f"{what}s": self._total}, out=str(folder))
        else:
            print(f"{self._total} {what}{'s' if self._total > 1 else ''} in {folder}")

    def _print(self, **values: Any) -> None:
        print(json.dumps(values), flush=True)
