"""A denoiser D(x; sigma): any callable, and the guard that stands before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from torch import Tensor

Cotangent: TypeAlias = "Callable[[Tensor, slice], Tensor]"
"""What is to be pulled back, of estimates and the rows of the batch that they belong to."""


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
        return self._checked(denoised, x, sigma)

    def pulled(self, x: Tensor, sigma: float, cotangent: Cotangent) -> tuple[Tensor, Tensor]:
        """Return D(x; sigma) and Jᵀ c, with J = dD/dx and c = cotangent(D, rows), like `x`.

        A denoiser with a method `pulled` of its own does both as it likes, such as in parts of the
        batch; others are differentiated. It counts as one evaluation.

        Raises:
            DenoiserError: as for a call.
        """
        own = getattr(self.function, "pulled", None)
        pulled = own(x, sigma, cotangent) if own else pull(self.function, x, sigma, cotangent)
        self.calls += 1
        return self._checked(pulled[0], x, sigma), pulled[1].to(x.dtype)

    def _checked(self, denoised: Tensor, x: Tensor, sigma: float) -> Tensor:
        got, wanted = _described(denoised), _described(x)
        if got != wanted:
            raise DenoiserError(
                f"The denoiser returned {got} in step {self.index + 1} (sigma {sigma:.6g}); "
                f"it must return {wanted}, the shape and device of its input."
            )
        return denoised.to(x.dtype)


def pull(function: Denoise, x: Tensor, sigma: float, cotangent: Cotangent) -> tuple[Tensor, Tensor]:
    """Return D(x; sigma) and Jᵀ c as `Evaluator.pulled` does, by automatic differentiation."""
    import torch

    with torch.inference_mode(False), torch.enable_grad():
        leaf = x.detach().clone().requires_grad_()
        denoised = function(leaf, sigma)
        plain = denoised.detach()
        with torch.no_grad():
            direction = cotangent(plain, slice(0, len(x))).to(plain).clone()
        if not denoised.requires_grad:  # it does not depend on x
            return plain, torch.zeros_like(x)
        # Not by `grad_outputs`: its first use imports a symbolic library for more than a second.
        (product,) = torch.autograd.grad((denoised * direction).sum(), leaf)
    return plain, product


def _described(result: object) -> str:
    import torch

    if not isinstance(result, torch.Tensor):
        return f"a {type(result).__name__}"
    return f"a tensor of shape {tuple(result.shape)} on {result.device}"
