"""Which picture a sample is, and what is done to it."""

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor

from studio.training import keyed
from studio.training.ahead import Ahead
from studio.training.augmenting import Augmenter
from studio.training.objective import Batch
from studio.training.pictures import IN_MEMORY, Pictures, as_values


class Feed:
    """Make the batch of any samples of a run: what sample k is depends on the seed and k alone.

    levels: from shares of all levels, (B,) float64, to the levels. batch: the pictures per step,
    over which stratified levels are spread. The pictures lie on the device up to 2 GiB; larger
    sets are read from the disk, ahead of time where the feed knows what is asked for next.
    """

    def __init__(
        self,
        pictures: Pictures,
        augmenter: Augmenter,
        levels: Callable[[Tensor], Tensor],
        *,
        seed: int,
        batch: int,
        stratified: bool,
        mirror: bool,
        label_dropout: float,
        device: torch.device,
    ) -> None:
        self._shape = pictures.shape
        self._classes = len(pictures.classes)
        self._augmenter, self._levels = augmenter, levels
        self._seed, self._batch, self._stratified = seed, batch, stratified
        self._mirror, self._label_dropout = mirror, label_dropout
        self._device = device
        resident = pictures.pixels.numel() <= IN_MEMORY
        home = device if resident else torch.device("cpu")
        self._pixels = pictures.pixels.to(home)
        self._labels, self._trained = pictures.labels.to(home), pictures.trained.to(home)
        self._order = lru_cache(maxsize=2)(self._shuffled)
        self._ahead = None if resident else Ahead(self._stored, device)

    def batch(self, first: int, count: int) -> Batch:
        """Return samples `first` to `first + count - 1` on the device."""
        samples = torch.arange(first, first + count, device=self._device)
        stored = self._ahead.take(first, count) if self._ahead else self._stored(first, count)
        clean = as_values(stored.to(self._device, non_blocking=True))
        clean, augment_labels = self._changed(clean, samples)
        noise = keyed.normal(self._key(keyed.NOISE), samples, clean[0].numel())
        return Batch(
            clean=clean,
            noise=noise.view_as(clean),
            sigma=self._levels(self._shares(samples)),
            labels=self._hot(self._which(first, count), samples),
            augment_labels=augment_labels,
        )

    def expect(self, first: int, count: int) -> None:
        """Know that these samples will be asked for, so that they can be read meanwhile."""
        if self._ahead:
            self._ahead.expect(first, count)

    def classes(self, first: int, count: int) -> list[int]:
        """Return the classes of samples, -1 for none, before any are hidden."""
        found: list[int] = self._labels[self._which(first, count)].tolist()
        return found

    def close(self) -> None:
        """Stop reading ahead."""
        if self._ahead:
            self._ahead.close()

    def _stored(self, first: int, count: int) -> Tensor:
        return self._pixels[self._which(first, count)]

    def _which(self, first: int, count: int) -> Tensor:
        """Return the numbers of the pictures: an epoch has all of them, in its own order."""
        total = len(self._trained)
        epochs = range(first // total, (first + count - 1) // total + 1)
        orders = torch.cat([self._order(epoch) for epoch in epochs])
        start = first % total
        return self._trained[orders[start : start + count]]

    def _shuffled(self, epoch: int) -> Tensor:
        numbers = torch.arange(len(self._trained), device=self._trained.device)
        return keyed.bits(self._key(keyed.ORDER, epoch), numbers, 1)[:, 0].argsort(stable=True)

    def _shares(self, samples: Tensor) -> Tensor:
        u = keyed.uniform(self._key(keyed.LEVEL), samples, 1)[:, 0]
        return (samples % self._batch + u) / self._batch if self._stratified else u

    def _changed(self, clean: Tensor, samples: Tensor) -> tuple[Tensor, Tensor | None]:
        if self._mirror:
            u = keyed.uniform(self._key(keyed.MIRROR), samples, 1)
            clean = torch.where((u < 0.5)[:, :, None, None], clean.flip(3), clean)
        if not self._augmenter.labels:
            return clean, None
        u = keyed.uniform(self._key(keyed.AUGMENT), samples, self._augmenter.draws)
        return self._augmenter(clean, u)

    def _hot(self, which: Tensor, samples: Tensor) -> Tensor | None:
        if not self._classes:
            return None
        labels = self._labels[which].to(self._device)
        hot = (labels[:, None] == torch.arange(self._classes, device=self._device)).float()
        kept = keyed.uniform(self._key(keyed.LABEL), samples, 1) >= self._label_dropout
        return hot * kept

    def _key(self, purpose: int, further: int = 0) -> int:
        return keyed.key(self._seed, purpose, further)
