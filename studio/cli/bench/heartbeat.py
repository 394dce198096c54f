"""How smooth the window stays while it samples with every plot open."""

import json
import sys
import time
from collections.abc import Iterator

from studio.cli.bench.child import run_module
from studio.cli.bench.measure import Measure, percentile


def measure(quick: bool) -> Iterator[Measure]:
    """Sample the bundled network in a real window and time the turns of its event loop."""
    facts = run_module(__name__, "4" if quick else "12")[0]
    yield Measure("event loop gap p99 while sampling", facts["p99"], "ms", aim=16)
    yield Measure("event loop gap, longest, while sampling", facts["longest"], "ms", aim=50)
    note = f"{facts['steps']} steps and {facts['takes']} takes in {facts['seconds']:.1f} s"
    yield Measure("longest gap while starting (imports)", facts["starting"], "ms", note=note)


def _report(seconds: float) -> None:
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


if __name__ == "__main__":
    _report(float(sys.argv[1]))
