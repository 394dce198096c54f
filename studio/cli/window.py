"""`elucidate`: open the window."""

import argparse
import gc
from typing import Any

from studio.cli.display import display_problem
from studio.cli.main import FAILED, CommandError


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("window", help="open the window (what happens by default)")
    parser.add_argument("file", nargs="?", help="a model, a folder of pictures or a PNG to open")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Open the window and stay until it is closed."""
    problem = display_problem()
    if problem:
        raise CommandError(problem, FAILED)
    gc.disable()  # while much is imported; later it runs in turns of the event loop
    from studio.app import main

    return main([options.file] if options.file else [])
