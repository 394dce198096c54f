"""Masked Fourier measurements, as of a magnetic resonance scanner."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from studio.diffusion.inverse.frequencies import PATTERNS
from studio.diffusion.inverse.hartley import fourier, hartley, real_inverse
from studio.diffusion.inverse.operator import SpectralOperator
from studio.diffusion.inverse.operator_spec import OperatorSpec
from studio.diffusion.inverse.svd import Svd
from studio.diffusion.knob import Knob

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


class _FourierSvd(Svd):
    """Stand for H = M F with V = Hartley's basis.

    HᵀH = Re(F* M F) is a convolution whose spectrum is that of the mask made even, (m(k) +
    m(−k)) / 2, so Hartley's basis diagonalises it. Then U = H V Σ⁺.
    """

    def __init__(self, sampled: Tensor, shape: Sequence[int]) -> None:
        super().__init__()
        self._sampled = sampled
        self._shape = tuple(shape)

    @cached_property
    def singulars(self) -> Tensor:
        mirrored = self._sampled.flip((0, 1)).roll((1, 1), (0, 1))
        return ((self._sampled + mirrored) / 2).sqrt().expand(self._shape).flatten()

    def vt(self, x: Tensor) -> Tensor:
        return hartley(x).flatten(1)

    def v(self, spectral: Tensor) -> Tensor:
        return hartley(spectral.reshape(-1, *self._shape))

    def ut(self, y: Tensor) -> Tensor:
        return self.divided(self.vt(back(y, self._sampled)))

    def u(self, spectral: Tensor) -> Tensor:
        return forth(self.v(self.divided(spectral)), self._sampled)


def forth(x: Tensor, sampled: Tensor) -> Tensor:
    """Return the sampled frequencies of x: (B, C, H, W), centred: (B, C, 2, H, W)."""
    import torch

    spectrum = torch.fft.fftshift(fourier(x) * sampled.to(x), (-2, -1))
    return torch.stack([spectrum.real, spectrum.imag], 2)


def back(y: Tensor, sampled: Tensor) -> Tensor:
    """Return the adjoint of `forth`: (B, C, H, W)."""
    import torch

    spectrum = torch.fft.ifftshift(torch.complex(y[:, :, 0], y[:, :, 1]), (-2, -1))
    return real_inverse(spectrum * sampled.to(y))


class MaskedFourier(SpectralOperator):
    """Measure those frequencies of every channel that are `sampled`: (H, W), the lowest in front.

    y: (B, C, 2, H, W), real and imaginary parts of the orthonormal transform with the lowest
    frequency in the middle, and 0 where nothing is sampled.
    """

    def __init__(self, shape: Sequence[int], sampled: NDArray[np.bool_]) -> None:
        import torch

        channels, height, width = shape
        super().__init__(shape, (channels, 2, height, width))
        self._sampled = torch.from_numpy(sampled).to(torch.float64)

    @cached_property
    def svd(self) -> Svd:
        """Return the decomposition in Hartley's basis."""
        return _FourierSvd(self._sampled, self.shape)

    def apply(self, x: Tensor) -> Tensor:
        """Return M F x."""
        return forth(x, self._sampled)

    def adjoint(self, y: Tensor) -> Tensor:
        """Return Re(F* M y)."""
        return back(y, self._sampled)

    @cached_property
    def _counted(self) -> Tensor:
        import torch

        mirrored_at = [(-torch.arange(size)) % size for size in self.shape[1:]]
        own = [at == torch.arange(len(at)) for at in mirrored_at]
        imaginary = self._sampled * ~(own[0][:, None] & own[1])
        both = torch.fft.fftshift(torch.stack([self._sampled, imaginary]), (-2, -1))
        counted: Tensor = both.expand(self.measured)
        return counted

    def counted(self) -> Tensor:
        """Return 1 where something is sampled that is not always 0: (C, 2, H, W)."""
        return self._counted

    def picture(self, y: Tensor) -> Tensor:
        """Return the size of each frequency, by its logarithm: (B, C, H, W) in [-1, 1]."""
        size = (y.square().sum(2) + 1e-12).log()
        low, high = -6.0, size.amax((1, 2, 3), keepdim=True).clamp_min(-5.0)
        return ((size - low) / (high - low)).clamp(0, 1) * 2 - 1


def _make(
    shape: Sequence[int],
    *,
    pattern: str,
    share: float,
    centre: float,
    seed: int,
    mask: object = None,
    kernel: object = None,
) -> MaskedFourier:
    import numpy as np

    _, height, width = shape
    sampled = PATTERNS[pattern](height, width, share, centre, seed)
    return MaskedFourier(shape, np.fft.ifftshift(sampled))


def _zero_filled(operator: MaskedFourier, y: Tensor) -> Tensor:
    return operator.pinv(y)


SPECS = (
    OperatorSpec(
        id="fourier",
        label="Masked Fourier (MRI)",
        family="Scanners",
        source="Song et al. 2022 (medical inverse problems); Lustig et al. 2007",
        help="Finds the picture from a part of its frequencies, as a fast MRI scan gives them.",
        formula="y = M F x,  F the orthonormal Fourier transform",
        guide=(
            "A magnetic resonance scanner measures frequencies one after another; a fast scan "
            "leaves most of them out. The model fills them in, which takes away the ghosts and the "
            "blur of the plain inverse.\n\n"
            "Each channel is a real picture that is scanned by itself, so a frequency and its "
            "mirror image tell the same. σ₀ is the noise of each real and imaginary part; the "
            "transform is orthonormal, so it is as large in the picture."
        ),
        make=_make,
        trivial="zero-filled",
        baseline=_zero_filled,
        knobs=(
            Knob(
                "pattern", "Pattern", "cartesian",
                choices=(("cartesian", "Lines"), ("random", "Random"), ("radial", "Spokes")),
                help="Which frequencies are measured: whole lines, single ones that become rarer "
                "the higher they are, or spokes through the middle.",
                formula="M = diag(m),  m = 1 where measured",
                source="Lustig et al. 2007; Song et al. 2022",
            ),
            Knob(
                "share", "Share", 0.3, low=0.01, high=1.0, soft=(0.05, 0.75), step=0.05,
                help="How much of the spectrum is measured.",
                formula="Σ m / (H W) ≈ share", source="Song et al. 2022: 1/8 to 1/4",
            ),
            Knob(
                "centre", "Centre", 0.1, low=0.0, high=1.0, soft=(0.0, 0.4), step=0.02,
                help="How much of the middle is always measured: a share of the lines, or of the "
                "highest frequency as a radius.",
                formula="m = 1 for |k| ≤ centre · k_max", source="Lustig et al. 2007",
            ),
            Knob(
                "seed", "Pattern seed", 0, low=0, high=2**31 - 1, soft=(0, 100), step=1,
                help="Chooses among patterns of the same kind; spokes are turned by it.",
                formula="m = m(pattern, share, centre, seed)", source="PCG64 of NumPy",
            ),
        ),
    ),
)  # fmt: skip
