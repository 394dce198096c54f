"""`elucidate edit restore`: undo what was done to pictures."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.knobs import first_line, parsed_knob
from studio.cli.main import BAD_ARGUMENTS, CommandError
from studio.cli.progress import bar
from studio.cli.recipe import add_recipe_options, batches, check, recipe_of
from studio.cli.running import running_of
from studio.cli.sample import free, usual_batch
from studio.cli.settings import add_setting_options, keep_settings
from studio.diffusion import METHODS, OPERATORS
from studio.diffusion.registry import find
from studio.engine.device import set_threads, threads_for
from studio.library import OperatorRef, Recipe, RestorationTask, write_picture
from studio.library.inputs import keep_picture, open_picture
from studio.library.task import InputRef
from studio.models import default_model, inspect_model, load_model
from studio.preferences import inputs_folder

if TYPE_CHECKING:
    from studio.engine.beside import Beside
    from studio.engine.job import Ending
    from studio.engine.seen import Seen
    from studio.models import Model, ModelInfo


def add_parser(tasks: "argparse._SubParsersAction[Any]") -> None:
    """Add the task, with an option for every knob of every method."""
    parser = tasks.add_parser("restore", help="fill in, enlarge, sharpen, colour, … a picture")
    add = parser.add_argument
    add("pictures", nargs="+", type=Path, help="PNG, JPEG or WebP")
    operators = ", ".join(OPERATORS)
    add(
        "--operator",
        action="append",
        metavar="ID[:KNOB=VALUE…]",
        help=f"what was done to it (default inpaint); several make a chain. One of: {operators}",
    )
    add("--mask", type=Path, metavar="FILE", help="white where it is to be restored")
    add("--kernel", type=Path, metavar="FILE", help="a picture of the blur")
    add("--noise-std", type=float, default=0.0, metavar="σ₀", help="noise on the measurement")
    add("--noise-seed", type=int, default=0, metavar="N", help="seed of that noise")
    add(
        "--measured",
        action="store_true",
        help="the picture is the measurement itself; else one is made of it, and the result is "
        "compared with the picture",
    )
    add("--out", type=Path, default=Path("restored"), help="folder for what is made")
    add("--json", action="store_true", help="print JSON lines instead of a bar")
    add_recipe_options(parser, "0", METHODS, positional=False)
    add_setting_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Restore every picture with every seed, and write a PNG with its recipe for each."""
    from studio.engine.beside import Beside

    check(options, solvers=METHODS)
    path = str(Path(options.model or default_model()).absolute())
    keep_settings(options, path)
    info = inspect_model(path)
    recipes = [(each, _recipe(options, each, info)) for each in options.pictures]
    set_threads(threads_for(info))
    model = load_model(path, options.device, options.dtype, running_of(options))
    beside = Beside(options.device, options.dtype)
    options.out.mkdir(parents=True, exist_ok=True)
    for picture, recipe in recipes:
        _restore(picture, recipe, model, beside, options)
    return 0


def _recipe(options: argparse.Namespace, picture: Path, info: "ModelInfo") -> Recipe:
    """Return the recipe that restores a picture.

    Raises:
        CommandError: an option does not suit it.
        LibraryError: a picture cannot be read.
    """
    from studio.engine.plan import plan

    try:
        recipe = recipe_of(options, info, METHODS, plan_it=False)
        task = RestorationTask(
            picture=_kept(picture),
            operators=tuple(map(_operator, options.operator or ["inpaint"])),
            mask=_kept(options.mask) if options.mask else None,
            kernel=_kept(options.kernel) if options.kernel else None,
            noise=options.noise_std,
            noise_seed=options.noise_seed,
            measured=options.measured,
        )
        recipe = recipe.model_copy(update={"task": "restore", "restoration": task})
        plan(recipe, info)
    except ValueError as error:
        raise CommandError(first_line(error), BAD_ARGUMENTS) from error
    return recipe


def _operator(text: str) -> OperatorRef:
    id, *settings = text.strip().split(":")
    spec = find(OPERATORS, id, "operator")
    own = {knob.id: knob for knob in spec.knobs}
    given = dict(setting.partition("=")[::2] for part in settings for setting in part.split(","))
    for name in given.keys() - own.keys():
        spec.values({name: None})  # says what knobs there are
    return OperatorRef(id=id, knobs={n: parsed_knob(own[n], value) for n, value in given.items()})


def _kept(path: Path) -> InputRef:
    pixels, _ = open_picture(path)
    return keep_picture(inputs_folder(), pixels, path.name)


def _restore(
    picture: Path, recipe: Recipe, model: "Model", beside: "Beside", options: argparse.Namespace
) -> None:
    from studio.engine.seen import look

    try:
        seen = look(recipe, model.info)
    except ValueError as error:
        raise CommandError(f"{picture.name}: {error}", BAD_ARGUMENTS) from error
    if why := seen.refusals.get(recipe.sampler):
        raise CommandError(f"{METHODS[recipe.sampler].label}: {why}", BAD_ARGUMENTS)
    _say(options, "measured", picture, _plain(seen))
    for ending in _endings(recipe, model, beside, options):
        assert ending.pictures is not None
        for i, pixels in enumerate(ending.pictures):
            seed = ending.recipe.seeds[i]
            path = free(options.out / f"{picture.stem}-seed-{seed:06d}.png")
            write_picture(path, pixels, ending.recipe, i)
            figures = {name: float(rows[i]) for name, rows in ending.figures.items()}
            figures |= {"nfe": ending.nfe, "seconds": round(ending.seconds, 4)}
            _say(options, "picture", path, {"seed": seed, **figures})


def _endings(
    recipe: Recipe, model: "Model", beside: "Beside", options: argparse.Namespace
) -> "Iterator[Ending]":
    from studio.engine.job import Job
    from studio.engine.run import Run

    for part in batches(recipe, options.batch or usual_batch(recipe, model.info)):
        run = Run(Job(0, part), model, record=False, beside=beside)
        with bar(f"{len(part.seeds)} images", run.total, "step", quiet=options.json) as steps:
            more = True
            while more:
                more = run.advance()
                steps.update()
        yield run.finish()


def _plain(seen: "Seen") -> dict[str, Any]:
    """Return what is measured, and what the plain restoration is worth."""
    known = {"known": seen.known, "values": seen.values, "plain": seen.plain}
    return known | {f"plain_{name}": value for name, value in seen.figures.items()}


def _say(options: argparse.Namespace, event: str, path: Path, facts: dict[str, Any]) -> None:
    if options.json:
        print(json.dumps({"event": event, "path": str(path), **facts}), flush=True)
        return
    said = (f"{name.replace('_', ' ')} {_figure(value)}" for name, value in facts.items())
    print(f"{path}: {' · '.join(said)}", flush=True)


def _figure(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
