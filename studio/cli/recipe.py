"""The options that say what is sampled, and the recipe that they make."""

import argparse
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.knobs import all_knobs, device, first_line, given_knobs, knob_help
from studio.cli.main import BAD_ARGUMENTS, CommandError
from studio.cli.running import add_running_options
from studio.cli.showing import add_showing_options, class_names, showing
from studio.diffusion import SAMPLERS, SCHEDULES, KnobError, Spec
from studio.diffusion.registry import find
from studio.library import LoraRef, ModelRef, Recipe
from studio.library.comparison import FITTED
from studio.library.fits import Fits
from studio.models import file_digest
from studio.models.lora.any import read_any_lora
from studio.models.lora.classes import joined_classes
from studio.preferences import data_folder
from studio.ui.classes import parse_classes
from studio.ui.seeds import parse_seeds

if TYPE_CHECKING:
    from studio.models import ModelInfo

USUAL_STEPS = 18
MOST_SEEDS = 65_536  # what a recipe holds


def add_recipe_options(
    parser: argparse.ArgumentParser,
    seeds: str,
    solvers: Mapping[str, Spec] = SAMPLERS,
    *,
    positional: bool = True,
) -> None:
    """Add the model, the fields of a recipe and every knob of the solvers and of every schedule.

    positional: the model is named without an option before it.
    """
    add = parser.add_argument
    model = {"nargs": "?"} if positional else {"metavar": "FILE"}
    file = "a model file or a folder of pictures (default: bundled tiles)"
    add("model" if positional else "--model", help=file, **model)  # type: ignore[arg-type]
    option, first = (
        ("--sampler", "heun") if solvers is SAMPLERS else ("--method", next(iter(solvers)))
    )
    said = f"one of: {', '.join(solvers)} (default {first})"
    add(option, dest="sampler", default=first, metavar="ID", help=said)
    schedules = ", ".join((FITTED, *SCHEDULES))
    add("--schedule", default="karras", metavar="ID", help=f"one of: {schedules}")
    add("--steps", type=int, help="number of steps (default: 18, or what the method's paper takes)")
    add("--sigma-min", type=float, help="lowest noise level (default: the schedule's)")
    add("--sigma-max", type=float, help="highest noise level (default: the schedule's)")
    add("--seeds", default=seeds, help=f"one picture a seed: 5, 0-63 or 1,4,9 (default {seeds})")
    add("--classes", default="any", help="any, random, or class names or numbers with commas")
    add_showing_options(parser)
    add("--guidance-low", type=float, default=0.0, help="lowest σ that is guided")
    add("--guidance-high", type=float, default=math.inf, help="highest σ that is guided")
    kinds = ("keyed", "brownian", "reference")
    add("--noise", choices=kinds, default="keyed", help="how noise is drawn (default keyed)")
    add(
        "--lora",
        action="append",
        default=[],
        metavar="FILE[:STRENGTH]",
        help="a LoRA to put on the model, at a strength (default 1); may be given several times",
    )
    add("--batch", type=int, help="pictures sampled at once (default 64; of points all)")
    add("--device", default="auto", type=device, help="auto, cpu, cuda, cuda:1, mps or xpu")
    add_running_options(parser)
    for id, knobs in all_knobs(solvers).items():
        add(f"--{id.replace('_', '-')}", dest=f"knob_{id}", metavar="X", help=knob_help(knobs))


def check(
    options: argparse.Namespace,
    others: Iterable[Spec] = (),
    solvers: Mapping[str, Spec] = SAMPLERS,
) -> None:
    """Refuse options that do not fit each other; `others` are more samplers or schedules in use.

    Raises:
        CommandError: they do not.
    """
    if options.model == "":
        raise CommandError("the model is an empty name", BAD_ARGUMENTS)
    if options.batch is not None and options.batch < 1:
        raise CommandError(f"--batch must be at least 1, not {options.batch}", BAD_ARGUMENTS)
    schedule = "custom" if options.schedule == FITTED else options.schedule
    try:
        noun = "sampler" if solvers is SAMPLERS else "method"
        specs = (find(solvers, options.sampler, noun), find(SCHEDULES, schedule, "schedule"))
    except KnobError as error:
        raise CommandError(str(error), BAD_ARGUMENTS) from error
    own = {knob.id for spec in (*specs, *others) for knob in spec.knobs}
    for id in all_knobs(solvers):
        if getattr(options, f"knob_{id}") is not None and id not in own:
            option = id.replace("_", "-")
            labels = " and ".join(spec.label for spec in specs)
            raise CommandError(f"--{option} is no knob of {labels}", BAD_ARGUMENTS)


def recipe_of(
    options: argparse.Namespace,
    info: "ModelInfo",
    solvers: Mapping[str, Spec] = SAMPLERS,
    *,
    plan_it: bool = True,
) -> Recipe:
    """Return the recipe that the options describe; `plan_it` checks whether it can be sampled.

    Raises:
        CommandError: a value does not suit its field.
    """
    from studio.engine.plan import plan

    loras, info = with_loras(options.lora, info)
    try:
        recipe = Recipe(
            model=ModelRef(path=info.path, name=info.name, sha256=file_digest(info.path)),
            loras=loras,
            sampler=options.sampler,
            knobs=given_knobs(options, solvers, options.sampler),
            schedule=options.schedule,
            steps=_steps(options, solvers[options.sampler]),
            sigma_min=options.sigma_min,
            sigma_max=options.sigma_max,
            schedule_knobs={}
            if options.schedule == FITTED
            else given_knobs(options, SCHEDULES, options.schedule),
            seeds=parse_seeds(options.seeds, most=MOST_SEEDS),
            classes=parse_classes(options.classes, class_names(options, info)),
            **showing(options, info),
            guidance_low=options.guidance_low,
            guidance_high=options.guidance_high,
            noise=options.noise,
        )
        if options.schedule == FITTED:
            recipe = _fitted(recipe)
        if plan_it:
            plan(recipe, info)
    except ValueError as error:
        raise CommandError(first_line(error), BAD_ARGUMENTS) from error
    return recipe


def _steps(options: argparse.Namespace, solver: Spec) -> int:
    if options.steps is None:
        return solver.usual_steps or USUAL_STEPS
    asked: int = options.steps
    return asked


def with_loras(given: Sequence[str], info: "ModelInfo") -> "tuple[tuple[LoraRef, ...], ModelInfo]":
    """Return the LoRAs that FILE[:STRENGTH] names, and a model with the classes that they bring.

    Raises:
        ModelError: a file is missing, damaged or no LoRA.
    """
    refs, classes = [], []
    for text in given:
        path, strength = _strength(text)
        file = read_any_lora(path)
        name = file.name or path.stem
        refs.append(LoraRef(path=str(path), name=name, sha256=file_digest(path), strength=strength))
        classes.append(file.classes)
    joined = joined_classes(info.classes, classes)
    return tuple(refs), info if joined == info.classes else replace(info, classes=joined)


def _strength(text: str) -> tuple[Path, float]:
    """Return the file and the strength of FILE[:STRENGTH]; a name may have a colon in it."""
    name, colon, said = text.rpartition(":")
    try:
        strength = float(said) if colon and not Path(text).exists() else None
    except ValueError:
        strength = None
    if strength is not None and not abs(strength) <= 100:
        raise CommandError(f"--lora: a strength is from -100 to 100, not {said}", BAD_ARGUMENTS)
    path = Path(text if strength is None else name).expanduser().absolute()
    return path, 1.0 if strength is None else strength


def batches(recipe: Recipe, size: int) -> Iterator[Recipe]:
    """Yield the recipe in parts of at most `size` pictures."""
    for i in range(0, len(recipe.seeds), size):
        part = recipe.seeds[i : i + size]
        classes = recipe.classes
        if not isinstance(classes, str):
            classes = tuple(classes[(i + k) % len(classes)] for k in range(len(part)))
        yield recipe.model_copy(update={"seeds": part, "classes": classes})


def _fitted(recipe: Recipe) -> Recipe:
    """Return the recipe with the levels that were fitted to its model, solver and steps."""
    defaults = {knob.id: knob.default for knob in SAMPLERS[recipe.sampler].knobs}
    knobs = {id: value for id, value in recipe.knobs.items() if value != defaults[id]}
    fit = Fits(data_folder(), recipe.weights_key).find(recipe.sampler, knobs, recipe.steps)
    if fit is None:
        raise CommandError(
            f"no schedule was fitted to “{recipe.model.name}” for {recipe.sampler} with "
            f"{recipe.steps} steps: fit one with elucidate compare --schedules fitted"
        )
    levels = {"schedule": "custom", "schedule_knobs": {"levels": fit.levels}}
    return recipe.model_copy(update=levels)
