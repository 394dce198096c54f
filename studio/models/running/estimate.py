"""How much memory a model will need, told before its weights are read."""

import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from studio.models.info import ModelInfo

BYTES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}
Verdict = Literal["fits", "in parts", "too large", "unknown"]
_STORED = 4  # bytes that a parameter takes in a file whose parameters nobody counted
_SLACK = 1.1  # for what the allocator cannot use


@dataclass(frozen=True, slots=True)
class Estimate:
    """Hold about how many bytes a model needs on a device, and how many are free there.

    `weights` is for its networks, `work` for the evaluation of one picture of its own size. `free`
    is None where the device has not been asked yet.
    """

    device: str
    weights: int
    work: int
    free: int | None = None

    @property
    def need(self) -> int:
        """Return the bytes for one picture, weights included."""
        return int(_SLACK * (self.weights + self.work))

    @property
    def verdict(self) -> Verdict:
        """Say whether it fits: whole, with only what is at work on the device, or not at all."""
        if self.free is None:
            return "unknown"
        if self.need <= self.free:
            return "fits"
        parts = self.device != "cpu" and _SLACK * self.work <= self.free
        return "in parts" if parts else "too large"

    @property
    def text(self) -> str:
        """Say it in a line."""
        need = f"needs about {size(self.need)}"
        if self.free is None:
            return need
        said = {
            "fits": f"of {size(self.free)} that are free",
            "in parts": f"but {size(self.free)} are free: it runs in parts, which is slower",
            "too large": f"but only {size(self.free)} are free",
        }
        joint = " " if self.verdict == "fits" else ", "
        return need + joint + said[self.verdict]


def fits(
    info: ModelInfo, device: str = "auto", dtype: str = "auto", free: int | None = None
) -> Estimate:
    """Return how much memory a model needs on a device, computing in a type of number.

    Torch is not imported. free: the bytes that are free there, None to find out as far as that is
    known without waiting.
    """
    known = _resolved(device)
    each = _bytes_each(known, dtype)
    weights = info.images * math.prod(info.shape)
    if not info.images:
        weights = each * (info.parameters or info.size // _STORED)
    work = work_of(weights // each, each, info.shape[1] * info.shape[2])
    return Estimate(known, weights, work, free_bytes(known) if free is None else free)


def work_of(parameters: int, each: int, pixels: int) -> int:
    """Return about how many bytes a network needs for the evaluation of one picture.

    They grow with its pixels and with the root of the number of parameters: for seven convolutional
    networks of 6 million to 2.6 billion parameters that was right to a factor of three.
    """
    return int(each * math.sqrt(parameters) * pixels)


def free_bytes(device: str) -> int | None:
    """Return the bytes that are free on a device, None if torch has not been loaded to say so."""
    torch = sys.modules.get("torch")
    if device == "cpu":
        return int(psutil.virtual_memory().available)
    if torch is None or not device.startswith("cuda"):
        return None
    free, _ = torch.cuda.mem_get_info(device)
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(free + kept)


def bytes_at(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def size(count: float) -> str:
    """Return a number of bytes in MB or GB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, count / 1e6):.0f} MB"


def _resolved(device: str) -> str:
    """Return the device that is meant, "auto" where that is not known yet."""
    if device != "auto" or "torch" not in sys.modules:
        return device
    from studio.models.devices import available

    return available()[0]


def _bytes_each(device: str, dtype: str) -> int:
    if dtype in BYTES:
        return BYTES[dtype]
    return 4 if device in ("cpu", "auto") or device.startswith("mps") else 2
