"""`elucidate edit decode`: pictures from noise that was kept, with any knobs and classes."""

import argparse
from pathlib import Path
from typing import Any

from studio.cli.edit.errand import Hands, add_errand_options, hands
from studio.cli.edit.noises import read_noise
from studio.cli.progress import bar
from studio.cli.sample import free
from studio.library import InputRef, write_picture
from studio.library.inputs import keep_noise
from studio.preferences import inputs_folder

_STORY = """
A noise of “elucidate edit encode” is where sampling starts, instead of that of a seed. With the
solver, the levels and the class that it was encoded with, its picture comes back; with others,
another picture that has much of it. The seeds are those of a sampler that draws noise on its way.
"""


def add_parser(tasks: "argparse._SubParsersAction[Any]") -> None:
    """Add the task, with the options of a recipe."""
    parser = tasks.add_parser("decode", help="make pictures of encoded noise", epilog=_STORY)
    parser.add_argument("noises", nargs="+", type=Path, help="files (.safetensors) of noise")
    add_errand_options(parser, "decoded")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make a picture of every noise with every seed, and write it with its recipe."""
    noises = [(path, read_noise(path)) for path in options.noises]
    at_work = hands(options)
    for path, noise in noises:
        _decode(path, keep_noise(inputs_folder(), noise[None], f"Noise of {path.stem}"), at_work)
    return 0


def _decode(path: Path, start: InputRef, at_work: Hands) -> None:
    from studio.engine.job import Job
    from studio.engine.run import Run

    recipe = at_work.recipe.model_copy(update={"start": start})
    sampling = Run(Job(1, recipe), at_work.model, record=False, beside=at_work.beside)
    with bar(path.name, sampling.total, "step", quiet=at_work.options.json) as steps:
        more = True
        while more:
            more = sampling.advance()
            steps.update()
    ending = sampling.finish()
    assert ending.pictures is not None
    for i, pixels in enumerate(ending.pictures):
        several = f"-seed-{recipe.seeds[i]:06d}" if len(recipe.seeds) > 1 else ""
        out = free(at_work.options.out / f"{path.stem}{several}.png")
        write_picture(out, pixels, ending.recipe, i)
        at_work.say("picture", out, label=ending.recipe.labels[i], nfe=ending.nfe)
