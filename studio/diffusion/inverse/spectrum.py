"""A measurement in the coordinates in which its operator only scales.

With H = U S Vᵀ, x̄ = Vᵀ x and ȳ = Uᵀ y, the measurement says of each coordinate that has a singular
value s > 0 that x̄ is ȳ / s, but for noise of std σ₀ / s, and of all others nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.inverse.measurement import Measurement
    from studio.diffusion.inverse.svd import Svd

_NULL = 1e-4  # of the largest: a value below it tells nothing, and would amplify rounding


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Hold what is measured of each coordinate.

    `target`: (1 or B, n), ȳ / s, and 0 where nothing is measured; `error`: (n,), its standard
    deviation σ₀ / s, infinite where nothing is measured.
    """

    svd: Svd
    target: Tensor
    error: Tensor

    def within(self, sigma: float) -> Tensor:
        """Tell of each coordinate whether it is measured better than noise of `sigma`: (n,)."""
        return self.error <= sigma

    def excess(self, sigma: float, share: float = 1.0) -> Tensor:
        """Return the std of the noise that is missing up to `sigma`: (n,), 0 where there is more.

        share: the part of the error of the measurement that the state has already.
        """
        return (sigma**2 - (share * self.error).square()).clamp_min(0).sqrt()


def spectrum(given: Measurement, like: Tensor) -> Spectrum:
    """Return the spectrum of a measurement whose operator has singular values.

    like: (B, C, H, W), whose dtype and device it takes.
    """
    svd = given.operator.svd
    assert svd is not None
    singulars = svd.singulars.to(like)
    seen = singulars > _NULL * singulars.max()
    inverse = seen / singulars.where(seen, singulars.new_ones(()))
    error = (given.sigma0 * inverse).where(seen, singulars.new_full((), float("inf")))
    return Spectrum(svd, svd.ut(given.y.to(like)) * inverse, error)


def spectral_start(given: Measurement, noise: Tensor, sigma: float) -> Tensor:
    """Return a state of level `sigma` that agrees with the measurement: (B, C, H, W).

    Kawar et al. 2022 (DDRM), Eq. 7. noise: (B, C, H, W), unit noise.
    """
    known = spectrum(given, noise)
    z = known.svd.vt(noise)
    agreed = known.target + z * known.excess(sigma)
    return known.svd.v(agreed.where(known.within(sigma), z * sigma))


def without_svd(given: Measurement) -> str:
    """Say why a spectral method cannot serve a measurement, or nothing."""
    if given.operator.svd is not None:
        return ""
    return (
        "It works in the singular values of the operator, and this one has none that can be "
        "computed; choose DPS, or where the operator is linear DiffPIR or ΠGDM."
    )
