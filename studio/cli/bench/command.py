"""The command: which benchmarks there are and how their figures are printed."""

import argparse
import json
import os
import platform
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from studio.cli.bench.measure import Measure

BENCHMARKS = (
    "loop",
    "overhead",
    "cancel",
    "start",
    "heartbeat",
    "library",
    "memory",
    "models",
    "kills",
    "training",
    "training_kills",
    "frontier",
    "posterior",
    "restore",
)
"""Each is a module of this package with `measure(quick)`."""

LONG = (
    "library",
    "memory",
    "models",
    "kills",
    "training",
    "training_kills",
    "frontier",
    "posterior",
    "restore",
)
"""These take many minutes and are measured only where they are named."""


def _measured(name: str, quick: bool) -> Iterator[Measure]:
    found: Iterator[Measure] = import_module(f"studio.cli.bench.{name}").measure(quick)
    return found


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("bench", help="measure the studio on this machine")
    parser.add_argument(
        "names",
        nargs="*",
        help=f"which: {', '.join(BENCHMARKS)} (default: all but {', '.join(LONG)})",
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
        for figure in _measured(name, options.quick):
            print(json.dumps(figure.json()) if options.json else figure.line(), flush=True)
    return 0
