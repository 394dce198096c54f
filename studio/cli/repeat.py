"""`elucidate repeat`: make the pictures of a PNG again, and say whether they are the same."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.main import FAILED, CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.library import LoraRef, ModelRef, Recipe


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "repeat", help="make the pictures of a PNG again and say whether they are the same"
    )
    parser.add_argument("picture", type=Path, help="a PNG that was made here")
    parser.add_argument("--model", help="where its model is, if not where it was")
    parser.add_argument(
        "--lora",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="where a LoRA is, if not where it was; known by its hash",
    )
    parser.add_argument(
        "--beside",
        action="append",
        default=[],
        metavar="FILE",
        help="where its weaker model or classifier is, if not where it was; known by its hash",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps or xpu")
    parser.add_argument("--out", type=Path, help="folder for the pictures made again")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def _with_models(recipe: "Recipe", files: "Sequence[str]") -> "Recipe":
    """Return the recipe with its weaker model and classifier where the files are now."""
    from studio.models import file_digest

    places = {file_digest(file): str(Path(file).absolute()) for file in files}

    def here(model: "ModelRef") -> "ModelRef":
        return model.model_copy(update={"path": places.get(model.sha256, model.path)})

    return recipe.with_models(here)


def _with_loras(recipe: "Recipe", files: "Sequence[Path]") -> "Recipe":
    """Return the recipe with its LoRAs, in all of its parts, where the files are now."""
    from studio.models import file_digest

    places = {file_digest(file): str(file.absolute()) for file in files}

    def here(lora: "LoraRef") -> "LoraRef":
        return lora.model_copy(update={"path": places.get(lora.sha256, lora.path)})

    return recipe.with_loras(here)


def run(options: argparse.Namespace) -> int:
    """Repeat one picture with all of its batch; 1 where it comes out differently."""
    import numpy as np
    from PIL import Image

    from studio.engine.device import set_threads
    from studio.engine.job import Job
    from studio.engine.repeat import compared, unlike_here
    from studio.engine.run import Run
    from studio.library import ModelRef, restore, write_picture
    from studio.models import Running, file_digest, load_model

    found = restore(options.picture)
    recipe = found.recipe
    path = options.model or recipe.model.path
    if not path or not Path(path).exists():
        raise CommandError(f"the model “{path}” is not here: say where it is with --model")
    set_threads(recipe.precision.threads or None)
    model = load_model(
        path, options.device, recipe.precision.network, Running(recipe.precision.compiled)
    )
    here = ModelRef(path=path, name=model.info.name, sha256=file_digest(path))
    again = _with_models(_with_loras(recipe, options.lora), options.beside)
    again = again.model_copy(update={"model": here})
    sampling = Run(Job(1, again), model, record=False, other_model=lambda r: load_model(r.path))
    while sampling.advance():
        pass
    ending = sampling.finish()
    assert ending.pictures is not None
    unlike = unlike_here(recipe, ending.recipe)
    with Image.open(options.picture) as file:
        before = np.asarray(file.convert("RGB"))[None]
    likeness = compared(before, ending.pictures[found.index : found.index + 1])
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for i, pixels in enumerate(ending.pictures):
            every = len(ending.pictures) == len(recipe.seeds)
            name = f"{i:02d}-seed{recipe.seeds[i]}.png" if every else "points.png"
            write_picture(options.out / name, pixels, ending.recipe, i)
    if model.info.planar and before.shape[1:] != ending.pictures.shape[1:]:
        raise CommandError(
            "made again, but this picture is a view of the plane: only points.png "
            "and the picture in the folder of a take can be compared"
        )
    if options.json:
        same = {"same": not likeness.unlike, "largest": likeness.largest}
        print(json.dumps({**same, "unlike_here": list(unlike)}))
    else:
        print(likeness)
        if unlike:
            print(f"Not as it was: {', '.join(unlike)}.")
    return FAILED if likeness.unlike else 0
