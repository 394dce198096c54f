"""Noise: one source per seed, so that a picture depends neither on its batch nor on the device."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Protocol

import numpy as np

from studio.diffusion.knob import KnobError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from torch import Generator, Tensor


class Noise(Protocol):
    """Draw unit noise in the shape of the state, for a move between two noise levels.

    A source may have a method `at(step)` as well: it is told the index of each step beforehand.
    """

    def __call__(self, sigma_from: float, sigma_to: float, /) -> Tensor:
        """Return the noise: (B, ...)."""


def initial_noise(seeds: Sequence[int], shape: Sequence[int]) -> Tensor:
    """Return the unit noise that a run starts from, (B, *shape), float32 on the CPU.

    Each row is torch's for that seed, as in the reference implementation of EDM on a CPU.

    Raises:
        KnobError: a seed is negative or there is none.
    """
    import torch

    return torch.stack([torch.randn(tuple(shape), generator=g) for g in _streams(seeds)])


def random_labels(seeds: Sequence[int], shape: Sequence[int], num_classes: int) -> Tensor:
    """Return the class, (B,) int64, that the reference draws for each seed after its latents.

    Raises:
        KnobError: a seed is negative or there is none.
    """
    import torch

    labels = []
    for stream in _streams(seeds):
        torch.randn(tuple(shape), generator=stream)
        labels.append(torch.randint(num_classes, (), generator=stream))
    return torch.stack(labels)


class _Seeded:
    """Hold what a source of noise is made from."""

    def __init__(
        self,
        seeds: Sequence[int],
        shape: Sequence[int],
        device: torch.device | str = "cpu",
        dtype: torch.dtype | None = None,
    ) -> None:
        self._seeds = _reduced(seeds)
        self._shape = tuple(shape)
        self._device, self._dtype = device, dtype

    def _placed(self, rows: Tensor) -> Tensor:
        return rows.to(dtype=self._dtype).to(device=self._device)


class KeyedNoise(_Seeded):
    """Draw the noise of each step from its seed, the step and the number of the draw alone.

    A run can be taken up at any step without the state of a generator. Draws are float32 on the
    CPU; `device` and `dtype` are those of the result, `shape` that of one picture.

    Raises:
        KnobError: a seed is negative or there is none.
    """

    _step = _draw = 0

    def at(self, step: int) -> None:
        """Go to the first draw of a step."""
        self._step, self._draw = step, 0

    def __call__(self, sigma_from: float, sigma_to: float, /) -> Tensor:
        """Return the next draw of the step: (B, *shape)."""
        import torch

        rows = np.empty((len(self._seeds), *self._shape), np.float32)
        for i, seed in enumerate(self._seeds):
            key = np.random.SeedSequence((seed, self._step, self._draw))
            source = np.random.Generator(np.random.PCG64(key))
            rows[i] = source.standard_normal(self._shape, np.float32)
        self._draw += 1
        return self._placed(torch.from_numpy(rows))


class ReferenceNoise(_Seeded):
    """Draw noise as the reference implementation of EDM does on a CPU (Karras et al. 2022).

    Each seed has one stream: float32 latents, a class where `num_classes` is not 0, then one
    float64 draw per step. To go back to a step, the streams are drawn again from their beginning.
    `device` and `dtype` are those of the result, `shape` that of one picture. It serves samplers
    that draw once a step; the others have no reference, and are refused at their second draw.

    Raises:
        KnobError: a seed is negative or there is none; a step draws more than once.
    """

    def __init__(
        self,
        seeds: Sequence[int],
        shape: Sequence[int],
        device: torch.device | str = "cpu",
        dtype: torch.dtype | None = None,
        num_classes: int = 0,
    ) -> None:
        super().__init__(seeds, shape, device, dtype)
        self._num_classes = num_classes
        self._streams: list[Generator] = []
        self._drawn = self._step = 0
        self._left: int | None = None

    def at(self, step: int) -> None:
        """Go to the draw of a step, which has no other."""
        self._step, self._left = step, 1

    def __call__(self, sigma_from: float, sigma_to: float, /) -> Tensor:
        """Return the draw of the step and go to that of the next: (B, *shape)."""
        if self._left == 0:
            raise KnobError(
                "The reference noise has one draw for each step, but this sampler draws more than "
                "once a step; choose keyed or Brownian noise."
            )
        self._left = None if self._left is None else 0
        if not self._streams or self._drawn > self._step:
            self._rewind()
        while self._drawn < self._step:
            self._draw()
        self._step += 1
        return self._placed(self._draw())

    def _rewind(self) -> None:
        import torch

        self._streams, self._drawn = _streams(self._seeds), 0
        for stream in self._streams:
            torch.randn(self._shape, generator=stream)
            if self._num_classes:
                torch.randint(self._num_classes, (), generator=stream)

    def _draw(self) -> Tensor:
        import torch

        self._drawn += 1
        shape, dtype = self._shape, torch.float64
        return torch.stack([torch.randn(shape, generator=g, dtype=dtype) for g in self._streams])


def like(x: Tensor, noise: Noise | None) -> Noise:
    """Return `noise`, or torch's own, in the dtype and on the device of x: (B, ...).

    Raises:
        ValueError: when drawing, if the noise is not of the shape of `x`.
    """
    import torch

    if noise is None:
        return lambda sigma_from, sigma_to: torch.randn_like(x)

    def draw(sigma_from: float, sigma_to: float, /) -> Tensor:
        drawn = noise(sigma_from, sigma_to)
        if drawn.shape != x.shape:
            raise ValueError(
                f"The noise from sigma {sigma_from:.6g} has shape {tuple(drawn.shape)}, not the "
                f"{tuple(x.shape)} of the state; draw one for each picture."
            )
        return drawn.to(x)

    return draw


def _reduced(seeds: Sequence[int]) -> tuple[int, ...]:
    whole = tuple(operator.index(seed) for seed in seeds)
    if not whole:
        raise KnobError("There is no seed; give one for each picture.")
    if min(whole) < 0:
        raise KnobError(f"The seed {min(whole)} is negative; give a whole number of at least 0.")
    return tuple(seed % 2**32 for seed in whole)


def _streams(seeds: Sequence[int]) -> list[Generator]:
    import torch

    return [torch.Generator().manual_seed(seed) for seed in _reduced(seeds)]
