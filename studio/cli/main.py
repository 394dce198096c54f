"""Read the command line and hand over to the command that it names."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from studio.version import studio_version

FAILED, BAD_ARGUMENTS = 1, 2
COMMANDS = (
    *("window", "sample", "compare", "sweep", "edit", "export", "repeat", "takes", "train"),
    *("quality", "likelihood", "inspect", "bench"),
)
"""Each is a module of this package, or a package, with `add_parser`."""


class CommandError(Exception):
    """A failure to report in one line; `code` is the exit code."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(BAD_ARGUMENTS, f"{self.prog}: {message} (see {self.prog} --help)\n")


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 bad arguments."""
    command = "elucidate"
    try:
        given = _with_default_command(arguments)
        options = build_parser(given[0]).parse_args(given)
        command = f"The command {options.command}"
        code: int = options.run(options)
    except CommandError as error:
        return _complain(str(error), error.code)
    except KeyboardInterrupt:
        return _complain("stopped", 130)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:  # noqa: BLE001 - the last resort: one line, no traceback
        from studio.engine.fault import describe

        return _complain(str(describe(error, command)), FAILED)
    return code


def build_parser(only: str = "") -> argparse.ArgumentParser:
    """Return the parser with every command, or with one; knobs come from the solvers' own words.

    The modules of other commands are not imported then: the window is there sooner.
    """
    parser = _Parser(
        prog="elucidate", description="Sample diffusion models and look at every step."
    )
    parser.add_argument("--version", action="version", version=f"elucidate {studio_version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name in [only] if only in COMMANDS else COMMANDS:
        module = "edit.command" if name == "edit" else name
        import_module(f"studio.cli.{module}").add_parser(commands)
    return parser


def _with_default_command(arguments: Sequence[str]) -> list[str]:
    given = list(arguments)
    known = (*COMMANDS, "-h", "--help", "--version")
    return given if given and given[0] in known else ["window", *given]


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"elucidate: {' '.join(message.split())}\n")
    return code
