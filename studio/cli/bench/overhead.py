"""What a solver costs beside the network: its time per call on a state of one number."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from studio.cli.bench.measure import Measure
from studio.diffusion import SAMPLERS, sample, schedule

if TYPE_CHECKING:
    from torch import Tensor

AIM_US = 60.0


def measure(quick: bool) -> Iterator[Measure]:
    """Sample one number with every solver; the time of the calls themselves is taken off."""
    import torch

    torch.set_num_threads(1)
    x = torch.ones(1, 1, dtype=torch.float64) * 80
    repeats = 3 if quick else 7
    bare = _best(repeats, partial(_calls, x, 1000)) / 1000
    yield Measure("a call of the denoiser by itself", bare * 1e6, "µs")
    for name in SAMPLERS:
        beside = _best(repeats, partial(_sampled, x, name)) / _sampled(x, name) - bare
        yield Measure(f"overhead per call: {name}", beside * 1e6, "µs", aim=AIM_US)


def _denoise(x: "Tensor", sigma: float) -> "Tensor":
    return x * 0.01


def _calls(x: "Tensor", count: int) -> None:
    for _ in range(count):
        _denoise(x, 1.0)


def _sampled(x: "Tensor", name: str) -> int:
    """Sample and return the number of calls; the second time a list is known, as in a session."""
    *_, last = sample(_denoise, x, schedule("karras", 200), name)
    return last.nfe


def _best(repeats: int, work: Callable[[], object]) -> float:
    """Return the shortest time: the others were disturbed."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
