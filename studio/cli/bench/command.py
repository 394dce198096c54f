"""The command: which benchmarks there are and how their figures are printed."""

import argparse
import json
import os
import platform
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from studio.cli.bench.measure import Measure


def _loop(quick: bool) -> Iterator[Measure]:
    from studio.cli.bench.loop import measure

    return measure(quick)


def _cancel(quick: bool) -> Iterator[Measure]:
    from studio.cli.bench.cancel import measure

    return measure(quick)


def _frontier(quick: bool) -> Iterator[Measure]:
    from studio.cli.bench.frontier import measure

    return measure(quick)


def _overhead(quick: bool) -> Iterator[Measure]:
    from studio.cli.bench.overhead import measure

    return measure(quick)


def _start(quick: bool) -> Iterator[Measure]:
    from studio.cli.bench.start import measure

    return measure(quick)


def _heartbeat(quick: bool) -> Iterator[Measure]:
    from studio.cli.bench.heartbeat import measure

    return measure(quick)


BENCHMARKS: Mapping[str, Callable[[bool], Iterator[Measure]]] = {
    "loop": _loop,
    "overhead": _overhead,
    "cancel": _cancel,
    "start": _start,
    "heartbeat": _heartbeat,
    "frontier": _frontier,
}
LONG = ("frontier",)
"""These take many minutes and are measured only where they are named."""


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("bench", help="measure the studio on this machine")
    parser.add_argument(
        "names", nargs="*", help=f"which: {', '.join(BENCHMARKS)} (default: all but {LONG[0]})"
    )
    parser.add_argument(
        "--frontier",
        action="store_true",
        help="the error at equal cost, ours against the best public choice (long)",
    )
    parser.add_argument("--quick", action="store_true", help="fewer repeats, less exact")
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the chosen benchmarks; the exit code is 0 also where an aim is missed."""
    from studio.cli.main import BAD_ARGUMENTS, CommandError

    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        known = ", ".join(BENCHMARKS)
        raise CommandError(f"no benchmark “{unknown[0]}”: choose from {known}", BAD_ARGUMENTS)
    if not options.json:
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    wanted = [*options.names, *(["frontier"] if options.frontier else [])]
    for name in wanted or (name for name in BENCHMARKS if name not in LONG):
        for figure in BENCHMARKS[name](options.quick):
            print(json.dumps(figure.json()) if options.json else figure.line(), flush=True)
    return 0
