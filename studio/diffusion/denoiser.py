"""A denoiser D(x; sigma): any callable, and the guard that stands before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor


class Denoise(Protocol):
    """Estimate the clean pictures in x: (B, ...), which are data plus noise of std sigma."""

    def __call__(self, x: Tensor, sigma: float, /) -> Tensor:
        """Return the estimate, in the shape of `x`."""


class DenoiserError(RuntimeError):
    """Says in which step, counted from 1, a denoiser returned something of no use."""


@dataclass(slots=True)
class Evaluator:
    """Call a denoiser during step `index`, check what it returns and count on from `calls`."""

    function: Denoise
    index: int
    calls: int

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        """Return D(x; sigma) in the dtype of `x`.

        Raises:
            DenoiserError: the result is not a tensor of the shape and on the device of `x`.
        """
        denoised = self.function(x, sigma)
        self.calls += 1
        got, wanted = _described(denoised), _described(x)
        if got != wanted:
            raise DenoiserError(
                f"The denoiser returned {got} in step {self.index + 1} (sigma {sigma:.6g}); "
                f"it must return {wanted}, the shape and device of its input."
            )
        return denoised.to(x.dtype)


def _described(result: object) -> str:
    import torch

    if not isinstance(result, torch.Tensor):
        return f"a {type(result).__name__}"
    return f"a tensor of shape {tuple(result.shape)} on {result.device}"
