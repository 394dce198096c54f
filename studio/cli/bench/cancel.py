"""How soon a run ends after Stop, beyond the network call that is under way."""

import random
import statistics
import time
from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer

from studio.cli.bench.measure import Measure, percentile
from studio.engine.engine import Engine
from studio.engine.job import Ending
from studio.library import Recipe
from studio.models import default_model


def measure(quick: bool) -> Iterator[Measure]:
    """Stop runs of the bundled network at random moments."""
    app = QCoreApplication.instance() or QCoreApplication([])
    engine = Engine()
    engine.start()
    engine.open_model(str(default_model()))
    _wait(engine.model_loaded)
    recipe = Recipe(steps=100, seeds=tuple(range(8)))
    call = _one_call(engine, recipe)
    latencies = [_latency(engine, recipe, call) for _ in range(20 if quick else 100)]
    engine.close()
    del app
    yield Measure("one network call, bundled network, batch 8", call * 1000, "ms")
    late = percentile(latencies, 0.95) - call
    yield Measure("cancel latency p95 beyond one network call", late * 1000, "ms", aim=50)


def _one_call(engine: Engine, recipe: Recipe) -> float:
    short = recipe.model_copy(update={"steps": 4})
    endings = [_run(engine, short) for _ in range(3)]
    return statistics.median(ending.seconds / ending.nfe for ending in endings)


def _run(engine: Engine, recipe: Recipe) -> Ending:
    engine.submit(recipe)
    ending = _wait(engine.run_ended)
    assert isinstance(ending, Ending)
    return ending


def _latency(engine: Engine, recipe: Recipe, call: float) -> float:
    engine.submit(recipe)
    _wait(engine.run_started)
    _pause(random.uniform(0, 6 * call))
    start = time.perf_counter()
    engine.stop()
    _wait(engine.run_ended)
    return time.perf_counter() - start


def _wait(signal: object, milliseconds: int = 60_000) -> object:
    """Run the event loop until `signal` comes and return what it carried."""
    loop, carried = QEventLoop(), []

    def receive(*values: object) -> None:
        carried.append(values[0] if values else None)
        loop.quit()

    signal.connect(receive)  # type: ignore[attr-defined]
    QTimer.singleShot(milliseconds, loop, loop.quit)
    if not carried:
        loop.exec()
    signal.disconnect(receive)  # type: ignore[attr-defined]
    if not carried:
        raise TimeoutError("The engine did not answer.")
    return carried[0]


def _pause(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop, loop.quit)
    loop.exec()
