"""Convolution of a picture that goes on at its other side, by Fourier transforms."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from studio.diffusion.inverse.factor import NOTHING
from studio.diffusion.inverse.hartley import fourier, hartley, real_inverse
from studio.diffusion.inverse.kernels import fitting
from studio.diffusion.inverse.operator import SpectralOperator
from studio.diffusion.inverse.svd import Svd

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from numpy.typing import NDArray
    from torch import Tensor


class _CirculantSvd(Svd):
    """Stand for H = Q |H|: |H| is diagonal in Hartley's basis, and Q turns phases."""

    def __init__(self, spectrum: NDArray[np.complex128], shape: Sequence[int]) -> None:
        super().__init__()
        self._spectrum = spectrum
        self._shape = tuple(shape)
        self._phases: dict[tuple[torch.dtype, torch.device], Tensor] = {}

    @cached_property
    def singulars(self) -> Tensor:
        import torch

        size = torch.from_numpy(np.abs(self._spectrum))
        return size.expand(self._shape).flatten()

    def vt(self, x: Tensor) -> Tensor:
        return hartley(x).flatten(1)

    def v(self, spectral: Tensor) -> Tensor:
        return hartley(spectral.reshape(-1, *self._shape))

    def ut(self, y: Tensor) -> Tensor:
        turned = fourier(y) * self._phase(y).conj()
        return (turned.real - turned.imag).flatten(1)

    def u(self, spectral: Tensor) -> Tensor:
        return real_inverse(fourier(self.v(spectral)) * self._phase(spectral))

    def _phase(self, x: Tensor) -> Tensor:
        """Return the phase of each frequency, and 0 where its singular value is 0: (H, W)."""
        import torch

        key = (x.dtype, x.device)
        if key not in self._phases:
            size = np.abs(self._spectrum)
            phase = np.divide(
                self._spectrum, size, where=size > 0, out=np.zeros_like(self._spectrum)
            )
            kind = torch.complex64 if x.dtype == torch.float32 else torch.complex128
            self._phases[key] = torch.from_numpy(phase).to(dtype=kind, device=x.device)
        return self._phases[key]


class Circulant(SpectralOperator):
    """Convolve every channel with a kernel: (h, w), around the edges of the picture.

    The centre of the kernel is at (h // 2, w // 2). Frequencies that keep less than `cutoff` of the
    strongest count as lost. It costs two Fourier transforms.

    Raises:
        ValueError: the kernel is larger than the picture.
    """

    def __init__(
        self, shape: Sequence[int], kernel: NDArray[np.float64], cutoff: float = 0.0
    ) -> None:
        super().__init__(shape, shape)
        fitting(kernel, *self.shape[1:])
        self._kernel, self._cutoff = kernel, cutoff

    @cached_property
    def svd(self) -> Svd:
        """Return the decomposition in Hartley's basis."""
        return _CirculantSvd(self._spectrum(), self.shape)

    def _spectrum(self) -> NDArray[np.complex128]:
        """Return what each frequency is multiplied with: (H, W), even in size, odd in phase."""
        rows, columns = self._kernel.shape
        whole = np.zeros(self.shape[1:])
        whole[:rows, :columns] = self._kernel
        spectrum = np.fft.fft2(np.roll(whole, (-(rows // 2), -(columns // 2)), (0, 1)))
        mirrored = np.roll(spectrum[::-1, ::-1], (1, 1), (0, 1)).conj()
        spectrum = (spectrum + mirrored) / 2  # conjugate symmetric to the last bit
        size = np.abs(spectrum)
        lost = size <= max(self._cutoff, NOTHING) * size.max()
        return np.where(lost, 0, spectrum)
