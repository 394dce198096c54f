"""A measurement: what is known of a picture that is to be restored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studio.diffusion.inverse.metrics import psnr, ssim
from studio.diffusion.knob import Knob

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.inverse.operator import Operator

SIGMA0 = Knob(
    "sigma0",
    "Noise σ₀",
    0.0,
    low=0.0,
    high=10.0,
    soft=(0.0, 0.5),
    step=0.01,
    help="Standard deviation of the noise on the measurement; pictures reach from −1 to 1.",
    formula="y = H(x) + σ₀ n,  n ~ N(0, I)",
    source="Kawar et al. 2022 (DDRM), eq. 1",
    group="Measurement",
)
"""The noise of a measurement. An 8-bit picture has 1/255 · 2/√12 = 0.0023 of it by rounding."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Measurement:
    """Hold y = H(x) + σ₀ n: what was measured, with what, and how exactly.

    y: (1 or B, *operator.measured), one for all pictures of a run or one for each. sigma0: the
    standard deviation of the noise, in the units of data in [-1, 1]. original: (1 or B, C, H, W),
    the picture itself where it is known, to compare with. watched: every step is measured for
    those who look on.

    Raises:
        KnobError: sigma0 is negative, infinite or NaN.
        ValueError: y or the original is of another shape than the operator's, or not finite.
    """

    operator: Operator
    y: Tensor
    sigma0: float = 0.0
    original: Tensor | None = None
    watched: bool = True

    def __post_init__(self) -> None:
        SIGMA0.check(self.sigma0)
        _check("The measurement", self.y, self.operator.measured)
        if self.original is not None:
            _check("The original", self.original, tuple(self.original.shape[1:]))

    def like(self, x: Tensor) -> Measurement:
        """Return the same measurement in the dtype and on the device of `x`."""
        original = None if self.original is None else self.original.to(x)
        return replace(self, y=self.y.to(x), original=original)

    def residual(self, denoised: Tensor) -> Tensor:
        """Return y − H(x̂₀) for estimates x̂₀: (B, C, H, W), shape (B, *measured)."""
        return self.y.to(denoised) - self.operator.apply(denoised)

    def measures(self, denoised: Tensor) -> dict[str, Tensor]:
        """Return what each estimate of `denoised`: (B, C, H, W) is worth, as tensors (B,).

        `residual` is the root mean square of y − H(x̂₀) over what was measured; with an original
        there are also `psnr` in decibels and `ssim`, of the estimate cut to [-1, 1].
        """
        found = {"residual": self._size(self.residual(denoised))}
        if self.original is not None:
            seen = self.operator.shown(denoised).clamp(-1, 1)
            original = self.original.to(seen)
            found |= {"psnr": psnr(seen, original), "ssim": ssim(seen, original)}
        return found

    def _size(self, residual: Tensor) -> Tensor:
        squares = residual.square().flatten(1)
        counted = self.operator.counted()
        if counted is None:
            return squares.mean(1).sqrt()
        weights = counted.to(squares).flatten()
        return (squares @ weights / weights.sum()).sqrt()


def measure(operator: Operator, x: Tensor, sigma0: float = 0.0, seed: int = 0) -> Tensor:
    """Return y = H(x) + σ₀ n of pictures x: (B, C, H, W), shape (B, *operator.measured).

    The noise is drawn in float32 by torch's CPU generator of that seed, one picture after another.

    Raises:
        KnobError: sigma0 is negative, infinite or NaN.
        ValueError: the pictures are of another shape than the operator's, or not finite.
    """
    import torch

    SIGMA0.check(sigma0)
    _check("The picture", x, operator.shape)
    y = operator.apply(x)
    if sigma0 == 0:
        return y
    source = torch.Generator().manual_seed(seed)
    rows = [torch.randn(operator.measured, generator=source) for _ in range(len(y))]
    noise = torch.stack(rows).to(y)
    counted = operator.counted()
    return y + sigma0 * (noise if counted is None else noise * counted.to(y))


def _check(what: str, values: Tensor, shape: tuple[int, ...]) -> None:
    if values.ndim != len(shape) + 1 or tuple(values.shape[1:]) != shape or not len(values):
        wanted = " x ".join(str(size) for size in shape)
        raise ValueError(f"{what} has shape {tuple(values.shape)}; give one or more of {wanted}.")
    if not values.isfinite().all():
        raise ValueError(f"{what} holds NaN or infinity; give finite values.")
