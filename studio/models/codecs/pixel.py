"""The codec of models that work on pixels, and how pixels become bytes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from studio.models.errors import ModelError

if TYPE_CHECKING:
    import torch


def as_bytes(pixels: "torch.Tensor") -> "torch.Tensor":
    """Return pixels: (B, C, H, W) as uint8 pictures (B, H, W, 3) on the same device.

    A pixel is clip(127.5 x + 128), as in the EDM reference; grey is repeated to three channels.
    Nothing waits for the device.
    """
    pixels = pixels.double() if pixels.element_size() == 8 else pixels.float()
    pixels = (pixels * 127.5 + 128).clip(0, 255).byte()
    channels = pixels[:, :3] if pixels.shape[1] >= 3 else pixels[:, :1].expand(-1, 3, -1, -1)
    return channels.permute(0, 2, 3, 1).contiguous()


class PixelCodec:
    """Let a denoiser work on the pixels themselves: latents are pixels in [-1, 1].

    `previews` names the ways in which `preview` can show a step, none where there is only one.
    """

    previews: tuple[str, ...] = ()

    def colours(self) -> tuple[tuple[float, ...], ...]:
        """Return which red, green and blue a latent pixel stands for, a row (C + 1) for each.

        The last of a row is what there is without any channel. Nothing where the first three
        channels are the colours.
        """
        return ()

    def encode(
        self, pixels: "torch.Tensor", seeds: "Sequence[int] | None" = None
    ) -> "torch.Tensor":
        """Return the latents of pixels: (B, C, H, W) float in [-1, 1], which are the pixels.

        seeds: one for each picture where the latents are to be drawn from the autoencoder's
        distribution; None takes its mean.
        """
        return pixels

    def decode(self, x0: "torch.Tensor") -> "torch.Tensor":
        """Return the pixels of x0: (B, C, H, W), nominally in [-1, 1] and not clipped.

        Nothing is clipped so that gradients pass through (DPS, ΠGDM).
        """
        return x0

    def preview(self, x0: "torch.Tensor") -> "torch.Tensor":
        """Return x0: (B, C, H, W) as uint8 pictures (B, H, W, 3) on the same device, quickly.

        Nothing waits for the device.
        """
        return as_bytes(x0)

    def preview_with(self, name: str) -> None:
        """Choose one of `previews` for the steps to come.

        Raises:
            ModelError: there is no such preview here.
        """
        if name not in self.previews:
            raise ModelError(f"This model has no preview “{name}”; {_offer(self.previews)}.")

    def pictures(self, x0: "torch.Tensor", *, each: bool = False) -> "torch.Tensor":
        """Return what a take keeps of its end points x0: uint8 pictures, one for each of them.

        each: one for each also where a take keeps a single picture of them all.
        """
        return as_bytes(self.decode(x0))


def _offer(names: tuple[str, ...]) -> str:
    return f"choose one of: {', '.join(names)}" if names else "it shows its pixels as they are"
