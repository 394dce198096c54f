"""A network of latents in the form in which it is trained."""

from typing import Any

import torch
from torch import Tensor, nn

from studio.models.codecs.pixel import PixelCodec
from studio.models.condition import Given
from studio.models.latent.network import predicted


class Held:
    """Hold what all copies of a network share: how latents become pictures."""

    def __init__(self, codec: PixelCodec) -> None:
        self.codec = codec

    def __deepcopy__(self, _memo: object) -> "Held":
        return self


class ToldUNet(nn.Module):
    """Predict (B, C, H, W) from noisy latents, the timestep and the class.

    A network that listens to prompts knows one for each class: `given` has a row for each and a
    last one for no class, of what `LatentModel.condition` makes. Empty: it takes the labels.
    """

    def __init__(self, unet: Any, given: Given, codec: PixelCodec) -> None:
        super().__init__()
        self.unet = unet
        self.held = Held(codec)
        self._names = tuple(given)
        for name, tensor in given.items():
            self.register_buffer(f"told_{name}", tensor, persistent=False)

    def forward(
        self,
        x: Tensor,
        noise: Tensor,
        labels: Tensor | None = None,
        augment_labels: Tensor | None = None,
    ) -> Tensor:
        """Return the raw prediction (B, C, H, W).

        x: (B, C, H, W); noise: (B,), the timesteps; labels: (B, classes) one-hot, zeros or None for
        no class. The weights stay in float32; where x is of a short type, the work is done in it.
        """
        given = self._given(len(x), labels)
        with torch.autocast(x.device.type, x.dtype, enabled=x.dtype != torch.float32):
            return predicted(self.unet, x, noise, given).to(x.dtype)

    def _given(self, batch: int, labels: Tensor | None) -> Given:
        if not self._names:
            return {} if labels is None else {"labels": labels}
        tables = {name: self.get_buffer(f"told_{name}") for name in self._names}
        last = len(tables[self._names[0]]) - 1
        rows = torch.full((batch,), last, device=tables[self._names[0]].device)
        if labels is not None:
            rows = torch.where(labels.any(dim=1), labels.argmax(dim=1), last)
        return {name: table[rows] for name, table in tables.items()}
