"""Which device and data type a model is loaded to."""

import torch

from studio.diffusion import state_dtype
from studio.models.errors import ModelError

_DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "float64": torch.float64,
}


def available() -> tuple[str, ...]:
    """Return the kinds of device that torch can use here, the fastest first."""
    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "xpu": torch.xpu.is_available(),
        "cpu": True,
    }
    return tuple(kind for kind, there in present.items() if there)


def choose_device(wish: "str | torch.device" = "auto") -> torch.device:
    """Return the device that `wish` names; "auto" is the first of cuda, mps, xpu, cpu that is here.

    Raises:
        ModelError: there is no such device on this machine.
    """
    kinds = available()
    if wish == "auto":
        return torch.device(kinds[0])
    try:
        device = torch.device(wish)
        present = device.type in kinds and (device.index or 0) < _count(device.type)
    except RuntimeError:
        present = False
    if not present:
        raise ModelError(
            f"There is no device “{wish}” on this machine; choose one of: auto, {', '.join(kinds)}."
        )
    return device


def choose_dtype(wish: "str | torch.dtype" = "auto") -> torch.dtype:
    """Return the data type that `wish` names; "auto" is float32.

    Raises:
        ModelError: a network cannot run in this data type.
    """
    if wish == "auto":
        return torch.float32
    name = str(wish).removeprefix("torch.")
    if name not in _DTYPES:
        raise ModelError(
            f"A model cannot run in “{name}”; choose one of: auto, {', '.join(_DTYPES)}."
        )
    return _DTYPES[name]


def exact_dtype(device: torch.device) -> torch.dtype:
    """Return float64, or float32 where the device has no float64."""
    return state_dtype(device)


def _count(kind: str) -> int:
    counts = {"cuda": torch.cuda.device_count, "xpu": torch.xpu.device_count}
    return counts[kind]() if kind in counts else 1
