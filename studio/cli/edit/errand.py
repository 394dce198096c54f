"""Do an errand from the command line: a model, a recipe, a bar, and pictures with their recipes."""

import argparse
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.cli.main import BAD_ARGUMENTS, CommandError
from studio.cli.progress import bar
from studio.cli.recipe import add_recipe_options, check, recipe_of
from studio.cli.running import running_of
from studio.cli.settings import add_setting_options, keep_settings
from studio.engine.device import set_threads, threads_for
from studio.library import InputRef, Recipe, write_picture
from studio.models import default_model, inspect_model, load_model

if TYPE_CHECKING:
    from studio.engine.beside import Beside
    from studio.engine.errands.errand import Errand
    from studio.models import Model


def add_errand_options(parser: argparse.ArgumentParser, out: str) -> None:
    """Add the options of a recipe, of the folder and of what is printed."""
    parser.add_argument("--out", type=Path, default=Path(out), help="folder for what is made")
    parser.add_argument("--json", action="store_true", help="print JSON lines instead of a bar")
    add_recipe_options(parser, "0", positional=False)
    add_setting_options(parser)


@dataclass(frozen=True, slots=True, eq=False)
class Hands:
    """Hold an open model and the recipe that the options describe."""

    options: argparse.Namespace
    recipe: Recipe
    model: "Model"
    beside: "Beside"

    def do(self, errand: "Errand", tell: Callable[[Any], None]) -> None:
        """Do an errand; `tell` hears what it finds.

        Raises:
            CommandError: it does not suit the model.
        """
        from studio.engine.errands.errand import Tools

        try:
            tools = Tools(1, self.model, threading.Event(), self.beside, tell)
            work = errand.begin(tools)
        except ValueError as error:
            raise CommandError(str(error), BAD_ARGUMENTS) from error
        with bar(errand.title, 100, "%", quiet=self.options.json) as progress:
            while work.advance():
                at = work.progress()
                if at is not None:
                    progress.set_description(at.doing, refresh=False)
                    progress.update(round(100 * at.share) - progress.n)

    def write(self, path: Path, pixels: NDArray[np.uint8], start: InputRef, label: int) -> None:
        """Write a picture that starts from a kept noise, with the recipe that makes it again."""
        from studio.engine.fill import filled_in

        changes = {"start": start, "labels": (label,), "seeds": (0,)}
        recipe = filled_in(self.recipe.model_copy(update=changes), self.model)
        write_picture(path, pixels, recipe, 0)

    def say(self, event: str, path: Path, **facts: Any) -> None:
        """Print what was made of it."""
        if self.options.json:
            print(json.dumps({"event": event, "path": str(path), **facts}), flush=True)
            return
        said = (f"{name.replace('_', ' ')} {_figure(value)}" for name, value in facts.items())
        print(" · ".join((f"{path}", *said)), flush=True)


def hands(options: argparse.Namespace) -> Hands:
    """Open the model that the options name, with the recipe that they describe.

    Raises:
        CommandError: an option does not suit.
        ModelError: the model cannot be opened.
    """
    from studio.engine.beside import Beside

    check(options)
    path = str(Path(options.model or default_model()).absolute())
    keep_settings(options, path)
    info = inspect_model(path)
    if info.planar:
        raise CommandError(f"“{info.name}” works on points, not on pictures", BAD_ARGUMENTS)
    recipe = recipe_of(options, info)
    if recipe.classes == "random":
        raise CommandError("--classes: random draws a class for noise; name one", BAD_ARGUMENTS)
    set_threads(threads_for(info))
    model = load_model(path, options.device, options.dtype, running_of(options))
    options.out.mkdir(parents=True, exist_ok=True)
    return Hands(options, recipe, model, Beside(options.device, options.dtype))


def label_of(hands: Hands) -> int:
    """Return the class that the recipe names, -1 for none."""
    classes = hands.recipe.classes
    return -1 if isinstance(classes, str) or not classes else classes[0]


def _figure(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
