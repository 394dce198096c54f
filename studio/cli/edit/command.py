"""`elucidate edit TASK`: the tasks, each a command of its own."""

import argparse
from typing import Any

from studio.cli.edit import decode, encode, interpolate, restore


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command with its tasks."""
    parser = commands.add_parser("edit", help="restore a picture, or go away from it")
    tasks = parser.add_subparsers(
        dest="task", metavar="TASK", required=True, parser_class=type(parser)
    )
    for task in (restore, encode, decode, interpolate):
        task.add_parser(tasks)
