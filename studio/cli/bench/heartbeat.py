"""How smooth the window stays while it samples with every plot open, and trains as well."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.cli.bench.child import run_module
from studio.cli.bench.measure import Measure, percentile

_PATIENCE = 120  # seconds for a trainer to take its first steps


def measure(quick: bool) -> Iterator[Measure]:
    """Sample the bundled network in a real window and time the turns of its event loop."""
    seconds = "4" if quick else "12"
    facts = run_module(__name__, seconds)[0]
    yield Measure("event loop gap p99 while sampling", facts["p99"], "ms", aim=16)
    yield Measure("event loop gap, longest, while sampling", facts["longest"], "ms", aim=50)
    note = f"{facts['steps']} steps and {facts['takes']} takes in {facts['seconds']:.1f} s"
    yield Measure("longest gap while starting (imports)", facts["starting"], "ms", note=note)
    with _trainer() as run:
        facts = run_module(__name__, seconds, str(run))[0]
    yield Measure("event loop gap p99 while sampling and training", facts["p99"], "ms", aim=16)


@contextmanager
def _trainer() -> Iterator[Path]:
    """Train the default model in a passing folder, as the window would, once it takes steps."""
    from studio.engine.launcher import Launcher
    from studio.training.run_folder.commands import send
    from studio.training.run_folder.stats import read_stats
    from studio.training.template import new_run_file

    launcher = Launcher()
    with tempfile.TemporaryDirectory(prefix="elucidate-bench-") as folder:
        run = Path(folder)
        text = new_run_file(None, None, "dungeon-tiles")
        (run / "run.toml").write_text(text.replace("stats_kimg = 1.0", "stats_kimg = 0.1"))
        launcher.train(run)
        end = time.monotonic() + _PATIENCE
        while not any(line["event"] == "stats" for line in read_stats(run)):
            if launcher.ended() or time.monotonic() > end:
                raise RuntimeError("The trainer took no step.")
            time.sleep(0.2)
        try:
            yield run
        finally:
            send(run, "stop")
            while launcher.busy(run, "train") and not launcher.ended():
                time.sleep(0.2)


def _report(seconds: float, run: str = "") -> None:
    from PySide6.QtCore import Qt, QTimer

    from studio.app import build
    from studio.models import default_model

    app, window = build([str(default_model())])
    studio = window.studio
    starting: list[float] = []
    gaps: list[float] = []
    counts = {"steps": 0, "takes": 0}
    last = [0.0]
    beats = starting

    def beat() -> None:
        now = time.perf_counter()
        if last[0]:
            beats.append((now - last[0]) * 1000)
        last[0] = now

    def begin() -> None:
        nonlocal beats
        beats = gaps
        if run:
            studio.training.open(Path(run))
        studio.editor.edit("steps", 40)
        studio.generate()
        QTimer.singleShot(round(seconds * 1000), window, end)

    def again(_ending: object) -> None:
        QTimer.singleShot(0, window, studio.generate)

    def end() -> None:
        studio.sampling.ended.disconnect(again)
        facts = {
            "p99": percentile(gaps, 0.99),
            "longest": max(gaps),
            "starting": max(starting),
            "seconds": seconds,
            **counts,
        }
        print(json.dumps(facts), flush=True)
        window.close()

    def count(name: str) -> None:
        counts[name] += 1

    timer = QTimer(window, interval=1)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(beat)
    window.painted.connect(timer.start)
    window.generate_enabled.connect(begin)
    studio.sampling.ended.connect(again)
    studio.sampling.progressed.connect(lambda _: count("steps"))
    studio.shelf.take_added.connect(lambda *_: count("takes"))
    window.show()
    app.exec()
    if not window.ended_cleanly:
        os._exit(0)


if __name__ == "__main__":
    _report(float(sys.argv[1]), *sys.argv[2:])
