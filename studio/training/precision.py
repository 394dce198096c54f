"""What a device computes best in, and how large losses are made for float16."""

import torch
from torch import Tensor

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_FIRST, _LOWEST, _HIGHEST = 2.0**16, 1.0, 2.0**24
_PATIENCE = 1000


def choose_precision(wish: str, device: torch.device) -> torch.dtype:
    """Return what the network computes in; "auto" is bfloat16 where it is fast, else float32."""
    if wish != "auto":
        return _DTYPES[wish]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if device.type == "cpu" and _has_bf16() else torch.float32


class LossScale:
    """Scale losses so that small gradients are not lost in float16; elsewhere the scale is 1.

    It halves at every gradient that is not finite and doubles after 1,000 that are, as torch's
    GradScaler does; all of it on the device, where nothing waits for it.
    """

    def __init__(self, dtype: torch.dtype, device: torch.device) -> None:
        self._moves = dtype == torch.float16
        self.state = torch.tensor([_FIRST if self._moves else 1.0, 0.0], device=device)

    def scaled(self, loss: Tensor) -> Tensor:
        """Return the loss to take gradients of."""
        return loss * self.state[0] if self._moves else loss

    @property
    def factor(self) -> Tensor:
        """Return what the gradients have to be divided by: a scalar on the device."""
        return self.state[0]

    def update(self, bad: Tensor) -> None:
        """Learn whether the gradients were bad: 1, or good: 0."""
        if not self._moves:
            return
        scale, good = self.state.unbind()
        good = torch.where(bad > 0, 0.0, good + 1)
        grown = torch.where(good >= _PATIENCE, scale * 2, scale)
        self.state[0] = torch.where(bad > 0, scale / 2, grown).clamp(_LOWEST, _HIGHEST)
        self.state[1] = torch.where(good >= _PATIENCE, 0.0, good)


def _has_bf16() -> bool:
    """Tell whether the CPU has instructions for bfloat16; without, it is slower than float32."""
    return bool(torch.cpu._is_avx512_bf16_supported())
