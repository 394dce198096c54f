"""A round trip: a picture encoded to noise, decoded again, and compared with itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.library.task import InputRef

Pixels = NDArray[np.uint8]
_SPREAD = 42.0  # grey levels that one standard deviation of noise takes: ±3 fill the range


@dataclass(frozen=True, slots=True, eq=False)
class Trip:
    """What encoding with one solver, schedule and class gave.

    `latent` is unit noise (C, H, W) float32 and `noise` where it is kept, `decoded` the picture
    (H, W, 3) uint8 that comes back, `psnr` in dB over 8 bits and `rms` in units of the data, which
    go from -1 to 1; `nfe` counts the evaluations of both ways. `solver` and `steps` say how,
    `label` the class, -1 for none.
    """

    solver: str
    steps: int
    label: int
    latent: NDArray[np.float32]
    noise: InputRef
    decoded: Pixels
    psnr: float
    rms: float
    nfe: int
    seconds: float

    @property
    def mean(self) -> float:
        """Return the mean of the noise: 0 where the model knows such pictures well."""
        return float(self.latent.mean())

    @property
    def spread(self) -> float:
        """Return the standard deviation of the noise: 1 where the model knows them well."""
        return float(self.latent.std())


def noise_pixels(latent: NDArray[np.float32]) -> Pixels:
    """Return latent: (C, H, W) as a picture (H, W, 3); more than three channels show the first."""
    shown = latent[:3] if latent.shape[0] >= 3 else np.repeat(latent[:1], 3, axis=0)
    grey = np.nan_to_num(127.5 + _SPREAD * shown).clip(0, 255)
    return np.ascontiguousarray(grey.transpose(1, 2, 0).round().astype(np.uint8))


def error_pixels(picture: Pixels, decoded: Pixels, gain: float) -> Pixels:
    """Return the difference of two pictures (H, W, 3) uint8 around grey, `gain` times as strong."""
    off = decoded.astype(np.float32) - picture
    return (127.5 + gain * off).clip(0, 255).round().astype(np.uint8)
