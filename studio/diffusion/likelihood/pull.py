"""The denoiser and its Jacobian, transposed, for pictures that are at levels of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from studio.diffusion.denoiser import Cotangent
from studio.diffusion.denoiser import pull as pull_back

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.denoiser import Denoise


class Pull(Protocol):
    """Evaluate D and pull a cotangent back through it: one evaluation, forward and backward."""

    def __call__(
        self, x: Tensor, sigma: Tensor, cotangent: Tensor | None, rows: Tensor, /
    ) -> tuple[Tensor, Tensor]:
        """Return D(x; σ) and Jᵀ cotangent, both (B, ...), with J = ∂D/∂x.

        x and cotangent: (B, ...), sigma: (B,), rows: (B,) int64, which of the batch these are.
        Without a cotangent nothing is pulled back, and the second is D itself.
        """


def pull_of(denoise: Denoise) -> Pull:
    """Return the pull of a plain denoiser(x, sigma: float), by autograd.

    Pictures at the same level are evaluated together.
    """

    def pull(
        x: Tensor, sigma: Tensor, cotangent: Tensor | None, _rows: Tensor
    ) -> tuple[Tensor, Tensor]:
        import torch

        if cotangent is None:
            denoised = torch.empty_like(x)
            for level in set(sigma.tolist()):
                at = sigma == level
                denoised[at] = denoise(x[at], level).to(x)
            return denoised, denoised
        denoised, pulled = torch.empty_like(x), torch.empty_like(x)
        for level in set(sigma.tolist()):
            at = sigma == level
            found, back = pull_back(denoise, x[at], level, _always(cotangent[at]))
            denoised[at], pulled[at] = found.to(x), back.to(x)
        return denoised, pulled

    return pull


def _always(values: Tensor) -> Cotangent:
    """Return what pulls the same values back, whatever the estimate."""
    return lambda _denoised, _rows: values
