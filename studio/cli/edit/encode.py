"""`elucidate edit encode`: pictures as noise, and what comes back of it."""

import argparse
from pathlib import Path
from typing import Any

from studio.cli.edit.errand import Hands, add_errand_options, hands, label_of
from studio.cli.edit.noises import SUFFIX, write_noise
from studio.cli.sample import free
from studio.engine.errands.encoding import Encode
from studio.engine.errands.results import Encoded
from studio.library.inputs import open_picture

_STORY = """
The probability-flow ODE leads from the picture up to noise, from which the same model makes it
again. It is written as NAME.safetensors, with the picture that comes back as NAME-again.png: its
recipe starts from that noise, so that it can be made with other knobs. Any solver that draws no
noise will do; more steps bring the picture back more closely.
"""


def add_parser(tasks: "argparse._SubParsersAction[Any]") -> None:
    """Add the task, with the options of a recipe."""
    parser = tasks.add_parser("encode", help="find the noise of pictures", epilog=_STORY)
    parser.add_argument("pictures", nargs="+", type=Path, help="PNG, JPEG or WebP")
    add_errand_options(parser, "encoded")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Encode every picture, and write its noise and what comes back."""
    pixels = tuple(open_picture(path)[0] for path in options.pictures)
    at_work = hands(options)
    names = tuple(path.name for path in options.pictures)
    at_work.do(Encode(at_work.recipe, pixels, names), lambda each: _keep(each, at_work))
    return 0


def _keep(each: Encoded, at_work: Hands) -> None:
    folder, stem = at_work.options.out, Path(each.name).stem
    path = free(folder / f"{stem}{SUFFIX}")
    write_noise(path, each.latent)
    again = free(folder / f"{stem}-again.png")
    assert each.decoded is not None
    at_work.write(again, each.decoded, each.noise, label_of(at_work))
    facts = {"rms": each.rms, "psnr": each.psnr, "mean": each.mean, "std": each.std}
    more = {"remark": each.remark} if each.remark else {}
    at_work.say("encoded", path, **facts, nfe=each.nfe, seconds=round(each.seconds, 3), **more)
