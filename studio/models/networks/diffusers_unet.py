"""The U-Net of the diffusers library behind the face of the studio's own networks."""

from typing import Any

import torch
from diffusers import UNet2DModel
from torch import Tensor, nn


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
            self.unet = made(
                sample_size=img_resolution, num_class_embeds=label_dim or None, **options
            )
        except (TypeError, ZeroDivisionError, RuntimeError) as error:
            raise ValueError(str(error)) from error
        if label_dim:
            self.unet.class_embedding = OneHotEmbedding(*self.unet.class_embedding.weight.shape)
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

        noise is a timestep, or for a network with Fourier features the logarithm of a level.
        """
        seen = (x + 1) / 2 if self._unit_data else x
        time = noise.exp() if self._fourier else noise
        told = self._labels(labels, x)
        found: Tensor = self.unet(seen, time, told, return_dict=False)[0]
        # The library divides by the level; the preconditioning knows what is to be done with it.
        return found * time[:, None, None, None].to(found.dtype) if self._fourier else found

    def cast(self, dtype: torch.dtype) -> None:
        """Compute in `dtype`, but embed time exactly: the noise level must not be rounded."""
        self.unet.to(dtype)
        self.unet.time_proj.float()

    def _labels(self, labels: Tensor | None, x: Tensor) -> Tensor | None:
        embedding = self.unet.class_embedding
        if embedding is None:
            return None
        if labels is None:
            return x.new_zeros(len(x), len(embedding.weight))
        return labels.to(x.dtype)


class OneHotEmbedding(nn.Module):
    """Return the embedding of a class from a row with a 1 in its place, zeros from a row of zeros.

    It has the one tensor that nn.Embedding has.
    """

    def __init__(self, classes: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(classes, width))

    def forward(self, labels: Tensor) -> Tensor:
        """Return (B, width) of labels: (B, classes)."""
        return labels @ self.weight
