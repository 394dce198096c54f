"""A toy model: the exact denoiser of a distribution of points in the plane."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from studio.models.condition import Given
from studio.models.devices import exact_dtype
from studio.models.info import ModelInfo
from studio.models.model import SIGMA_FLOOR, Model
from studio.models.toy.codec import PlaneCodec
from studio.models.toy.file import Components
from studio.models.toy.mixture import Mixture, one_thread

ANY_CLASS = -1


@dataclass(frozen=True, slots=True)
class Taste:
    """Say which flow is meant: a class (-1 for none) and how strongly it is guided, and where."""

    label: int = ANY_CLASS
    guidance: float = 1.0
    interval: tuple[float, float] = (0.0, float("inf"))


class ToyModel(Model):
    """Denoise points exactly: x: (B, 2, 1, 1), two channels of one pixel.

    It computes in float64, or float32 where the device has nothing better. With a class it stands
    on the components of that class alone. `exact` is None save for a learned model, where it is
    what the network should have learned.
    """

    exact: "ToyModel | None" = None

    def __init__(self, info: ModelInfo, components: Components, device: torch.device) -> None:
        super().__init__(info, device, exact_dtype(device))
        whole = Mixture(components, device, self.dtype)
        ends = np.searchsorted(components.labels, range(len(info.classes) + 1)).tolist()
        self._whole = whole
        self._classes = [whole.part(*ends[k : k + 2]) for k in range(len(info.classes))]
        self.codec = PlaneCodec(info, self.log_density)

    def estimate(self, x: Tensor, sigma: Tensor, given: Given) -> Tensor:
        """Return the exact x̂₀ of x: (B, 2, 1, 1) at sigma: (B,)."""
        with one_thread(self.device):
            return self._estimate(x, sigma, given.get("labels"))

    def _estimate(self, x: Tensor, sigma: Tensor, labels: Tensor | None) -> Tensor:
        flat = x.to(self.dtype).flatten(1)
        if labels is None:
            return self._whole.posterior_mean(flat, sigma).view_as(x)
        chosen = torch.where(labels.any(dim=1), labels.argmax(dim=1), ANY_CLASS)
        means = torch.empty_like(flat)
        for label in sorted(set(chosen.tolist())):
            rows = chosen == label
            means[rows] = self.mixture(label).posterior_mean(flat[rows], sigma[rows])
        return means.view_as(x)

    def mixture(self, label: int = ANY_CLASS) -> Mixture:
        """Return the distribution of a class, or that of all data."""
        return self._whole if label == ANY_CLASS else self._classes[label]

    def log_density(self, points: Tensor, sigma: float, label: int = ANY_CLASS) -> Tensor:
        """Return ln p(x; σ), (B,), of points: (B, 2)."""
        x = points.to(self.device, self.dtype)
        with one_thread(self.device):
            return self.mixture(label).log_density(x, self._levels(sigma, len(x)))

    def score(self, points: Tensor, sigma: float, label: int = ANY_CLASS) -> Tensor:
        """Return ∇ ln p(x; σ) = (D - x) / σ², (B, 2), of points: (B, 2) (Vincent 2011)."""
        x, level = points.to(self.device, self.dtype), max(sigma, SIGMA_FLOOR)
        mean = self.mixture(label).posterior_mean(x, self._levels(sigma, len(x)))
        return (mean - x) / level**2

    def mean_of_one(self, x: Tensor, sigma: float, axis: int, label: int = ANY_CLASS) -> Tensor:
        """Return D of one coordinate, (N,), at values x: (N,) of it; the mean over the other."""
        line = self.mixture(label).marginal(axis)
        places = torch.stack([x, torch.zeros_like(x)], dim=1).to(self.device, self.dtype)
        return line.posterior_mean(places, self._levels(sigma, len(x)))[:, 0]

    def clean(self, points: Tensor, sigma: float, taste: Taste | None = None) -> Tensor:
        """Return D, (B, 2), of points: (B, 2) for a class, guided as a recipe asks."""
        taste = taste or Taste()
        labels = None
        if taste.label != ANY_CLASS:
            labels = torch.full((len(points),), taste.label)
        x = points.to(self.device, self.dtype)[:, :, None, None]
        found = self.denoise(x, sigma, labels, guidance=taste.guidance, interval=taste.interval)
        return found[:, :, 0, 0]
