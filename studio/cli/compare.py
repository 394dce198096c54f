"""`elucidate compare`: samplers and schedules at equal cost, from the same noise."""

import argparse
import json
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.knobs import device, first_line, parsed_knob
from studio.cli.main import BAD_ARGUMENTS, CommandError
from studio.cli.recipe import with_loras
from studio.cli.running import add_running_options, how_computed, running_of
from studio.cli.showing import add_showing_options, class_names, showing
from studio.diffusion import SAMPLERS, SCHEDULES, Spec
from studio.diffusion.registry import find
from studio.engine.device import set_threads, threads_for
from studio.library import ModelRef, Recipe
from studio.library.comparison import (
    FITTED,
    REFERENCES,
    Comparison,
    Pick,
    Result,
    export,
    pareto_front,
    parse_budgets,
)
from studio.models import default_model, file_digest, inspect_model, load_model
from studio.preferences import data_folder, default_output_folder
from studio.ui.classes import parse_classes
from studio.ui.seeds import parse_seeds

if TYPE_CHECKING:
    from studio.engine.comparing import Comparing
    from studio.models import ModelInfo

SAMPLERS_AT_FIRST = "heun,dpmpp_2m,deis,unipc,exp_ab3"
_KEPT = "folder of all comparisons (default: that of the takes)"


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("compare", help="compare samplers and schedules at equal cost")
    add = parser.add_argument
    add("model", nargs="?", help="a model file or a folder of pictures (default: bundled tiles)")
    add("--samplers", default=SAMPLERS_AT_FIRST, help="ids with commas; knobs as deis:order=2")
    add("--schedules", default="karras", help="ids with commas; “fitted” fits one to the model")
    add("--nfe", default="6,8,10,14,18,24,36", help="evaluations that a picture may take")
    add("--seeds", default="0-15", help="5, 0-63 or 1,4,9 (default 0-15)")
    add("--classes", default="any", help="any, random, or class names or numbers with commas")
    add_showing_options(parser)
    add("--sigma-min", type=float, help="lowest noise level (default .002, within the model)")
    add("--sigma-max", type=float, help="highest noise level (default 80, within the model)")
    add("--reference", choices=tuple(REFERENCES), default="unipc", help="what counts as exact")
    add("--device", default="auto", type=device, help="auto, cpu, cuda, cuda:1, mps or xpu")
    add_running_options(parser)
    add("--lora", action="append", default=[], metavar="FILE[:STRENGTH]", help="as for sample")
    add("--out", type=Path, default=default_output_folder(), help=_KEPT)
    add("--json", action="store_true", help="print JSON lines instead of a table")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make every cell that is not there yet, and write results.csv and pictures.png."""
    from studio.engine.beside import Beside
    from studio.engine.comparing import Comparing
    from studio.engine.job import CompareJob

    path = str(Path(default_model() if options.model is None else options.model).absolute())
    info = inspect_model(path)
    comparison = _comparison(options, info)
    set_threads(threads_for(info))
    model = load_model(path, options.device, options.dtype, running_of(options))
    job = CompareJob(1, comparison, options.out, data_folder(), how_computed(options))
    results: dict[str, Result] = {}
    beside = Beside(options.device, options.dtype)
    comparing = Comparing(
        job, model, threading.Event(), lambda r: _keep(r, results, options), beside=beside
    )
    results |= {result.cell.key: result for result in comparing.folder.results()}
    _advance(comparing, options)
    written = export(comparing.folder, comparison, results)
    if options.json:
        print(json.dumps({"event": "done", "files": [str(path) for path in written]}))
    else:
        cells = [results[cell.key] for cell in comparison.cells() if cell.key in results]
        print("\n".join(_table(cells)))
        print(f"{' and '.join(path.name for path in written)} are in {comparing.folder.path}")
    return 0


def _keep(result: Result, results: dict[str, Result], options: argparse.Namespace) -> None:
    results[result.cell.key] = result
    if options.json:
        said = result.model_dump(mode="json", exclude={"sigmas"})
        print(json.dumps({"event": "cell", **said}), flush=True)


def _advance(comparing: "Comparing", options: argparse.Namespace) -> None:
    from tqdm import tqdm

    quiet = options.json or not sys.stderr.isatty()
    with tqdm(total=comparing.progress().calls_total, unit="call", disable=quiet) as bar:
        more = True
        while more:
            more = comparing.advance()
            progress = comparing.progress()
            bar.set_description(progress.doing, refresh=False)
            bar.update(progress.calls - bar.n)


def _table(results: Sequence[Result]) -> Iterator[str]:
    """Return lines of text: what each cell spent and reached; ● marks the Pareto front."""
    front = {result.cell.key for result in pareto_front(results)}
    wide = max(len(" · ".join(result.cell.row)) for result in results)
    yield f"  {'solver · schedule':{wide}}    NFE      error      time"
    for result in results:
        mark = "●" if result.cell.key in front else " "
        name = " · ".join(result.cell.row)
        reached = "        —" if result.error is None else f"{result.error:9.3g}"
        yield f"{mark} {name:{wide}} {result.nfe:6}  {reached}  {result.seconds:6.2f} s"
    for remark in dict.fromkeys(result.remark for result in results if result.remark):
        names = dict.fromkeys(" · ".join(r.cell.row) for r in results if r.remark == remark)
        yield f"— {', '.join(names)}: {remark}"


def _comparison(options: argparse.Namespace, info: "ModelInfo") -> Comparison:
    loras, info = with_loras(options.lora, info)
    try:
        base = Recipe(
            loras=loras,
            model=ModelRef(path=info.path, name=info.name, sha256=file_digest(info.path)),
            seeds=parse_seeds(options.seeds),
            classes=parse_classes(options.classes, class_names(options, info)),
            **showing(options, info),
            sigma_min=options.sigma_min,
            sigma_max=options.sigma_max,
        )
        return Comparison(
            base=base,
            solvers=_picks(options.samplers, SAMPLERS, "sampler"),
            schedules=_picks(options.schedules, SCHEDULES, "schedule"),
            budgets=parse_budgets(options.nfe),
            reference=options.reference,
        )
    except ValueError as error:
        raise CommandError(first_line(error), BAD_ARGUMENTS) from error


def _picks(text: str, specs: Mapping[str, Spec], kind: str) -> tuple[Pick, ...]:
    return tuple(_pick(part, specs, kind) for part in text.split(",") if part.strip())


def _pick(text: str, specs: Mapping[str, Spec], kind: str) -> Pick:
    id, *settings = text.strip().split(":")
    if kind == "schedule" and id == FITTED and not settings:
        return Pick(id=FITTED)
    spec = find(specs, id, kind)
    own = {knob.id: knob for knob in spec.knobs}
    given = dict(setting.partition("=")[::2] for setting in settings)
    for name in given.keys() - own.keys():
        spec.values({name: None})  # says what knobs there are
    knobs = {name: parsed_knob(own[name], value) for name, value in given.items()}
    return Pick(id=id, knobs={n: v for n, v in knobs.items() if v != own[n].default})
