"""Random numbers that depend on a seed and the number of a sample, and on nothing else.

Neither the batch, nor the number of processes, nor where a run was taken up again changes them: a
number is the hash of its place (SplitMix64, Steele et al. 2014), computed for a batch at once.
"""

import math

import torch
from torch import Tensor

_GOLDEN = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB
_WORD = (1 << 64) - 1

ORDER, LEVEL, NOISE, AUGMENT, LABEL, MIRROR, HELD_OUT, DROPOUT, WEIGHTS = range(9)
"""What is drawn; each has numbers of its own."""


def key(seed: int, purpose: int, further: int = 0) -> int:
    """Return a 64-bit key, which as a number in [0, 2⁶⁴) is also good as a seed."""
    word = seed & _WORD
    for part in (purpose, further):
        word = _mixed_number((word + (part + 1) * _GOLDEN) & _WORD)
    return word


def bits(key: int, samples: Tensor, count: int) -> Tensor:
    """Return (B, count) int64 of random bits for samples: (B,) int64."""
    start = _mixed(samples * _signed(_GOLDEN) + _signed(key))
    places = torch.arange(1, count + 1, device=samples.device) * _signed(_GOLDEN)
    return _mixed(start[:, None] + places)


def uniform(key: int, samples: Tensor, count: int) -> Tensor:
    """Return (B, count) float64 in the open interval (0, 1)."""
    return (_shifted(bits(key, samples, count), 11).double() + 0.5) * 2.0**-53


def normal(key: int, samples: Tensor, count: int) -> Tensor:
    """Return (B, count) float32, normal (Box and Muller 1958)."""
    words = bits(key, samples, (count + 1) // 2)
    radius = ((_shifted(words, 32).float() + 0.5) * 2.0**-32).log().mul(-2).sqrt()
    angle = (words & 0xFFFFFFFF).float() * (2.0**-32 * 2 * math.pi)
    return torch.cat([radius * angle.cos(), radius * angle.sin()], dim=1)[:, :count]


def _mixed(words: Tensor) -> Tensor:
    words = (words ^ _shifted(words, 30)) * _signed(_FIRST)
    words = (words ^ _shifted(words, 27)) * _signed(_SECOND)
    return words ^ _shifted(words, 31)


def _shifted(words: Tensor, places: int) -> Tensor:
    """Shift right as if the words had no sign."""
    return (words >> places) & (_WORD >> places)


def _mixed_number(word: int) -> int:
    word = ((word ^ (word >> 30)) * _FIRST) & _WORD
    word = ((word ^ (word >> 27)) * _SECOND) & _WORD
    return word ^ (word >> 31)


def _signed(word: int) -> int:
    return word - (1 << 64) if word >> 63 else word
