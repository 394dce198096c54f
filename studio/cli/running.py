"""The options that say how networks run."""

import argparse
import sys

from studio.models import Running

_DTYPES = ("auto", "float32", "bfloat16", "float16", "float64")


def add_running_options(parser: argparse.ArgumentParser) -> None:
    """Add --dtype, --compile and --offload."""
    add = parser.add_argument
    add(
        "--dtype",
        default="auto",
        choices=_DTYPES,
        help="how the network computes (auto: bfloat16 or float16 on a GPU, float32 on a CPU)",
    )
    add("--compile", action="store_true", help="compile the network; slow once, then faster")
    add(
        "--offload",
        default="auto",
        choices=("auto", "on", "off"),
        help="keep only what is at work on the device (auto: where the model does not fit whole)",
    )


def running_of(options: argparse.Namespace) -> Running:
    """Return how networks run; what takes a while or could not be done is said on stderr."""

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    return Running(options.compile, options.offload, tell=say, warn=say)


def how_computed(options: argparse.Namespace) -> str:
    """Return what else pictures depend on, as it was asked for."""
    return f"{options.device} {options.dtype}{' compiled' if options.compile else ''}"
