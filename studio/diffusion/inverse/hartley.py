"""The Hartley transform: Fourier's in real numbers, orthonormal and its own inverse."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def fourier(x: Tensor) -> Tensor:
    """Return the orthonormal transform of pictures x: (..., H, W), complex."""
    import torch

    spectrum: Tensor = torch.fft.fft2(x, norm="ortho")
    return spectrum


def real_inverse(spectrum: Tensor) -> Tensor:
    """Return the real part of the inverse of `fourier`: (..., H, W)."""
    import torch

    x: Tensor = torch.fft.ifft2(spectrum, norm="ortho").real
    return x


def hartley(x: Tensor) -> Tensor:
    """Return Σ x cas(2π(uj/H + vk/W)) / √(HW), cas = cos + sin, of x: (..., H, W) (Hartley 1942).

    It diagonalises every convolution whose spectrum is real and even.
    """
    spectrum = fourier(x)
    return spectrum.real - spectrum.imag
