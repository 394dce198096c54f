"""The cost of the sampling loop and of the preview, as ratios over the bare network calls."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from studio.cli.bench.measure import Measure
from studio.library import Recipe

if TYPE_CHECKING:
    from studio.models import Model

STEPS = 9


def measure(quick: bool) -> Iterator[Measure]:
    """Compare, in alternation, bare network calls with whole runs with and without preview."""
    from studio.cli.bench.network import sample_network

    for batch in (1, 8):
        yield from _batch(sample_network(), batch, 3 if quick else 9)


def _batch(model: "Model", batch: int, rounds: int) -> Iterator[Measure]:
    recipe = Recipe(steps=STEPS, seeds=tuple(range(batch)))
    bare, with_preview, without = _timers(model, recipe)
    for timer in (bare, with_preview, without):
        timer()
    rows = [(bare(), with_preview(), without()) for _ in range(rounds)]
    # The least of each: other programs can only make a run slower.
    least_bare, least_with, least_without = (min(column) for column in zip(*rows, strict=True))
    name = f"{model.info.parameters / 1e6:.1f} M network, batch {batch}"
    yield Measure(f"one network call, {name}", 1000 * least_bare / (2 * STEPS - 1), "ms")
    yield Measure(f"loop with preview / bare calls, {name}", least_with / least_bare, aim=1.02)
    yield Measure(f"preview on / preview off, {name}", least_with / least_without, aim=1.02)


def _timers(model: "Model", recipe: Recipe) -> tuple[Callable[[], float], ...]:
    from studio.diffusion.noise import initial_noise
    from studio.engine.job import Job
    from studio.engine.mailbox import Mailbox
    from studio.engine.plan import plan
    from studio.engine.run import Run

    sigmas = plan(recipe, model.info).sigmas
    noise = initial_noise(recipe.seeds, model.info.shape).to(model.device)
    levels = [s for i, s in enumerate(sigmas[:-1]) for s in (s, sigmas[i + 1]) if s > 0]
    states = [noise * s for s in levels]

    def bare() -> float:
        import torch

        start = time.perf_counter()
        with torch.inference_mode():
            for sigma, x in zip(levels, states, strict=True):
                model.denoise(x, sigma)
        return time.perf_counter() - start

    def whole(preview: bool) -> float:
        mailbox: Mailbox[object] = Mailbox()
        start = time.perf_counter()
        run = Run(Job(0, recipe), model, record=preview)
        while run.advance():
            if preview:
                mailbox.put(run.progress() or object())
        run.finish()
        return time.perf_counter() - start

    return bare, lambda: whole(True), lambda: whole(False)
