"""How long it takes until the window is on the screen, and until Generate can be pressed."""

import gc
import json
import statistics
import sys
import time
from collections.abc import Iterator

from studio.cli.bench.child import run_module
from studio.cli.bench.measure import Measure


def measure(quick: bool) -> Iterator[Measure]:
    """Start the window in fresh processes; the clock starts before Python does."""
    starts = [run_module(__name__, repr(time.time()))[0] for _ in range(2 if quick else 5)]
    shown = statistics.median(s["shown"] for s in starts)
    ready = statistics.median(s["ready"] for s in starts)
    torch_early = any(s["torch_at_paint"] for s in starts)
    note = "torch was loaded before!" if torch_early else "torch not loaded"
    yield Measure("process start to window on the screen", shown, "s", aim=1.0, note=note)
    yield Measure("process start to Generate enabled", ready, "s")


def _report(started: float) -> None:
    gc.disable()  # as the command does
    from PySide6.QtCore import QTimer

    from studio.app import build

    app, window = build([])
    facts: dict[str, object] = {}

    def on_painted() -> None:
        facts["shown"] = time.time() - started
        facts["torch_at_paint"] = "torch" in sys.modules

    def on_ready() -> None:
        facts["ready"] = time.time() - started
        print(json.dumps(facts), flush=True)
        QTimer.singleShot(0, window, window.close)

    window.painted.connect(on_painted)
    window.generate_enabled.connect(on_ready)
    window.show()
    app.exec()


if __name__ == "__main__":
    _report(float(sys.argv[1]))
