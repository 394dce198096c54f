"""`elucidate bench`: the figures that the studio promises, measured on this machine."""

from studio.cli.bench.command import add_parser

__all__ = ["add_parser"]
