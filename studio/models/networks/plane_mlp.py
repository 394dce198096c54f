"""The network of points in the plane: a smooth perceptron with residual blocks."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from studio.models.networks.layers import Linear

_WAVES = 8
_TURN = 1.5  # of the first wave, per unit of ln σ / 4


class PlaneMLP(nn.Module):
    """Predict (B, 2, 1, 1) from a noisy point, its noise level and its class.

    It is smooth in the point, so that score matching can take the derivative of its derivative.
    """

    def __init__(self, *, width: int, blocks: int, label_dim: int = 0) -> None:
        super().__init__()
        self.label_dim = label_dim
        self.enter = Linear(2 + 2 * _WAVES, width)
        self.map_label = Linear(label_dim, width, bias=False) if label_dim else None
        self.first = nn.ModuleList(Linear(width, width) for _ in range(blocks))
        self.second = nn.ModuleList(Linear(width, width) for _ in range(blocks))
        self.leave = Linear(width, 2)

    def forward(
        self,
        x: Tensor,
        noise: Tensor,
        labels: Tensor | None = None,
        augment_labels: Tensor | None = None,
    ) -> Tensor:
        """Return the raw prediction (B, 2, 1, 1).

        x: (B, 2, 1, 1); noise: (B,), the c_noise of the preconditioning; labels: (B, label_dim)
        one-hot, zeros or None for no class.
        """
        waves = noise[:, None] * (_TURN * torch.arange(1, _WAVES + 1, device=noise.device))
        seen = torch.cat([x.flatten(1), waves.cos().to(x.dtype), waves.sin().to(x.dtype)], dim=1)
        hidden = self.enter(seen)
        if self.map_label is not None and labels is not None:
            hidden = hidden + self.map_label(labels.to(x.dtype) * math.sqrt(self.label_dim))
        for first, second in zip(self.first, self.second, strict=True):
            hidden = hidden + second(silu(first(silu(hidden))))
        raw: Tensor = self.leave(silu(hidden))
        return raw[:, :, None, None]
