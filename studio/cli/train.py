"""`elucidate train`: train a model, in this process, as a run file says."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

_RECIPES = "dungeon-tiles, fine-tune, lora"


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "train",
        help="train or fine-tune a model",
        description="Train as a run file says; everything is written beside it. To begin: "
        "elucidate train --new DIR --data PICTURES, then elucidate train DIR/run.toml. On many "
        "GPUs: torchrun --nproc-per-node 8 -m studio train DIR/run.toml --resume.",
    )
    parser.add_argument("file", nargs="?", type=Path, help="the run file, or the folder it is in")
    parser.add_argument(
        "--resume", action="store_true", help="go on at the newest checkpoint, if there is one"
    )
    parser.add_argument(
        "--new", type=Path, metavar="DIR", help="write a run file with every key explained and end"
    )
    parser.add_argument("--data", help="with --new: the folder, zip or npz of pictures")
    parser.add_argument(
        "--init", help="with --new: the model to begin from (fine-tuning)", metavar="MODEL"
    )
    parser.add_argument(
        "--recipe",
        help=f"with --new: settings to begin with, a run file or a bundled one: {_RECIPES}",
    )
    parser.add_argument(
        "--tell",
        choices=("stop", "pause", "resume", "save", "sample"),
        help="ask the trainer that is at work in this folder to do something, and end",
    )
    parser.add_argument(
        "--look",
        action="store_true",
        help="write what the network will see, data.png and data.json, beside the run file, and "
        "end without training",
    )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="FILE",
        help="write the newest model or LoRA of the run as float16 .safetensors, and end",
    )
    parser.add_argument(
        "--merged",
        action="store_true",
        help="with --export: of a LoRA write the whole model that it makes",
    )
    parser.add_argument(
        "--average",
        type=float,
        metavar="LENGTH",
        help="with --export: the length of its average, relative to the training time, such as "
        "0.08, made from those that the run kept ([average] power)",
    )
    parser.add_argument(
        "--losses", action="store_true", help="list the losses with formulas and knobs, and end"
    )
    parser.add_argument("--json", action="store_true", help="print JSON lines instead of a bar")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write a new run file, look at the data, tell a trainer something, export, or train."""
    from studio.cli.main import BAD_ARGUMENTS, CommandError

    if options.losses:
        from studio.cli.losses import print_losses

        print_losses(options.json)
        return 0
    if options.new is not None:
        return _begin(options)
    if options.file is None:
        raise CommandError("name a run file, or begin one with --new DIR", BAD_ARGUMENTS)
    folder = _folder(options.file)
    if options.merged and options.export is None:
        raise CommandError("--merged belongs to --export FILE", BAD_ARGUMENTS)
    if options.tell:
        from studio.training.run_folder.commands import send

        send(folder, options.tell)
        return 0
    if options.export is not None:
        from studio.training.export import export_model

        out = export_model(folder, options.export, options.average, merged=options.merged)
        print(json.dumps({"file": str(out)}) if options.json else f"written: {out}")
        return 0
    if options.look:
        return _look(folder, options)
    return _train(folder, options)


def _begin(options: argparse.Namespace) -> int:
    """Write a run file into a new folder."""
    from studio.atomic import write_atomically
    from studio.cli.main import BAD_ARGUMENTS, CommandError
    from studio.models.checkpoints import RUN_FILE
    from studio.training.template import new_run_file

    path = options.new / RUN_FILE
    if path.exists():
        raise CommandError(f"there is a run already: “{path}” exists")
    if options.data is None and options.recipe is None:
        raise CommandError("--new needs --data, the pictures to learn from", BAD_ARGUMENTS)
    text = new_run_file(options.data, options.init, options.recipe)
    options.new.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text.encode())
    print(json.dumps({"file": str(path)}) if options.json else f"written: {path}")
    return 0


def _folder(file: Path) -> Path:
    from studio.cli.main import BAD_ARGUMENTS, CommandError
    from studio.models.checkpoints import RUN_FILE

    path = file / RUN_FILE if file.is_dir() else file
    if path.name != RUN_FILE or not path.is_file():
        raise CommandError(
            f"“{file}” is no run: a run is a folder with a {RUN_FILE} in it, where everything is "
            "written; begin one with --new DIR --recipe FILE",
            BAD_ARGUMENTS,
        )
    return path.parent


def _look(folder: Path, options: argparse.Namespace) -> int:
    """Write the sheet of what the network will see and the facts about the pictures."""
    from studio.models.checkpoints import RUN_FILE
    from studio.training.look import look
    from studio.training.run_file import read_run_file
    from studio.training.run_folder.layout import DATA_SHEET

    _share_threads()
    settings = read_run_file(folder / RUN_FILE)
    with _Reporter(options.json) as say:
        facts = look(settings, folder, lambda done, total: say(_reading(done, total)))
    if options.json:
        print(json.dumps({"event": "data", **facts}, ensure_ascii=False))
        return 0
    print(f"written: {folder / DATA_SHEET}")
    classes = f" in {len(facts['classes'])} classes" if facts["classes"] else ""
    print(f"{facts['pictures']:,} pictures of {facts['size']}x{facts['size']}{classes}")
    for remark in facts["remarks"]:
        print(remark)
    return 0


def _reading(done: int, total: int) -> dict[str, Any]:
    return {"event": "reading", "done": done, "total": total}


def _share_threads() -> None:
    from studio.engine.device import set_threads

    if "OMP_NUM_THREADS" not in os.environ:  # torchrun sets it, to share the cores out
        set_threads()


def _train(folder: Path, options: argparse.Namespace) -> int:
    from studio.training.run import run as train

    _share_threads()
    with _Reporter(options.json) as say:
        train(folder, go_on=options.resume, listener=say)
    return 0


class _Reporter:
    """Say how the run goes: a bar with the log above it, or JSON lines."""

    def __init__(self, as_json: bool) -> None:
        self._json = as_json
        self._bar: Any = None

    def __enter__(self) -> "_Reporter":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, said: dict[str, Any]) -> None:
        if self._json:
            print(json.dumps(said), flush=True)
        elif said["event"] == "reading":
            if sys.stderr.isatty():
                self._read(said)
        elif said["event"] == "stats" and sys.stderr.isatty():
            self._advance(said)
        else:
            from studio.training.run_folder.words import in_words

            self._write(in_words(said))

    def _read(self, said: dict[str, Any]) -> None:
        share = 100 * said["done"] / max(said["total"], 1)
        text = f"Reading the pictures: {share:.0f} %"
        # Whatever is printed next begins at the start of the line again.
        print(f"{text}\r", end="", file=sys.stderr, flush=True)

    def _advance(self, said: dict[str, Any]) -> None:
        from tqdm import tqdm

        if self._bar is None:
            total = said["total_kimg"]
            form = "{l_bar}{bar}| {n:.1f}/{total:.0f} kimg [{elapsed}<{remaining}{postfix}]"
            self._bar = tqdm(total=total, initial=said["kimg"], bar_format=form)
        loss = "" if said["loss"] is None else f"loss {said['loss']:.4f}, "
        self._bar.set_postfix_str(f"{loss}{said['images_per_second']:.0f} img/s", refresh=False)
        self._bar.update(said["kimg"] - self._bar.n)

    def _write(self, text: str) -> None:
        if self._bar is not None:
            self._bar.write(text, file=sys.stdout)
        else:
            print(text, flush=True)
