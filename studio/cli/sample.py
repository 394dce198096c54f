"""`elucidate sample`: generate pictures without a window."""

import argparse
import json
import sys
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.recipe import add_recipe_options, batches, check, recipe_of
from studio.cli.running import running_of
from studio.cli.settings import add_setting_options, keep_settings
from studio.engine.beside import Beside
from studio.engine.device import set_threads, threads_for
from studio.engine.sizes import picture_size
from studio.library import Recipe, write_picture
from studio.library.export.points import points_csv
from studio.library.plane import points_of
from studio.library.writing import write_file
from studio.models import default_model, inspect_model, load_model

if TYPE_CHECKING:
    from studio.engine.job import Ending
    from studio.engine.run import Run
    from studio.models import Model, ModelInfo

_BATCH = 64
_PIXELS = 64 * 256 * 256
"""Of pictures sampled at once, at the most, unless asked otherwise."""


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command, with an option for every knob of every sampler and schedule."""
    parser = commands.add_parser("sample", help="generate pictures without a window")
    add_recipe_options(parser, seeds="0-3")
    parser.add_argument("--out", type=Path, default=Path("samples"), help="folder for what is made")
    parser.add_argument("--json", action="store_true", help="print JSON lines instead of a bar")
    add_setting_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Sample every seed, in batches, and write a PNG with its recipe for each.

    Points in the plane come as a table, points.csv, with one PNG that shows them all.
    """
    check(options)
    path = str(Path(default_model() if options.model is None else options.model).absolute())
    keep_settings(options, path)
    info = inspect_model(path)
    recipe = recipe_of(options, info)
    set_threads(threads_for(info))
    model = load_model(path, options.device, options.dtype, running_of(options))
    options.out.mkdir(parents=True, exist_ok=True)
    say = _Reporter(options.json, len(recipe.seeds))
    size = options.batch or (len(recipe.seeds) if info.planar else usual_batch(recipe, info))
    beside = Beside(options.device, options.dtype)
    for job, part in enumerate(batches(recipe, size)):
        ending, run = _sample(job, part, model, beside, say)
        write = _write_points if info.planar else _write
        write(ending, run, options.out, say)
    say.done(options.out, "point" if info.planar else "picture")
    return 0


def usual_batch(recipe: Recipe, info: "ModelInfo") -> int:
    """Return how many pictures are sampled at once where nobody says: fewer of large ones."""
    height, width = picture_size(recipe, info)
    return max(1, min(_BATCH, _PIXELS // (height * width)))


def _sample(
    job: int, recipe: Recipe, model: "Model", beside: Beside, say: "_Reporter"
) -> "tuple[Ending, Run]":
    from studio.engine.job import Job
    from studio.engine.run import Run

    run = Run(Job(job, recipe), model, record=False, beside=beside)
    with say.batch(run):
        more = True
        while more:
            more = run.advance()
            say.step(run)
    return run.finish(), run


def _write_points(ending: "Ending", run: "Run", folder: Path, say: "_Reporter") -> None:
    assert ending.pictures is not None
    table, picture = free(folder / "points.csv"), free(folder / "points.png")
    points = points_of(run.state().double().cpu().numpy())
    write_file(table, points_csv(ending.recipe, points).encode(), "table")
    write_picture(picture, ending.pictures[0], ending.recipe)
    say.wrote_points(table, picture, ending)


def _write(ending: "Ending", run: "Run", folder: Path, say: "_Reporter") -> None:
    assert ending.pictures is not None
    for i, pixels in enumerate(ending.pictures):
        path = free(folder / f"seed-{ending.recipe.seeds[i]:06d}.png")
        write_picture(path, pixels, ending.recipe, i)
        say.wrote(path, ending, i)


def free(path: Path) -> Path:
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
