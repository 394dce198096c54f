"""Kill the studio at random moments while it samples, queues and saves; count what is lost.

One process loads what is slow to load and forks a studio for every round, all on one home. Each
says what it finished; after the kill, the library and the queue must hold all of it.
"""

import contextlib
import json
import os
import random
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from studio.cli.bench.child import run_module
from studio.cli.bench.measure import Measure
from studio.library import Index, LibraryError, TrajectoryError, sweep
from studio.library.folders import folders
from studio.library.scratch import PREFIX
from studio.library.take import RECIPE_FILE, read_take
from studio.models import tiles_set
from studio.preferences import Settings, default_output_folder, settings_path

JOBS = 3
_MOST_TAKES = 4
_LONGEST_S = 0.15  # after the last take that is waited for


def measure(quick: bool) -> Iterator[Measure]:
    """Kill 20 or 200 times and count."""
    facts = run_module(__name__, "20" if quick else "200", timeout=3000)[0]
    note = f"{facts['takes']} takes, {facts['queued']} jobs left, {facts['rounds']} kills"
    yield Measure("kills: finished takes that are lost", facts["lost"], aim=0, note=note)
    yield Measure("kills: takes that are not whole", facts["broken"], aim=0)
    yield Measure("kills: index or queue damaged", facts["damaged"], aim=0)


def _report(rounds: int) -> None:
    import torch  # noqa: F401 - before the forks

    import studio.session.studio  # noqa: F401

    shaker = random.Random(0)
    finished: set[str] = set()
    lost, broken, damaged, queued = 0, 0, 0, 0
    for number in range(rounds):
        finished |= _round(number, shaker)
        listed, unwhole, whole_index = _library()
        lost = max(lost, len(finished - listed))
        broken = max(broken, unwhole)
        queued, whole_queue = _queue()
        damaged += not (whole_index and whole_queue)
    facts = {"rounds": rounds, "takes": len(finished), "queued": queued}
    facts |= {"lost": lost, "broken": broken, "damaged": damaged}
    print(json.dumps(facts), flush=True)


def _round(number: int, shaker: random.Random) -> set[str]:
    """Let a studio run for a random time, kill it, and return the takes that it finished."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            _work(number, theirs)
        os._exit(1)
    os.close(theirs)
    said = _heard(ours, child, shaker.randrange(_MOST_TAKES), shaker.uniform(0, _LONGEST_S))
    os.close(ours)
    return {line.partition(" ")[2] for line in said if line.startswith("take ")}


def _heard(pipe: int, child: int, takes: int, seconds: float) -> list[str]:
    """Kill the child some time after it has made some takes; return what it said until then."""
    text = b""
    while text.count(b"\n") <= takes and (more := os.read(pipe, 4096)):  # the first line: ready
        text += more
    select.select([], [], [], seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(pipe, 65536):
        text += more
    return text.decode().split("\n")[:-1]


def _work(number: int, pipe: int) -> None:
    """Sample what waits and three jobs more, saying what is done."""
    from PySide6.QtCore import QCoreApplication

    from studio.library import ModelRef, Recipe
    from studio.session.studio import Studio

    app = QCoreApplication([])
    studio = Studio(Settings(recent_models=()), settings_path())
    model = tiles_set()

    def say(text: str) -> None:
        os.write(pipe, f"{text}\n".encode())

    def begin() -> None:
        for job in range(JOBS):
            seeds = tuple(range(100 * number + 10 * job, 100 * number + 10 * job + 4))
            recipe = Recipe(model=ModelRef(path=str(model)), seeds=seeds, steps=6)
            studio.queue.add(recipe)
        studio.queue.hold(False)
        say("ready")

    studio.shelf.take_added.connect(lambda take, _: say(f"take {take.id}"))
    studio.models.opened.connect(lambda _info: begin())
    studio.start(str(model))
    app.exec()


def _library() -> tuple[set[str], int, bool]:
    """Return the takes that are listed, how many are not whole, and if the index was well."""
    root = default_output_folder()
    index = Index(root)
    listed = {each.take.id for each in index.recent(10**6)}
    well = not index.note
    index.close()
    sweep(root)
    unwhole = sum(not _is_whole(folder) for folder in folders(root))
    unwhole += sum(1 for _ in root.glob(f"{PREFIX}*"))
    # A folder with pictures and no recipe would never be listed.
    unwhole += sum(not (png.parent / RECIPE_FILE).exists() for png in root.glob("[0-9]*/*/*.png"))
    return listed, unwhole, well


def _is_whole(folder: Path) -> bool:
    try:
        take = read_take(folder)
        frames = take.trajectory()
        return len(take.pixels()) == len(take.recipe.seeds) and frames is not None
    except (LibraryError, TrajectoryError):
        return False


def _queue() -> tuple[int, bool]:
    """Return how many jobs wait, and whether the file can be read."""
    path = settings_path().parent / "queue.json"
    aside = list(path.parent.glob("*.broken-*"))
    try:
        waiting = json.loads(path.read_text())["items"] if path.exists() else []
    except (ValueError, KeyError):
        return 0, False
    return len(waiting), not aside


if __name__ == "__main__":
    _report(int(sys.argv[1]))
