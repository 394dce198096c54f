"""Other people's networks: our loop against theirs, our wrapper, and opening large files."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.bench.child import run_module
from studio.cli.bench.measure import Measure

if TYPE_CHECKING:
    from studio.models.model import Model

MIB = 2**20
STEPS = 10
_LARGE_MB = 1700
_WIDE = (128, 256, 256, 256)
_NARROW = (32, 64)


def measure(quick: bool) -> Iterator[Measure]:
    """Compare sampling with the pipelines of diffusers, then inspect and open a large file."""
    yield from _against_diffusers(_NARROW if quick else _WIDE, rounds=3 if quick else 7)
    for line in run_module(__name__, str(170 if quick else _LARGE_MB), timeout=1800):
        yield Measure(**line)


def _against_diffusers(widths: tuple[int, ...], rounds: int) -> Iterator[Measure]:
    """Run the same steps of the same network in our loop and in that of diffusers, in turn."""

    with tempfile.TemporaryDirectory(prefix="elucidate-bench-") as folder:
        pipeline = _pipeline(widths)
        pipeline.save_pretrained(folder)
        from studio.models import load_model

        model = load_model(folder, "cpu")
        size = f"{model.info.parameters / 1e6:.1f} M UNet2DModel, batch 1"
        theirs, ours = _loops(pipeline, model)
        ratio, seconds = _compared(ours, theirs, rounds)
        note = f"{1000 * seconds / STEPS:.3g} ms a step"
        yield Measure(f"sampling / DDIM pipeline, {size}", ratio, aim=1.0, note=note)
        bare, wrapped = _calls(pipeline.unet, model)
        ratio, seconds = _compared(wrapped, bare, 4 * rounds)
        note = f"{1000 * seconds:.3g} ms a call"
        yield Measure(f"wrapped / bare network, {size}", ratio, aim=1.01, note=note)


def _pipeline(widths: tuple[int, ...]) -> Any:
    import diffusers
    import torch

    from studio.models.libraries import quietly

    torch.manual_seed(0)
    theirs: Any = diffusers
    with quietly():
        places = range(len(widths))
        unet = theirs.UNet2DModel(
            sample_size=32,
            in_channels=3,
            out_channels=3,
            block_out_channels=widths,
            down_block_types=["AttnDownBlock2D" if i == 1 else "DownBlock2D" for i in places],
            up_block_types=[
                "AttnUpBlock2D" if i == len(widths) - 2 else "UpBlock2D" for i in places
            ],
            attention_head_dim=None,
        )
        scheduler = theirs.DDIMScheduler(clip_sample=False)
        pipeline = theirs.DDIMPipeline(unet.eval(), scheduler)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _loops(pipeline: Any, model: "Model") -> tuple[Callable[[], object], Callable[[], object]]:
    """Return the same number of steps, with pictures at their end: theirs and ours."""
    from studio.engine.job import Job
    from studio.engine.run import Run
    from studio.library import Recipe

    recipe = Recipe(sampler="ddim", steps=STEPS, seeds=(0,))

    def theirs() -> object:
        return pipeline(num_inference_steps=STEPS, output_type="np")

    def ours() -> object:
        run = Run(Job(0, recipe), model)
        while run.advance():
            run.progress()
        return run.finish()

    return theirs, ours


def _calls(unet: Any, model: "Model") -> tuple[Callable[[], object], Callable[[], object]]:
    """Return one evaluation of the bare network, and one through the model."""
    import torch

    x = torch.randn(1, *model.info.shape)
    state, time_step = x.double(), torch.tensor([500.0])

    def bare() -> object:
        with torch.inference_mode():
            return unet(x, time_step).sample

    def wrapped() -> object:
        with torch.inference_mode():
            return model.denoise(state, 1.0)

    return bare, wrapped


def _compared(
    one: Callable[[], object], other: Callable[[], object], rounds: int
) -> tuple[float, float]:
    """Return the ratio of the least times of two pieces of work done in turn, and that of the one.

    Other programs can only make a time longer.
    """
    one(), other()
    times = [(_time(one), _time(other)) for _ in range(rounds)]
    least, others = (min(column) for column in zip(*times, strict=True))
    return least / others, least


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _large(megabytes: int) -> Iterator[dict[str, Any]]:
    """Inspect, read and open a model file of a size, with the memory that this takes."""
    import psutil
    import torch

    from studio.engine.device import empty_cache
    from studio.models import inspect_model, load_model
    from studio.models.digest import file_digest  # noqa: F401 - so that no import is timed

    with tempfile.TemporaryDirectory(prefix="elucidate-bench-") as folder:
        path = Path(folder) / "large.safetensors"
        _write_large(path, megabytes)
        said = f"{path.stat().st_size / 1e9:.2g} GB"
        seconds = min(_time(lambda: inspect_model(path)) for _ in range(3))
        yield {"name": f"inspecting a model of {said}", "value": seconds, "unit": "s", "aim": 0.2}
        process = psutil.Process()
        load_model(_small(Path(folder)), "cpu")  # what a first model costs once
        where = _forget(path)
        before, reading = process.memory_info().rss, _time(lambda: _read(path))
        _forget(path)
        watch, start = _Peak(process), time.perf_counter()
        model: Model | None = load_model(path, "cpu")
        opening = time.perf_counter() - start
        peak = (watch.stop() - before) / path.stat().st_size
        figure = {"name": f"opening {said} / reading it", "value": opening / reading}
        yield {**figure, "aim": 1.3, "note": f"{opening:.3g} s, {where}"}
        yield {"name": "most memory of opening / size of the file", "value": peak, "aim": 2.1}
        assert model is not None
        model.let_go()
        model = None
        empty_cache(torch.device("cpu"))
        left = (process.memory_info().rss - before) / MIB
        yield {"name": "memory left after it was closed", "value": left, "unit": "MB", "aim": 64}


class _Peak:
    """Watch how much memory a process holds while something else goes on."""

    def __init__(self, process: Any) -> None:
        import threading

        self._over, self.most = threading.Event(), 0
        self._thread = threading.Thread(target=self._look, args=(process,))
        self._thread.start()

    def stop(self) -> int:
        self._over.set()
        self._thread.join()
        return self.most

    def _look(self, process: Any) -> None:
        while not self._over.wait(0.002):
            self.most = max(self.most, process.memory_info().rss)


def _write_large(path: Path, megabytes: int) -> None:
    """Write a model of the studio's own kind with random weights, of about a size."""
    width = 32 * max(1, round(4 * (megabytes * 1e6 / 4 / 62e6) ** 0.5))
    _write(path, model_channels=width)


def _small(folder: Path) -> Path:
    path = folder / "small.safetensors"
    _write(path, model_channels=16)
    return path


def _write(path: Path, **options: Any) -> None:
    from safetensors.torch import save_file

    from studio.models.header import Header
    from studio.models.networks.preconditioned import Preconditioned
    from studio.models.networks.song_unet import SongUNet

    kwargs = {"img_resolution": 32, "in_channels": 3, "out_channels": 3, **options}
    config = {"network": "SongUNet", "preconditioning": "EDM", "kwargs": kwargs}
    header = Header.model_validate({**config, "sigma_data": 0.5, "image": (3, 32, 32)})
    network = Preconditioned(SongUNet(**kwargs), 0.5)
    save_file(network.state_dict(), path, metadata=header.metadata())


def _forget(path: Path) -> str:
    """Let the system forget what it holds of a file, where it can; return what is read then."""
    if not hasattr(os, "posix_fadvise"):
        return "from memory"
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return "from the disk"


def _read(path: Path) -> None:
    """Read a file from its beginning to its end, as `cat` would."""
    buffer = bytearray(8 * MIB)
    with path.open("rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


if __name__ == "__main__":
    for figure in _large(int(sys.argv[1])):
        print(json.dumps(figure), flush=True)
