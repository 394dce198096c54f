"""`elucidate likelihood`: how likely a model thinks pictures to be, in bits per dimension."""

import argparse
import dataclasses
import json
import math
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.cli.given import Given, labels_of, read_given, read_held_out
from studio.cli.knobs import device, first_line, knob_help, parsed_knob
from studio.cli.main import BAD_ARGUMENTS, CommandError
from studio.cli.progress import bar
from studio.cli.running import add_running_options, running_of
from studio.cli.sample import free
from studio.cli.settings import add_setting_options, keep_settings
from studio.cli.showing import add_showing_options, class_names, showing
from studio.diffusion.likelihood.knobs import BOUND_KNOBS, LIKELIHOOD_KNOBS
from studio.engine.device import set_threads, threads_for
from studio.engine.errands.results import Measured
from studio.library import ModelRef, Recipe
from studio.models import file_digest, inspect_model, load_model
from studio.ui.classes import parse_classes

if TYPE_CHECKING:
    from studio.diffusion import Value
    from studio.models import ModelInfo

_STORY = """
Each picture is carried to noise along the probability-flow ODE, and its density follows from the
change of variables on the way (Song et al. 2021). Two or more repeats give an error bar. Densities
are those of the data with noise of sigma min. With --bound there is also the variational bound of
Ho et al. 2020, whose terms are written to a second table. It is one of another model, a chain with
a decoder of bytes in place of dequantisation: of a learned network it may lie below. Results are in
the table as soon as they are known, so that nothing is lost when it is stopped. A model of latents
tells bits per latent value, which are not those of pictures.
"""


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command, with an option for every knob of a likelihood and of the bound."""
    parser = commands.add_parser(
        "likelihood", help="measure how likely a model thinks pictures to be", epilog=_STORY
    )
    add = parser.add_argument
    add("model", help="a model file or a folder of pictures")
    add("pictures", nargs="+", type=Path, help="pictures, folders, zips or npz of them; CSV points")
    add("--classes", default="any", help="any, own (that of each picture), or names or numbers")
    add("--held-out", type=float, metavar="SHARE", help="only what a run file keeps out of a set")
    add("--split-seed", type=int, default=0, metavar="N", help="seed of that run file (default 0)")
    add("--most", type=int, metavar="N", help="at most so many pictures, spread over them all")
    add_showing_options(parser)
    add("--sigma-min", type=float, help="lowest noise level (default .002, within the model)")
    add("--sigma-max", type=float, help="highest noise level (default 80, within the model)")
    for knob in (*LIKELIHOOD_KNOBS, *BOUND_KNOBS):
        option = f"--{knob.id.replace('_', '-')}"
        values = "|".join(value for value, _ in knob.choices) or "X"
        add(option, dest=f"knob_{knob.id}", metavar=values, help=knob_help([knob]))
    add("--exact", action="store_true", help="short for --divergence exact")
    add("--bound", action="store_true", help="also the variational bound, term by term")
    add("--seed", type=int, default=0, help="of all that is random (default 0)")
    add("--device", default="auto", type=device, help="auto, cpu, cuda, cuda:1, mps or xpu")
    add_running_options(parser)
    add("--out", type=Path, default=Path("likelihood.csv"), help="table of the results")
    add("--json", action="store_true", help="print JSON lines instead of a table")
    add_setting_options(parser)
    # Half precision is too coarse for an adaptive solver.
    parser.set_defaults(run=run, dtype="float32")


def run(options: argparse.Namespace) -> int:
    """Measure every picture, and write and print what is found."""
    from studio.engine.beside import Beside
    from studio.engine.errands.errand import Tools
    from studio.engine.errands.likelihood import Likelihood

    path = str(Path(options.model).expanduser().absolute())
    keep_settings(options, path)
    info = inspect_model(path)
    knobs, given = _knobs(options, info), _given(options, info)
    labels = labels_of(given, info.classes) if options.classes == "own" else ()
    job = Likelihood(
        _recipe(options, info, len(given)),
        tuple(each.values for each in given),
        tuple(each.name for each in given),
        knobs,
        labels,
        options.bound,
        options.seed,
        free(options.out),
    )
    set_threads(threads_for(info))
    model = load_model(path, options.device, options.dtype, running_of(options))
    found: list[Measured] = []
    beside = Beside(options.device, options.dtype)
    stop = threading.Event()
    tell = _Teller(options, found)
    try:
        work = job.begin(Tools(1, model, stop, beside, tell.result))
    except ValueError as error:
        raise CommandError(str(error), BAD_ARGUMENTS) from error
    with bar("Measuring", len(given), "picture", quiet=options.json) as progress:
        tell.bar = progress
        while work.advance():
            pass
    tell.end(job.report)
    return 0


def _given(options: argparse.Namespace, info: "ModelInfo") -> list[Given]:
    if options.held_out is None:
        given = read_given(options.pictures)
    else:
        given = [
            each
            for path in options.pictures
            for each in read_held_out(path, info, options.held_out, options.split_seed)
        ]
    if not given:
        raise CommandError("there is nothing to measure", BAD_ARGUMENTS)
    if options.most is not None and options.most < 1:
        raise CommandError(f"--most must be at least 1, not {options.most}", BAD_ARGUMENTS)
    if options.most is not None and len(given) > options.most:
        places = np.linspace(0, len(given) - 1, options.most).round().astype(int)
        given = [given[place] for place in places]
    return given


def _knobs(options: argparse.Namespace, info: "ModelInfo") -> "dict[str, Value]":
    """Return the knobs that were given; the std of the data is the model's where it was not."""
    found: dict[str, Value] = {"data_std": info.sigma_data}
    try:
        for knob in (*LIKELIHOOD_KNOBS, *BOUND_KNOBS):
            text = getattr(options, f"knob_{knob.id}")
            if text is not None:
                found[knob.id] = parsed_knob(knob, text)
    except ValueError as error:
        raise CommandError(str(error), BAD_ARGUMENTS) from error
    return found | ({"divergence": "exact"} if options.exact else {})


def _recipe(options: argparse.Namespace, info: "ModelInfo", count: int) -> Recipe:
    classes = "any" if options.classes == "own" else options.classes
    if classes == "random":
        raise CommandError("--classes: a likelihood needs to know the class", BAD_ARGUMENTS)
    if count > 65_536:
        raise CommandError("more than 65,536 pictures; take some with --most", BAD_ARGUMENTS)
    try:
        return Recipe(
            model=ModelRef(path=info.path, name=info.name, sha256=file_digest(info.path)),
            seeds=(0,),
            classes=parse_classes(classes, class_names(options, info)),
            **showing(options, info),
            sigma_min=options.sigma_min,
            sigma_max=options.sigma_max,
        )
    except ValueError as error:
        raise CommandError(first_line(error), BAD_ARGUMENTS) from error


class _Teller:
    """Print results as they come: lines of a table, or JSON."""

    def __init__(self, options: argparse.Namespace, found: list[Measured]) -> None:
        self._json, self._found = options.json, found
        self.bar: Any = None

    def result(self, each: object) -> None:
        assert isinstance(each, Measured)
        if self._json:
            facts = dataclasses.asdict(each)
            print(json.dumps({"event": "picture", **facts}), flush=True)
        else:
            if not self._found:
                self._write(_head(each))
            self._write(_line(each))
        self._found.append(each)
        self.bar.update()

    def end(self, report: Path | None) -> None:
        said = summary(self._found)
        if self._json:
            print(json.dumps({"event": "done", **said, "table": str(report)}), flush=True)
            return
        print("\n".join(_end(self._found, said)))
        for remark in dict.fromkeys(each.remark for each in self._found if each.remark):
            print(remark)
        print(f"The table is {report}.")

    def _write(self, line: str) -> None:
        self.bar.write(line)
        sys.stdout.flush()


def summary(found: Sequence[Measured]) -> dict[str, Any]:
    """Return the mean over pictures with its standard error, which is that of their choice, too."""
    said: dict[str, Any] = {"pictures": len(found), "unit": found[0].unit if found else ""}
    for name in ("bits", "bound", "truth"):
        values = [value for each in found if (value := getattr(each, name)) is not None]
        if values:
            said[name] = float(np.mean(values))
            if len(values) > 1:
                said[f"{name}_error"] = float(np.std(values, ddof=1) / math.sqrt(len(values)))
    return said


_WIDE = 30


def _head(first: Measured) -> str:
    more = _columns(first.bound is not None, first.truth is not None)
    return f"{'':{_WIDE}}  {first.unit:>16}{''.join(more)}     NFE    time"


def _columns(bound: bool, truth: bool) -> Iterator[str]:
    if bound:
        yield f"  {'bound':>16}"
    if truth:
        yield f"  {'truth':>8}"


def _line(each: Measured) -> str:
    name = each.name if len(each.name) <= _WIDE else f"{each.name[: _WIDE - 1]}…"
    parts = [f"{name:{_WIDE}}  {_figure(each.bits, each.error):>16}"]
    if each.bound is not None:
        parts.append(f"  {_figure(each.bound, each.bound_error):>16}")
    if each.truth is not None:
        parts.append(f"  {each.truth:8.4f}")
    return f"{''.join(parts)}  {each.nfe:6,}  {each.seconds:4.1f} s"


def _figure(value: float, error: float | None) -> str:
    return f"{value:.4f}" if error is None else f"{value:.4f} ± {error:.4f}"


def _end(found: Sequence[Measured], said: dict[str, Any]) -> Iterator[str]:
    if len(found) < 2:
        return
    name = f"Mean of {len(found)}"
    parts = [f"{name:{_WIDE}}  {_figure(said['bits'], said['bits_error']):>16}"]
    if "bound" in said:
        parts.append(f"  {_figure(said['bound'], said['bound_error']):>16}")
    if "truth" in said:
        parts.append(f"  {said['truth']:8.4f}")
    yield "".join(parts)
