"""`elucidate inspect`: say what a model file is, or what models a folder holds, without loading."""

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

from studio.cli.settings import add_setting_options, keep_settings
from studio.models import ModelError, ModelInfo, default_model, inspect_model
from studio.models.catalogue import Entry, Scan, examine, scan
from studio.models.presets import Form

_WIDTHS = (11, 36, 20, 9)


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("inspect", help="say what a model file is, or what a folder holds")
    parser.add_argument(
        "file", nargs="?", help="a model file, a folder that is one, or one of models"
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON: one object, or one line per file"
    )
    add_setting_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the facts about one model, or a line for each file in a folder of models."""
    path = options.file or str(default_model())
    if Path(path).is_dir() and not options.preset and not options.setting and _is_folder(path):
        return _print_folder(path, as_json=options.json)
    form = keep_settings(options, path)
    info = inspect_model(path)
    if options.json:
        answers = dict(form.answers or {}) if form is not None else {}
        entry = examine(Path(path))
        print(json.dumps({**dataclasses.asdict(info), "kind": entry.kind, "settings": answers}))
    else:
        print("\n".join(_lines(info, form)))
    return 0


def _is_folder(path: str) -> bool:
    """Tell whether a folder is no model itself."""
    return examine(Path(path)).kind == "unknown"


def _print_folder(path: str, *, as_json: bool) -> int:
    """Print what is in a folder as it is found; return 1 where there is nothing."""
    count = 0

    def show(entries: list[Entry], _looked: int) -> None:
        nonlocal count
        count += len(entries)
        for entry in entries:
            print(json.dumps(dataclasses.asdict(entry)) if as_json else _row(entry), flush=True)

    result: Scan = scan((str(Path(path).absolute()),), {}, lambda: False, show)
    if not count:
        inspect_model(path)  # says what the folder is instead
    if result.cut:
        raise ModelError(f"“{path}” holds too many files; only the first were looked at.")
    return 0


def _row(entry: Entry) -> str:
    """Return kind, name, family, picture size and where it is, or what is wrong with it."""
    sides = "x".join(str(side * entry.pixels) for side in entry.shape[1:]) if entry.shape else ""
    size = "plane" if entry.planar else sides
    where = str(Path(entry.path).relative_to(entry.root))
    said = [entry.kind, entry.name, entry.family, size]
    columns = (text.ljust(width) for text, width in zip(said, _WIDTHS, strict=True))
    return f"{'  '.join(columns)}  {where}" + (f"\n    {_first(entry)}" if entry.problem else "")


def _first(entry: Entry) -> str:
    """Return the first sentence of what is wrong, without the name that stands above it."""
    return entry.problem.removeprefix(f"“{entry.name}” is ").partition(". ")[0].rstrip(".")


def _lines(info: ModelInfo, form: Form | None) -> list[str]:
    rows = {
        "name": info.name,
        "kind": info.family,
        "format": info.format,
        "pictures": _pictures(info),
        "given": "text" if info.text else "",
        "space": "points in the plane" if info.planar else "",
        "classes": _classes(info),
        "parameters": f"{info.parameters:,}" if info.parameters else "",
        "examples": f"{info.images:,}" if info.images else "",
        "components": f"{info.components:,}" if info.components else "",
        "prediction": info.prediction,
        "sigma": f"{info.sigma_min:g} to {info.sigma_max:g}",
        "trains": "in full or with a LoRA" if info.trainable else "",
        "previews": ", ".join(info.previews),
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
    free = f", or sides in steps of {info.multiple}" if info.multiple else ""
    if info.pixels == 1:
        return f"{latents}{free}"
    whole = f"{width * info.pixels} x {height * info.pixels} x 3"
    return f"{whole}{free}, from latents of {latents}"


def _classes(info: ModelInfo) -> str:
    if info.text:
        return ""
    return f"{len(info.classes)}: {', '.join(info.classes)}" if info.classes else "none"


def _settings(form: Form | None) -> str:
    answers = form.answers if form is not None else None
    return ", ".join(f"{id}={value}" for id, value in (answers or {}).items() if value != "")
