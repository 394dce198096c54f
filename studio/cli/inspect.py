"""`elucidate inspect`: say what a model file is, without loading it."""

import argparse
import dataclasses
import json
from typing import Any

from studio.cli.settings import add_setting_options, keep_settings
from studio.models import ModelInfo, default_model, inspect_model
from studio.models.presets import Form


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("inspect", help="say what a model file is, without loading it")
    parser.add_argument("file", nargs="?", help="a model file or a folder of pictures")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_setting_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the facts about one model."""
    path = options.file or str(default_model())
    form = keep_settings(options, path)
    info = inspect_model(path)
    facts = dataclasses.asdict(info)
    if options.json:
        print(json.dumps(facts))
    else:
        print("\n".join(_lines(info, form)))
    return 0


def _lines(info: ModelInfo, form: Form | None) -> list[str]:
    rows = {
        "name": info.name,
        "kind": info.family,
        "format": info.format,
        "pictures": _pictures(info),
        "space": "points in the plane" if info.planar else "",
        "classes": f"{len(info.classes)}: {', '.join(info.classes)}" if info.classes else "none",
        "parameters": f"{info.parameters:,}" if info.parameters else "",
        "examples": f"{info.images:,}" if info.images else "",
        "components": f"{info.components:,}" if info.components else "",
        "prediction": info.prediction,
        "sigma": f"{info.sigma_min:g} to {info.sigma_max:g}",
        "levels": f"{len(info.table):,}" if info.table else "",
        "settings": _settings(form),
        "size": f"{info.size:,} bytes",
        "licence": info.licence,
        "note": info.note,
        "file": info.path,
    }
    return [f"{name:<11}{value}" for name, value in rows.items() if value]


def _pictures(info: ModelInfo) -> str:
    channels, height, width = info.shape
    if info.planar:
        return ""
    latents = f"{width} x {height} x {channels}"
    if info.pixels == 1:
        return latents
    return f"{width * info.pixels} x {height * info.pixels} x 3, from latents of {latents}"


def _settings(form: Form | None) -> str:
    answers = form.answers if form is not None else None
    return ", ".join(f"{id}={value}" for id, value in (answers or {}).items())
