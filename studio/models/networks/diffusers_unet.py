"""The U-Net of the diffusers library behind the face of the studio's own networks."""

import math
from typing import Any

import torch
from diffusers import UNet2DModel
from torch import Tensor, nn

from studio.models.networks.layers import Linear


class DiffusersUNet(nn.Module):
    """Ask a UNet2DModel as any network of pictures is asked.

    options: those of `studio.models.networks.kinds.diffusers_unet`.

    Raises:
        ValueError: the options contradict each other.
    """

    def __init__(
        self,
        *,
        img_resolution: int,
        label_dim: int = 0,
        augment_dim: int = 0,
        unit_data: bool = False,
        **options: Any,
    ) -> None:
        super().__init__()
        made: Any = UNet2DModel
        try:
            self.unet = made(sample_size=img_resolution, **options)
        except (TypeError, ZeroDivisionError, RuntimeError) as error:
            raise ValueError(str(error)) from error
        self.label_dim = label_dim
        self.map_label: Linear | None = None
        self._width: int = self.unet.time_embedding.linear_2.out_features
        if label_dim:
            self.map_label = Linear(label_dim, self._width, bias=False)
            self.unet.class_embedding = nn.Identity()  # what it is told is embedded already
        self._fourier = options.get("time_embedding_type") == "fourier"
        self._unit_data = unit_data

    def forward(
        self,
        x: Tensor,
        noise: Tensor,
        labels: Tensor | None = None,
        augment_labels: Tensor | None = None,
    ) -> Tensor:
        """Return the raw prediction (B, C, H, W) for x at noise: (B,).

        noise is a timestep, or for a network with Fourier features the logarithm of a level. Where
        x is of another type than the weights, the work is done in that of x.
        """
        seen = (x + 1) / 2 if self._unit_data else x
        time = noise.exp() if self._fourier else noise
        own = next(self.unet.parameters()).dtype
        with torch.autocast(x.device.type, x.dtype, enabled=x.dtype != own):
            found: Tensor = self.unet(seen, time, self._told(labels, x), return_dict=False)[0]
        if self._fourier:
            # The library divides by the level; the preconditioning knows what is to be done.
            found = found * time[:, None, None, None]
        return found.to(x.dtype)

    def cast(self, dtype: torch.dtype) -> None:
        """Compute in `dtype`, but embed time exactly: the noise level must not be rounded."""
        self.to(dtype)
        self.unet.time_proj.float()

    def _told(self, labels: Tensor | None, x: Tensor) -> Tensor | None:
        """Return the embedding of the classes, of nothing where there is no class."""
        if self.map_label is None:
            return None
        if self.unet.class_embedding is None:  # the classes came with a LoRA
            self.unet.class_embedding = nn.Identity()
        if labels is None:
            return x.new_zeros(len(x), self._width)
        embedded: Tensor = self.map_label(labels.to(x.dtype) * math.sqrt(self.label_dim))
        return embedded
