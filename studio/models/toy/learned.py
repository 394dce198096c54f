"""A toy model that was learned: a network of points, with the exact denoiser to compare it with."""

import torch
from torch import Tensor

from studio.models.condition import Given
from studio.models.info import ModelInfo
from studio.models.model import SIGMA_FLOOR
from studio.models.networks.preconditioned import Preconditioned
from studio.models.toy.file import Components
from studio.models.toy.mixture import one_thread
from studio.models.toy.model import ANY_CLASS, Taste, ToyModel

_ACROSS = 48  # values of the other coordinate that a mean is taken over


class LearnedToy(ToyModel):
    """Denoise points with a network; density and `exact` are those of the distribution itself."""

    def __init__(
        self,
        info: ModelInfo,
        network: Preconditioned,
        components: Components,
        device: torch.device,
    ) -> None:
        super().__init__(info, components, device)
        self.exact = ToyModel(info, components, device)
        self.network = network.eval().requires_grad_(False)

    def estimate(self, x: Tensor, sigma: Tensor, given: Given) -> Tensor:
        """Return the learned x̂₀ of x: (B, 2, 1, 1) at sigma: (B,)."""
        with one_thread(self.device):
            denoised: Tensor = self.network(x, sigma, given.get("labels"))
        return denoised

    def score(self, points: Tensor, sigma: float, label: int = ANY_CLASS) -> Tensor:
        """Return the learned (D - x) / σ², (B, 2), of points: (B, 2)."""
        level = max(sigma, SIGMA_FLOOR)
        x = points.to(self.device, self.dtype)[:, :, None, None]
        labels = None if label == ANY_CLASS else torch.full((len(x),), label)
        return ((self.denoise(x, level, labels) - x) / level**2)[:, :, 0, 0]

    def mean_of_one(self, x: Tensor, sigma: float, axis: int, label: int = ANY_CLASS) -> Tensor:
        """Return the learned D of one coordinate, (N,), the mean over the other by its density."""
        assert self.info.window is not None
        low, high = self.info.window[1 - axis], self.info.window[3 - axis]
        across = torch.linspace(low - 3 * sigma, high + 3 * sigma, _ACROSS, dtype=self.dtype)
        pair = [x.to(self.dtype)[:, None].expand(-1, _ACROSS), across.expand(len(x), -1)]
        points = torch.stack(pair if axis == 0 else pair[::-1], dim=2).flatten(0, 1)
        shares = self.log_density(points, sigma, label).view(-1, _ACROSS).softmax(dim=1)
        means = self.clean(points, sigma, Taste(label))[:, axis].view(-1, _ACROSS)
        return (shares * means).sum(dim=1)
