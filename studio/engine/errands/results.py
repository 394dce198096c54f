"""What errands find."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.library.task import InputRef

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """A picture as noise, and the picture that is made of that noise again.

    `latent`: (C, H, W) float32, unit noise: a run that starts from it makes the picture. `noise`
    names the file in which it is kept. `original` and `decoded`: (H, W, 3). `rms` is how far the
    round trip ends from where it began, in data units, where pictures go from -1 to 1; `psnr` is
    that of the bytes in dB (infinite where they are the same). `mean` and `std` are those of the
    latent: 0 and about 1 where it looks like noise.
    """

    index: int
    name: str
    latent: NDArray[np.float32]
    noise: InputRef
    original: Bytes | None
    decoded: Bytes | None
    psnr: float | None
    rms: float
    mean: float
    std: float
    nfe: int
    seconds: float
    remark: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class ClassMean:
    """The mean latent, (C, H, W) float32, of the `count` pictures of a class; `noise` keeps it."""

    label: int
    name: str
    latent: NDArray[np.float32]
    noise: InputRef
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture, (H, W, 3), on the way between latents: `amount` is where on it."""

    index: int
    amount: float
    pixels: Bytes
    latent: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TermFound:
    """A term of the bound: its kind, its level and how many bits per dimension it has."""

    kind: str
    sigma: float
    bits: float


@dataclass(frozen=True, slots=True)
class Measured:
    """How likely the model thinks a picture to be.

    `bits` per dimension, the mean of `repeats`; `error` is its standard error, None of one repeat.
    `nats` is -ln p of the whole, of the density without the width of bins. `unit` says what
    `bits` are. `bound` and `terms` are those of the variational bound, None and nothing where it
    was not asked for; `truth` is what `bits` should be, where the density is known.
    """

    index: int
    name: str
    bits: float
    error: float | None
    nats: float
    dims: int
    repeats: tuple[float, ...]
    unit: str
    nfe: int
    seconds: float
    bound: float | None = None
    bound_error: float | None = None
    terms: tuple[TermFound, ...] = ()
    truth: float | None = None
    remark: str = ""
