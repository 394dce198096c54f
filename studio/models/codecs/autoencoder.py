"""The autoencoders of the diffusers library behind one face."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from studio.models.codecs.watch import Watch

_LIVE = 5  # copies of the widest layer that are held at once, as measured on a CPU
_SHORT = (torch.float16, torch.bfloat16)


class Autoencoder:
    """Encode and decode with an AutoencoderKL, a VQModel or an AutoencoderTiny of diffusers.

    It computes in the type of the module, and from the first time that half precision gives NaN or
    infinity in float32. `factor` counts picture pixels per latent pixel, `channels` those of a
    latent, `bytes_per_pixel` the memory that one latent pixel takes on its way.
    """

    def __init__(self, module: nn.Module) -> None:
        self.module: Any = module.eval().requires_grad_(False)
        self.config: Any = module.config
        self.kind = type(module).__name__
        self.channels: int = int(self._asked("latent_channels"))
        if self.kind == "VQModel" and self._asked("vq_embed_dim"):
            self.channels = int(self._asked("vq_embed_dim"))
        self._watch = Watch()
        if self._asked("force_upcast") and self.dtype == torch.float16:
            self.widen()

    @property
    def device(self) -> torch.device:
        """Return where the weights are."""
        device: torch.device = next(self.module.parameters()).device
        return device

    @property
    def dtype(self) -> torch.dtype:
        """Return what it computes in."""
        dtype: torch.dtype = next(self.module.parameters()).dtype
        return dtype

    @property
    def factor(self) -> int:
        """Return how many picture pixels a latent pixel stands for along each side."""
        levels = len(self._widths) - 1
        return int((self._asked("upsampling_scaling_factor") or 2) ** levels)

    @property
    def bytes_per_pixel(self) -> int:
        """Return about how many bytes one latent pixel takes at the widest layer."""
        widest = max(self._widths[: max(1, len(self._widths) - 1)][:2])
        return _LIVE * widest * self.factor**2 * self.dtype.itemsize

    @property
    def scaling(self) -> float:
        """Return what latents are multiplied with so that they have about unit variance."""
        return float(self._asked("scaling_factor") or 1.0)

    @property
    def shift(self) -> float:
        """Return what is taken off latents before."""
        return float(self._asked("shift_factor") or 0.0)

    def widen(self) -> None:
        """Compute in float32 from now on."""
        self.module.float()

    def encode(self, pixels: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return mean and standard deviation of the latents of pixels: (B, C, H, W).

        The second is None where the autoencoder knows no distribution.
        """
        found = self._exact(self._encoded, pixels, hurry=pixels.requires_grad)
        if self.kind != "AutoencoderKL":
            return found, None
        mean, deviation = found.chunk(2, dim=1)
        return mean, deviation

    def decode(self, latents: Tensor, *, hurry: bool = False) -> Tensor:
        """Return the pixels of latents as they come out of the encoder: (B, C, H, W).

        hurry: do not wait for the device, not even to see that half precision was too little.
        """
        return self._exact(self._decoded, latents, hurry=hurry or latents.requires_grad)

    def _encoded(self, pixels: Tensor) -> Tensor:
        found = self.module.encode(pixels)
        if self.kind != "AutoencoderKL":
            latents: Tensor = found.latents
            return latents
        return torch.cat([found.latent_dist.mean, found.latent_dist.std], dim=1)

    def _decoded(self, latents: Tensor) -> Tensor:
        pixels: Tensor = self.module.decode(latents).sample
        return pixels

    def _exact(self, turn: Callable[[Tensor], Tensor], x: Tensor, *, hurry: bool) -> Tensor:
        """Return turn(x) in float32, computed in it from the first overflow on."""
        if self.dtype in _SHORT and self._watch.found_broken():
            self.widen()
        result = turn(x.to(self.device, self.dtype))
        if self.dtype in _SHORT and self._watch.broken(result, hurry=hurry):
            self.widen()
            result = turn(x.to(self.device, self.dtype))
        return result.float()

    @property
    def _widths(self) -> list[int]:
        name = "decoder_block_out_channels" if self.kind == "AutoencoderTiny" else ""
        return list(self._asked(name or "block_out_channels"))

    def _asked(self, name: str) -> Any:
        return getattr(self.config, name, None)
