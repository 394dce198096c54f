"""`elucidate export`: make a film, a filmstrip, a table or a script of a take."""

import argparse
import json
from pathlib import Path
from typing import Any

from tqdm import tqdm

from studio.session.views import LABELS


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "export", help="make a film, a filmstrip, a table or a script of a take"
    )
    parser.add_argument("take", type=Path, help="the folder of a take")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        help="the file to write: .mp4 and .gif are films, .png a filmstrip, .csv a table of "
        "the steps, .py a script",
    )
    parser.add_argument("--picture", type=int, help="only this picture of the batch, from 0")
    parser.add_argument("--view", choices=LABELS, default="x0", help="what is seen of each step")
    parser.add_argument("--fps", type=float, default=10.0, help="steps per second (default 10)")
    parser.add_argument("--width", type=int, default=512, help="width in pixels (default 512)")
    parser.add_argument("--plain", action="store_true", help="burn neither words nor plot in")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Export one take."""
    from studio.cli.main import BAD_ARGUMENTS, CommandError
    from studio.library import read_take
    from studio.library.export.scene import Look
    from studio.session.exporting import Wish, export
    from studio.session.sampling import Shown

    take = read_take(options.take)
    count = len(take.recipe.seeds)
    if options.picture is not None and not 0 <= options.picture < count:
        why = f"--picture {options.picture}: the take has {count} pictures, 0 to {count - 1}"
        raise CommandError(why, BAD_ARGUMENTS)
    if not 0 < options.fps <= 240 or not 16 <= options.width <= 8192:
        raise CommandError("--fps is above 0 up to 240, --width 16 to 8192", BAD_ARGUMENTS)
    plain = not options.plain
    look = Look(options.width, plain, plain)
    wish = Wish(options.picture, options.view, options.fps, look)
    with tqdm(unit="step", disable=None if not options.json else True) as bar:

        def tell(done: int, total: int) -> bool:
            bar.total = total
            bar.update(done + 1 - bar.n)
            return True

        export(Shown(take.recipe, take.trajectory(), take.id, True), options.out, wish, tell)
    out = str(options.out)
    print(json.dumps({"file": out}) if options.json else f"written: {out}")
    return 0
