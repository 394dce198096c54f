"""Train the default model for some steps: how fast, beside a plain loop of PyTorch."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from studio.bundled import resource
from studio.cli.bench.measure import Measure

if TYPE_CHECKING:
    from studio.training.trainer import Trainer

BATCH = 32


def measure(quick: bool) -> Iterator[Measure]:
    """Take steps of both in turn, so that what else the machine does meets them alike.

    The plain loop has the same network and batch, random pictures ready in memory, torch's own
    fused AdamW and an average by one foreach call.
    """
    rounds = 4 if quick else 12
    with tempfile.TemporaryDirectory(prefix="elucidate-bench-") as folder:
        trainer = _trainer(Path(folder))
        plain, ours = _plain(trainer), trainer.step
        times: dict[str, list[float]] = {"plain": [], "ours": []}
        for number in range(rounds + 1):
            for name, step in (("plain", plain), ("ours", ours)):
                seconds = _timed(step)
                if number:  # the first warms up
                    times[name].append(seconds)
        save = _timed(lambda: _saved(Path(folder), trainer))
    pairs = zip(times["ours"], times["plain"], strict=True)
    ratio = statistics.median(ours / plain for ours, plain in pairs)
    speed = BATCH / statistics.median(times["ours"])
    yield Measure("training: time of a step over a plain loop's", ratio, aim=1.05)
    yield Measure("training: pictures per second", speed, "img/s")
    # A checkpoint every 20,000 pictures.
    share = save / (20_000 / speed) * 100
    yield Measure("training: time that checkpoints take", share, "%", aim=2)


def _trainer(folder: Path) -> "Trainer":
    from studio.engine.device import set_threads
    from studio.training.prepare import prepare
    from studio.training.ranks import Ranks
    from studio.training.run_file import read_run_file

    set_threads()
    recipe = resource("training", "dungeon-tiles.toml")
    (folder / "run.toml").write_bytes(recipe.read_bytes())
    settings = read_run_file(recipe)
    loop = settings.loop.model_copy(update={"batch": BATCH})
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


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
