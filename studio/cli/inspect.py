"""`elucidate inspect`: say what a model file is, without loading it."""

import argparse
import dataclasses
import json
from typing import Any

from studio.models import ModelInfo, default_model, inspect_model


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("inspect", help="say what a model file is, without loading it")
    parser.add_argument("file", nargs="?", help="a model file or a folder of pictures")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the facts about one model."""
    info = inspect_model(options.file or str(default_model()))
    facts = dataclasses.asdict(info)
    if options.json:
        print(json.dumps(facts))
    else:
        print("\n".join(_lines(info)))
    return 0


def _lines(info: ModelInfo) -> list[str]:
    channels, height, width = info.shape
    rows = {
        "name": info.name,
        "kind": info.family,
        "format": info.format,
        "pictures": "" if info.planar else f"{width} x {height} x {channels}",
        "space": "points in the plane" if info.planar else "",
        "classes": f"{len(info.classes)}: {', '.join(info.classes)}" if info.classes else "none",
        "parameters": f"{info.parameters:,}" if info.parameters else "",
        "examples": f"{info.images:,}" if info.images else "",
        "components": f"{info.components:,}" if info.components else "",
        "prediction": info.prediction,
        "sigma": f"{info.sigma_min:g} to {info.sigma_max:g}",
        "size": f"{info.size:,} bytes",
        "licence": info.licence,
        "note": info.note,
        "file": info.path,
    }
    return [f"{name:<11}{value}" for name, value in rows.items() if value]
