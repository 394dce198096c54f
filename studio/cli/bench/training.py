"""Train the default model for some steps: how fast, beside a plain loop of PyTorch."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.bundled import resource
from studio.cli.bench.measure import Measure

if TYPE_CHECKING:
    from studio.training.trainer import Trainer

BATCH = 32


def measure(quick: bool) -> Iterator[Measure]:
    """Take steps of both in turn, so that what else the machine does meets them alike.

    The plain loop has the same network and batch, random pictures ready in memory, torch's own
    fused AdamW and an average by one foreach call; ours reads, augments, writes its log and its
    checkpoints as often as a run does. On one thread the time of the processor is taken, which
    other programs do not change.
    """
    from studio.engine.device import set_threads

    if "OMP_NUM_THREADS" not in os.environ:
        set_threads()
    rounds = 4 if quick else 12
    with tempfile.TemporaryDirectory(prefix="elucidate-bench-") as folder:
        trainer = _trainer(Path(folder))
        ours, plain = _in_turn([trainer.step, _plain(trainer)], rounds)
        save = _timed(lambda: _saved(Path(folder), trainer))
        line = _timed(lambda: _told(Path(folder), trainer))
    speed = BATCH / statistics.median(ours)
    # A checkpoint every 20,000 pictures, and a line of figures every 1,000.
    extra = BATCH * (save / 20_000 + line / 1_000)
    ratio = statistics.median(p / (o + extra) for o, p in zip(ours, plain, strict=True))
    yield Measure("training: pictures per second", speed, "img/s")
    yield Measure("training: time of a step over a plain loop's", 1 / ratio, aim=1.0)
    yield Measure(
        "training: time that log and checkpoints take", extra / (BATCH / speed) * 100, "%"
    )
    if not quick:
        yield from _options(rounds)


def _options(rounds: int) -> Iterator[Measure]:
    """Yield what each way to compute brings, against float32 with nothing else."""
    ways: dict[str, dict[str, Any]] = {
        "float32": {},
        "bfloat16": {"precision": "bfloat16"},
        "channels-last": {"channels_last": True},
        "bfloat16, channels-last": {"precision": "bfloat16", "channels_last": True},
        "compile": {"compile": True},
        "bfloat16, compile": {"precision": "bfloat16", "compile": True},
        "computed anew": {"checkpoint_gradients": True},
    }
    with tempfile.TemporaryDirectory(prefix="elucidate-bench-") as folder:
        trainers = [
            _trainer(Path(folder), **{"precision": "float32"} | way) for way in ways.values()
        ]
        times = _in_turn([trainer.step for trainer in trainers], rounds)
    for name, own in list(zip(ways, times, strict=True))[1:]:
        gain = statistics.median(base / each for base, each in zip(times[0], own, strict=True))
        yield Measure(f"training: speed with {name} over float32", gain)


def _in_turn(steps: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Return the times of each step; the first round only warms up."""
    times: list[list[float]] = [[] for _ in steps]
    for number in range(rounds + 1):
        for own, step in zip(times, steps, strict=True):
            seconds = _timed(step)
            if number:
                own.append(seconds)
    return times


def _trainer(folder: Path, **changes: Any) -> "Trainer":
    from studio.training.prepare import prepare
    from studio.training.ranks import Ranks
    from studio.training.run_file import read_run_file

    recipe = resource("training", "dungeon-tiles.toml")
    (folder / "run.toml").write_bytes(recipe.read_bytes())
    settings = read_run_file(recipe)
    loop = settings.loop.model_copy(update={"batch": BATCH, **changes})
    settings = settings.model_copy(update={"loop": loop})
    return prepare(settings, folder, Ranks(loop.device)).trainer


def _plain(trainer: "Trainer") -> Callable[[], None]:
    """Return a step of the loop that one would write without this studio."""
    import torch

    network = trainer.network_like().train()
    parameters = list(network.parameters())
    means = [p.detach().clone() for p in parameters]
    adam = torch.optim.AdamW(parameters, lr=1e-4, fused=True)
    device = parameters[0].device
    clean = torch.rand(BATCH, *trainer.header.image, device=device) * 2 - 1
    labels = torch.eye(len(trainer.header.class_names), device=device)[[0] * BATCH]

    def step() -> None:
        sigma = (torch.randn(BATCH, device=device) * 1.2 - 0.8).exp()
        noise = torch.randn_like(clean) * sigma[:, None, None, None]
        variance = 0.44**2
        weight = (sigma**2 + variance) / (sigma**2 * variance)
        error = (network(clean + noise, sigma, labels) - clean).square().mean((1, 2, 3))
        torch.autograd.backward((weight * error).mean())
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()
        adam.zero_grad()
        torch._foreach_lerp_(means, [p.detach() for p in parameters], 1e-3)

    return step


def _saved(folder: Path, trainer: "Trainer") -> None:
    from studio.training.checkpoint import save_checkpoint

    save_checkpoint(folder, trainer, 1)


def _told(folder: Path, trainer: "Trainer") -> None:
    from studio.training.run_folder.stats import Stats
    from studio.training.tally import figures

    Stats(folder).add("stats", **figures(trainer.tally.take()))


def _timed(work: Callable[[], object]) -> float:
    import torch

    clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    if on_gpu := torch.cuda.is_available():
        torch.cuda.synchronize()
        clock = time.perf_counter
    start = clock()
    work()
    if on_gpu:
        torch.cuda.synchronize()
    return clock() - start
