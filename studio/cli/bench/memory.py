"""What memory takes, long runs and many generations need."""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.bench.child import run_module
from studio.cli.bench.measure import Measure, percentile

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from studio.library import Trajectory
    from studio.ui.window import MainWindow

MIB = 2**20
_LARGE = (16, 3, 512, 512)
_TILES = (64, 3, 32, 32)
_DIFFERENT = 8  # takes with steps of their own; the others share files


def measure(quick: bool) -> Iterator[Measure]:
    """Browse large takes, scrub a long run of large pictures, and generate again and again."""
    browse = run_module(__name__, "browse", "40" if quick else "200", timeout=1800)[0]
    note = f"{browse['takes']:.0f} takes of 64 pictures x 50 steps"
    yield Measure("browsing takes: most memory", browse["most"], "MB", aim=1536, note=note)
    spill = run_module(__name__, "spill", "20" if quick else "100", timeout=1800)[0]
    note = f"16 x 3 x 512 x 512, {spill['steps']:.0f} steps, {spill['size']:.1f} GB"
    yield Measure("long run: steps in memory", spill["held"], "MB", aim=spill["budget"], note=note)
    yield Measure("long run: scrubbing, turn of the window p99", spill["turn"], "ms", aim=33)
    note = f"p99 {spill['picture']:.0f} ms"
    yield Measure("long run: scrubbing, picture of a step", spill["median"], "ms", 33, note)
    slope = run_module(__name__, "slope", "400" if quick else "5000", timeout=3000)[0]
    note = f"{slope['generations']:.0f} generations; {slope['handles']:+.0f} open files"
    yield Measure("memory a generated picture", slope["slope"], "KB", aim=2, note=note)


def _browse(count: int) -> dict[str, float]:
    from studio.preferences import default_output_folder

    _copies(default_output_folder(), count)
    app, window = _opened()
    shelf, seen, most = window.studio.shelf, [0], 0.0
    shelf.take_opened.connect(lambda *_: seen.__setitem__(0, seen[0] + 1))
    for number in range(count):
        window.tab.takes.step(1 if number else 0)
        _wait(app, lambda number=number: seen[0] > number)  # type: ignore[misc]
        for step in (0, 25, 49):
            window.tab.timeline.choose(step)
            app.processEvents()
        most = max(most, _resident())
    window.close()
    return {"takes": count, "most": most}


def _copies(root: Path, count: int) -> None:
    """Write takes of 64 pictures and 50 steps, most of which share their files with another."""
    from studio.library import Recipe, write_take
    from studio.library.take import new_id

    recipe = Recipe(seeds=tuple(range(_TILES[0])), sampler="euler", steps=50)
    for number in range(min(count, _DIFFERENT)):
        frames = _recorded(_TILES, 50, number)
        pictures = frames.preview(-1)
        write_take(root, recipe, pictures, frames, status="finished", nfe=50, seconds=1.0)
    made = sorted(root.glob("[0-9]*/*/recipe.json"))
    for number in range(len(made), count):
        source, id = made[number % len(made)].parent, new_id()
        folder = source.with_name(f"{source.name.rpartition('-')[0]}-{id}")
        folder.mkdir()
        for file in source.iterdir():
            if file.name == "recipe.json":
                text = file.read_text().replace(source.name.rpartition("-")[2], id)
                (folder / file.name).write_text(text)
            else:
                (folder / file.name).hardlink_to(file)


def _recorded(shape: tuple[int, ...], steps: int, seed: int) -> "Trajectory":
    import numpy as np

    from studio.library import Frame, Trajectory

    noise = np.random.default_rng(seed).standard_normal(shape)
    frames = Trajectory(noise, steps)
    levels = [80 * 0.75**step for step in range(steps)] + [0.0]
    pixels = np.clip(noise * 40 + 128, 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)
    for step in range(steps):
        x, denoised = noise * levels[step + 1], (noise * step / steps).astype(np.float32)
        frames.append(Frame(step, levels[step], levels[step + 1], step + 1, x, denoised, pixels))
    return frames


def _spill(steps: int) -> dict[str, float]:
    from studio.engine.job import LiveRun
    from studio.library import Recipe

    app, window = _opened()
    frames = _recorded(_LARGE, steps, 0)
    recipe = Recipe(seeds=tuple(range(_LARGE[0])), sampler="euler", steps=steps)
    if hasattr(os, "sync"):
        os.sync()  # a run takes longer than this, and its steps are on the disk by then
    printed = [0]
    window.tab.viewer.printed.connect(lambda _: printed.__setitem__(0, printed[0] + 1))
    window.studio.show_run(LiveRun(0, recipe, frames))
    _wait(app, lambda: printed[0] > 0)
    turns, pictures = [], []
    for turn in range(1, 3 * steps):
        began, before = time.perf_counter(), printed[0]
        window.tab.timeline.choose(turn * 7 % steps)
        longest, shown = 0.0, False
        while not shown:
            shown, turn_began = printed[0] > before, time.perf_counter()
            app.processEvents()
            longest = max(longest, time.perf_counter() - turn_began)
        turns.append(longest * 1000)
        pictures.append((time.perf_counter() - began) * 1000)
    size = steps * _pixels(_LARGE) * 13 / 1e9  # float64, float32, uint8
    facts = {"steps": steps, "size": size, "turn": percentile(turns, 0.99)}
    facts |= {"picture": percentile(pictures, 0.99), "median": percentile(pictures, 0.5)}
    facts |= {"held": frames.held / MIB, "budget": frames.budget / MIB}
    window.close()
    return facts


def _pixels(shape: tuple[int, ...]) -> int:
    count = 1
    for side in shape:
        count *= side
    return count


def _slope(generations: int) -> dict[str, float]:
    import psutil

    app, window = _opened()
    studio, done = window.studio, [0]
    studio.editor.edit_all({"sampler": "euler", "steps": 2, "seeds": (0,)})
    studio.shelf.take_added.connect(lambda *_: done.__setitem__(0, done[0] + 1))
    process, points, handles = psutil.Process(), [], []
    for number in range(generations):
        studio.generate()
        _wait(app, lambda number=number: done[0] > number)  # type: ignore[misc]
        if number % 20 == 0:
            points.append((float(number), _resident() * 1024))
            handles.append(process.num_fds() if hasattr(process, "num_fds") else 0)
    settled = points[len(points) // 4 :]
    slope = statistics.linear_regression(*zip(*settled, strict=True)).slope
    window.close()
    return {
        "generations": generations,
        "slope": slope,
        "handles": handles[-1] - handles[len(handles) // 4],
    }


def _opened() -> "tuple[QApplication, MainWindow]":
    """Return the window with the ideal denoiser open, ready to generate."""
    from studio.app import build

    app, window = build([])
    ready = [False]
    window.generate_enabled.connect(lambda: ready.__setitem__(0, True))
    window.show()
    _wait(app, lambda: ready[0])
    window.studio.remember(steps_budget=10**12, same_seed=False)
    window.studio.shelf.keeper.budget = 10**12
    return app, window


def _wait(app: "QApplication", done: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not done():
        app.processEvents()
        time.sleep(0.0005)
        if time.monotonic() > until:
            raise TimeoutError("The window did not do what it was asked for within two minutes.")


def _resident() -> float:
    """Return the memory of this process in MB."""
    import psutil

    return float(psutil.Process().memory_info().rss) / MIB


if __name__ == "__main__":
    kind, amount = sys.argv[1], int(sys.argv[2])
    print(json.dumps({"browse": _browse, "spill": _spill, "slope": _slope}[kind](amount)))
