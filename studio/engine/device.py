"""What the devices of this machine are, and how to treat them."""

import contextlib
import ctypes
import os
import sys
import threading
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    import torch

    from studio.models import ModelInfo

NICENESS = 5


def available_devices() -> tuple[tuple[str, str], ...]:
    """Return (id, name) of every device that torch can use here, the fastest kind first."""
    import torch

    found = [(f"cuda:{i}", torch.cuda.get_device_name(i)) for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append(("mps", "Apple GPU"))
    if torch.xpu.is_available():
        found += [
            (f"xpu:{i}", torch.xpu.get_device_name(i)) for i in range(torch.xpu.device_count())
        ]
    return (*found, ("cpu", "CPU"))


def memory(device: str) -> tuple[int, int]:
    """Return (used, total) bytes: of the device, or of this process where it is the CPU."""
    if device.startswith("cuda"):
        import torch

        free, total = torch.cuda.mem_get_info(device)
        return total - free, total
    return psutil.Process().memory_info().rss, psutil.virtual_memory().total


def release_memory(device: "torch.device") -> None:
    """Give cached blocks back to the device after memory ran out."""
    import gc

    gc.collect()
    empty_cache(device)


def empty_cache(device: "torch.device") -> None:
    """Give the blocks back to the device that torch, or the C library on a CPU, keeps for later."""
    import torch

    if device.type == "cpu":
        trim()
    for name in ("cuda", "mps", "xpu"):
        if device.type == name:
            getattr(torch, name).empty_cache()


def trim() -> None:
    """Let glibc give back what is free among what is not; others do so by themselves."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def set_threads(threads: int | None = None) -> None:
    """Set how many threads torch uses: up to four cores all, of more all but one."""
    import torch

    own = cores()
    torch.set_num_threads(threads or (own if own <= 4 else own - 1))


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads_for(info: "ModelInfo", threads: int | None = None) -> int | None:
    """Return how many threads a model is best run with: points are so small that they take one."""
    return 1 if info.planar else threads


def give_way() -> None:
    """Let the window's thread go before this one where the system allows it.

    The threads that torch starts from here inherit the niceness, so that a busy sampler does not
    make the window stutter.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
