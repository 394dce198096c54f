"""How fast a library of many takes opens, scrolls and searches, and what memory it needs."""

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from studio.cli.bench.child import run_module
from studio.cli.bench.measure import Measure, percentile
from studio.library import ModelRef, Recipe, Take

SAMPLERS = ("heun", "euler", "dpmpp_2m", "unipc")
_FRAMES = 400
_WORDS = ("d", "du", "dungeon", "dungeon heun", "seed:77", "date:2026-02", "starred", "")


def measure(quick: bool) -> Iterator[Measure]:
    """Make up a library, read it, and look through it in the real panel."""
    count = 10_000 if quick else 100_000
    facts = run_module(__name__, str(count), timeout=3000)[0]
    takes = f"{count:,} takes"
    yield Measure(f"{takes}: open", facts["open"], "s", aim=1.0)
    yield Measure(f"{takes}: scroll, frame p99", facts["scroll"], "ms", aim=33)
    yield Measure(f"{takes}: search, keystroke p99", facts["search"], "ms", aim=100)
    yield Measure(f"{takes}: memory", facts["memory"], "MB", aim=300)
    yield Measure(f"{takes}: read from their folders (once)", facts["read"], "s")


def make_library(root: Path, count: int) -> None:
    """Write folders of `count` takes that all have the same picture."""
    import numpy as np

    from studio.library.picture import encode_picture

    start = datetime(2026, 1, 1, tzinfo=UTC)
    recipe = Recipe(
        model=ModelRef(path="/models/tiles.npz", name="Dungeon tiles", sha256="ab" * 32),
        sigmas=tuple(float(level) for level in range(18, -1, -1)),
        seeds=tuple(range(16)),
    )
    root.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    png = encode_picture(pixels, recipe, recipe.to_json(), 0)
    for number in range(count):
        created, sampler = start + timedelta(minutes=number), SAMPLERS[number % len(SAMPLERS)]
        one = recipe.model_copy(update={"sampler": sampler, "seeds": (number,)})
        id = f"{number:012x}"
        folder = root / f"{created:%Y-%m-%d}" / f"{created:%H%M%S}-{sampler}-{id}"
        folder.mkdir(parents=True)
        take = Take(id, folder, one, "finished", created, None, 35, 1.5)
        (folder / "recipe.json").write_text(take.to_json())
        (folder / f"00-seed{number}.png").write_bytes(png)


def _report(count: int) -> None:
    import psutil
    from PySide6.QtWidgets import QApplication

    from studio.library import Index
    from studio.preferences import default_output_folder
    from studio.ui.theme import DARK, apply_theme

    root = default_output_folder()
    make_library(root, count)
    app = QApplication([])
    apply_theme(app, DARK)
    began = time.perf_counter()
    Index(root).close()
    facts = {"read": time.perf_counter() - began}
    resident = psutil.Process().memory_info().rss
    facts |= _look_through(app, root)
    facts["memory"] = (psutil.Process().memory_info().rss - resident) / 2**20
    print(json.dumps(facts), flush=True)


def _look_through(app: object, root: Path) -> dict[str, float]:
    from studio.library import Index
    from studio.ui.take_words import take_item
    from studio.ui.takes import TakesPanel

    panel = TakesPanel()
    panel.resize(236, 700)
    panel.show()
    began = time.perf_counter()
    index = Index(root)

    def show(search: str) -> None:
        panel.set_source(
            lambda limit, offset: [take_item(each) for each in index.recent(limit, offset, search)],
            index.count(search),
            lambda id: index.position(id, search),
            index.count(),
        )
        panel.grab()

    show("")
    opened = time.perf_counter() - began
    frames, searches = [], []
    bar = panel.view.verticalScrollBar()
    for frame in range(_FRAMES):
        far = frame * bar.maximum() // _FRAMES
        began = time.perf_counter()
        bar.setValue(far if frame % 4 == 0 else bar.value() + 120)
        panel.grab()
        app.processEvents()  # type: ignore[attr-defined]  # an application
        frames.append((time.perf_counter() - began) * 1000)
    for word in _WORDS:
        began = time.perf_counter()
        show(word)
        searches.append((time.perf_counter() - began) * 1000)
    index.close()
    scroll = percentile(frames, 0.99)
    return {"open": opened, "scroll": scroll, "search": percentile(searches, 0.99)}


if __name__ == "__main__":
    _report(int(sys.argv[1]))
