"""A network compiled by torch, kept for the next time, and left as it is where that fails."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_map_only

from studio.memory import is_out_of_memory
from studio.models.running.choice import Running
from studio.preferences.places import cache_folder

_VARIABLE = "TORCHINDUCTOR_CACHE_DIR"  # where torch keeps what it compiled
_SIZES = 16  # of batches and pictures that are compiled before the others run as they are
Mode = str | None


class Compiled:
    """The forward of a network, compiled when it is first called.

    Calls that need gradients run as they are. A network that cannot be compiled runs as it is from
    then on, and `running.warn` hears why, once; `running.tell` hears how long compiling takes, of
    which `seconds` is the sum. On a GPU of NVIDIA the calls are recorded as CUDA graphs.
    """

    def __init__(self, plain: Callable[..., Any], device: torch.device, running: Running) -> None:
        self.plain = plain
        self.seconds = 0.0
        self.failed = False
        self._running = running
        self._graphs = mode_for(device) == "reduce-overhead"
        self._ready = False
        _prepare()
        self._quick: Callable[..., Any] = torch.compile(plain, mode=mode_for(device))

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Return what the network makes of its arguments."""
        if self.failed or torch.is_grad_enabled():
            return self.plain(*arguments, **named)
        try:
            return self._timed(*arguments, **named)
        except Exception as error:
            if is_out_of_memory(error):
                raise
            why = error
        return self._fallen_back(why, *arguments, **named)

    def _timed(self, *arguments: Any, **named: Any) -> Any:
        if self._graphs:
            torch.compiler.cudagraph_mark_step_begin()  # type: ignore[no-untyped-call]
        with _compile_time(self._say_so) as spent:
            result = self._quick(*arguments, **named)
        if spent:
            self.seconds += spent[0]
            self._ready = True
            self._running.tell(f"The network was compiled in {self.seconds:.1f} s")
        # The memory of a recorded graph is written to again by the next call.
        return tree_map_only(torch.Tensor, torch.clone, result) if self._graphs else result

    def _fallen_back(self, why: Exception, *arguments: Any, **named: Any) -> Any:
        if not self._ready and forget_compiled():  # a run that was killed can leave half a file
            self._ready = True
            return self(*arguments, **named)
        result = self.plain(*arguments, **named)  # where this fails, too, it was not the compiler
        self.failed = True
        self._running.warn(
            f"The network could not be compiled and runs as it is: {_first_line(why)}"
        )
        return result

    def _say_so(self) -> None:
        self._running.tell("Compiling the network…")


def compile_network(network: nn.Module, device: torch.device, running: Running) -> Compiled:
    """Let a network be compiled when it is first called, in place."""
    compiled = Compiled(network.forward, device, running)
    network.forward = compiled
    return compiled


def let_go(network: nn.Module) -> None:
    """Undo `compile_network` and forget what torch holds of it."""
    del network.forward
    torch.compiler.reset()


def mode_for(device: torch.device) -> Mode:
    """Return torch's mode of compiling: with CUDA graphs on a GPU of NVIDIA, and there only."""
    return "reduce-overhead" if device.type == "cuda" else None


def compiled_folder() -> Path:
    """Return the folder of what was compiled, which can be made anew."""
    return cache_folder() / "compiled"


def forget_compiled() -> bool:
    """Throw away what was compiled on this machine; return False if it is not the studio's own."""
    folder = compiled_folder()
    if os.environ.get(_VARIABLE) != str(folder) or not folder.is_dir():
        return False
    torch.compiler.reset()
    shutil.rmtree(folder, ignore_errors=True)
    return True


def _prepare() -> None:
    """Set what torch's compiler has to know, which it keeps for each thread."""
    import torch._dynamo.config as tracing
    import torch._inductor.config as making

    os.environ.setdefault(_VARIABLE, str(compiled_folder()))
    tracing.recompile_limit = _SIZES
    if not torch.cuda.is_available():
        # There is one file to compile at a time, so that a pool of processes would only be left.
        making.compile_threads = 1


@contextmanager
def _compile_time(begun: Callable[[], object]) -> Iterator[list[float]]:
    """Collect the seconds for which torch compiles in this thread, in a list of one or none."""
    watch = _watch()
    found: list[float] = []
    watch.mine, watch.begun = found, begun
    watch.began = 0.0
    try:
        yield found
    finally:
        watch.mine = watch.begun = None


class _Watch(threading.local):
    mine: list[float] | None = None
    begun: Callable[[], object] | None = None
    began = 0.0

    def start(self, _event: object) -> None:
        self.began = time.perf_counter()
        if self.mine is not None and self.begun is not None:
            self.begun()

    def end(self, _event: object) -> None:
        if self.mine is not None and self.began:
            self.mine[:] = [sum(self.mine) + time.perf_counter() - self.began]


@cache
def _watch() -> _Watch:
    from torch._dynamo.callback import on_compile_end, on_compile_start

    watch = _Watch()
    on_compile_start(watch.start)
    on_compile_end(watch.end)
    return watch


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]
