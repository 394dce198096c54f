"""`elucidate takes`: list and search the takes, carry them out and in."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from studio.cli.main import BAD_ARGUMENTS, CommandError

if TYPE_CHECKING:
    from studio.library import Index, Take
    from studio.library.index import Listed

_ALL = 1_000_000


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to the parser."""
    from studio.library.search import HELP

    parser = commands.add_parser("takes", help="list and search takes, pack and unpack them")
    parser.add_argument("words", nargs="*", help=HELP)
    parser.add_argument("--folder", type=Path, help="the folder of the takes, if not the usual one")
    parser.add_argument("--most", type=int, default=20, help="list this many at most (20)")
    carry = parser.add_mutually_exclusive_group()
    carry.add_argument("--pack", type=Path, metavar="ZIP", help="pack all that is found")
    carry.add_argument("--unpack", type=Path, metavar="ZIP", help="bring in the takes of a file")
    parser.add_argument("--json", action="store_true", help="print one JSON object a take")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List, pack or unpack."""
    from studio.library import Index
    from studio.preferences import load_settings, settings_path

    if options.most < 1:
        raise CommandError("--most is 1 or more", BAD_ARGUMENTS)
    if options.unpack and options.words:
        raise CommandError("--unpack brings in all takes: leave the words out", BAD_ARGUMENTS)
    root = options.folder or load_settings(settings_path())[0].output_folder
    if not root.is_dir() and not options.unpack:
        raise CommandError(f"there is no folder “{root}”: say where the takes are with --folder")
    index = Index(root)
    try:
        if index.note:
            print(index.note, file=sys.stderr)
        if options.unpack:
            return _unpack(index, options)
        search = " ".join(options.words)
        found = index.recent(_ALL if options.pack else options.most, 0, search)
        if options.pack:
            return _pack([each.take for each in found], options)
        return _list(found, index.count(search), options)
    finally:
        index.close()


def _list(found: "Sequence[Listed]", count: int, options: argparse.Namespace) -> int:
    for each in found:
        print(json.dumps(_facts(each.take)) if options.json else _line(each))
    if not options.json and count > len(found):
        print(f"… and {count - len(found)} more (--most {count})")
    return 0


def _pack(takes: "Sequence[Take]", options: argparse.Namespace) -> int:
    from studio.library.bundle import write_bundle

    if not takes:
        raise CommandError("no take is found: nothing is packed")
    with tqdm(unit="take", total=len(takes), disable=True if options.json else None) as bar:
        write_bundle(options.pack, takes, _teller(bar))
    facts = {"file": str(options.pack), "takes": len(takes)}
    print(json.dumps(facts) if options.json else f"packed: {len(takes)} takes in {options.pack}")
    return 0


def _unpack(index: "Index", options: argparse.Namespace) -> int:
    from studio.library.bundle import read_bundle

    with tqdm(unit="take", disable=True if options.json else None) as bar:
        found = read_bundle(
            options.unpack, index.root, lambda id: index.get(id) is not None, _teller(bar)
        )
    index.add_all(found.takes)
    for problem in found.problems:
        print(problem, file=sys.stderr)
    if options.json:
        print(json.dumps({"takes": [take.id for take in found.takes], "known": found.known}))
    else:
        print(f"unpacked: {len(found.takes)} takes, {found.known} were here already")
    return 1 if found.problems else 0


def _teller(bar: Any) -> Callable[[int, int], bool]:
    def tell(done: int, total: int) -> bool:
        bar.total = total
        bar.update(done + 1 - bar.n)
        return True

    return tell


def _line(listed: "Listed") -> str:
    from studio.library.lineage import short_prompt

    take = listed.take
    star = "*" if take.marks.starred else " "
    recipe = take.recipe
    prompt = f" · {short_prompt(recipe.prompt)}" if recipe.prompt else ""
    words = f"{'  ' * listed.generation}{recipe.summary()}{prompt} · seed {recipe.seeds[0]}"
    tags = "".join(f" #{tag}" for tag in take.marks.tags)
    return f"{star} {take.created.astimezone():%Y-%m-%d %H:%M} {take.id} {words}{tags}"


def _facts(take: "Take") -> dict[str, Any]:
    return {
        "id": take.id,
        "folder": str(take.folder),
        "created": take.created.isoformat(),
        "status": take.status,
        "parent": take.parent,
        "nfe": take.nfe,
        **take.marks.model_dump(mode="json"),
        "summary": take.recipe.summary(),
        "prompt": take.recipe.prompt,
        "seeds": take.recipe.seeds,
    }
