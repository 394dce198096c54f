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
_CPU = torch.device("cpu")


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


def choose_dtype(wish: "str | torch.dtype" = "auto", device: torch.device = _CPU) -> torch.dtype:
    """Return the data type that `wish` names; "auto" is what the device is quick and safe in.

    That is bfloat16 where a GPU computes in it, float16 on those of NVIDIA that do not, else
    float32: on a CPU bfloat16 is quicker only where the processor has instructions for it
    (`quick_in_bfloat16`), and is left to the person.

    Raises:
        ModelError: a network cannot run in this data type.
    """
    if wish == "auto":
        return _auto_dtype(device)
    name = str(wish).removeprefix("torch.")
    if name not in _DTYPES:
        raise ModelError(
            f"A model cannot run in “{name}”; choose one of: auto, {', '.join(_DTYPES)}."
        )
    return _DTYPES[name]


def quick_in_bfloat16() -> bool:
    """Tell whether this processor multiplies matrices of bfloat16 itself (AVX512-BF16 or AMX)."""
    ask = getattr(torch.cpu, "get_capabilities", None)  # not in every torch that is allowed
    can = ask() if ask else {}
    return bool(can.get("avx512_bf16") or can.get("amx_bf16"))


def _auto_dtype(device: torch.device) -> torch.dtype:
    if device.type == "cuda":
        able = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if able else torch.float16
    return torch.bfloat16 if device.type == "xpu" else torch.float32


def exact_dtype(device: torch.device) -> torch.dtype:
    """Return float64, or float32 where the device has no float64."""
    return state_dtype(device)


def _count(kind: str) -> int:
    counts = {"cuda": torch.cuda.device_count, "xpu": torch.xpu.device_count}
    return counts[kind]() if kind in counts else 1
