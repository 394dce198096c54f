"""A singular value decomposition that is applied and never written down as matrices."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Svd(ABC):
    """Decompose a linear operator as H = U Σ Vᵀ, with V orthonormal and square.

    There are n = C·H·W spectral coordinates, in any order, those of the null space with a singular
    value of exactly 0. All four products keep the dtype and the device of what they are given.
    """

    def __init__(self) -> None:
        self._cast: dict[tuple[torch.dtype, torch.device], Tensor] = {}

    @property
    @abstractmethod
    def singulars(self) -> Tensor:
        """Return the singular values: (n,) float64 on the CPU, at least 0."""

    @abstractmethod
    def vt(self, x: Tensor) -> Tensor:
        """Return the spectral coordinates Vᵀx of pictures x: (B, C, H, W), shape (B, n)."""

    @abstractmethod
    def v(self, spectral: Tensor) -> Tensor:
        """Return the pictures V·spectral: (B, C, H, W), of coordinates (B, n)."""

    @abstractmethod
    def ut(self, y: Tensor) -> Tensor:
        """Return Uᵀy: (B, n), of measurements (B, *measured); 0 where the singular value is 0."""

    @abstractmethod
    def u(self, spectral: Tensor) -> Tensor:
        """Return U·spectral: (B, *measured); coordinates of singular value 0 do not count."""

    @cached_property
    def rank(self) -> int:
        """Return how many singular values are not 0."""
        return int((self.singulars > 0).sum())

    def like(self, x: Tensor) -> Tensor:
        """Return the singular values in the dtype and on the device of `x`: (n,)."""
        key = (x.dtype, x.device)
        if key not in self._cast:
            self._cast[key] = self.singulars.to(dtype=x.dtype, device=x.device)
        return self._cast[key]

    def divided(self, spectral: Tensor) -> Tensor:
        """Return spectral / s: (B, n), with 0 where the singular value is 0."""
        import torch

        s = self.like(spectral)
        return torch.where(s > 0, spectral / torch.where(s > 0, s, 1), 0)
