"""The quick preview of latents: an affine map to colours that is fitted to the autoencoder."""

from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from studio.models.codecs.kept import Kept, read_kept, write_kept
from studio.models.codecs.samples import sample_pictures


class Coder(Protocol):
    """What turns pixels into latents and back."""

    @property
    def factor(self) -> int:
        """Return the picture pixels per latent pixel along each side."""

    @property
    def identity(self) -> str:
        """Return a hash of what it computes."""

    def encode(self, pixels: Tensor) -> Tensor:
        """Return the latents of pixels in [-1, 1]."""

    def decode(self, x0: Tensor) -> Tensor:
        """Return the pixels of latents."""


class LinearPreview:
    """Map each latent pixel to a colour: rgb = W z + b.

    W and b are those that come closest to what the decoder makes of a few pictures, in the mean
    square over the pixels that a latent pixel stands for. They are found when first needed and kept
    under the hash of the autoencoder. `explained` tells how much of the colours' variance they
    give back, from 0 to 1.
    """

    def __init__(self, coder: Coder) -> None:
        self._coder = coder
        self._map: tuple[Tensor, Tensor] | None = None
        self._kept: Kept | None = None
        self.explained = 0.0

    def __call__(self, x0: Tensor) -> Tensor:
        """Return the colours (B, 3, H, W) of x0: (B, C, H, W), nominally in [-1, 1]."""
        if self._map is None or self._map[0].device != x0.device:
            self.prepare(x0.device)
        assert self._map is not None
        weight, bias = self._map
        return torch.einsum("oc,bchw->bohw", weight, x0.float()) + bias[:, None, None]

    def prepare(self, device: torch.device) -> Kept:
        """Have the map ready on a device: read it, or fit it, which takes some seconds."""
        kept = self._kept or read_kept(self._coder.identity)
        if kept is None:
            kept = self._fitted(device)
            write_kept(self._coder.identity, kept)
        if self._kept is not None and self._map is not None and self._map[0].device == device:
            return kept
        self._kept, self.explained = kept, kept.explained
        self._map = (
            torch.tensor(kept.weight, dtype=torch.float32).to(device),
            torch.tensor(kept.bias, dtype=torch.float32).to(device),
        )
        return kept

    def _fitted(self, device: torch.device) -> Kept:
        with torch.inference_mode(False), torch.no_grad():
            latents = self._coder.encode(sample_pictures(self._coder.factor).to(device))
            colours = avg_pool2d(self._coder.decode(latents).clamp(-1, 1), self._coder.factor)
        return _least_squares(_rows(latents), _rows(colours[:, :3]))


def _rows(x: Tensor) -> Tensor:
    return x.movedim(1, -1).flatten(0, -2).double().cpu()


def _least_squares(latents: Tensor, colours: Tensor) -> Kept:
    """Fit colours: (N, 3) to latents: (N, C) by an affine map."""
    ones = torch.ones_like(latents[:, :1])
    found = torch.linalg.lstsq(torch.cat([latents, ones], 1), colours, driver="gelsd").solution
    left = colours - torch.cat([latents, ones], 1) @ found
    spread = colours - colours.mean(0)
    explained = 1 - float(left.square().sum() / spread.square().sum().clamp(min=1e-12))
    if colours.shape[1] == 1:
        found = found.expand(-1, 3)
    figures = {
        "weight": found[:-1].T.tolist(),
        "bias": found[-1].tolist(),
        "explained": min(1.0, max(0.0, explained)),
    }
    return Kept.model_validate(figures)
