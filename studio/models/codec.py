"""From pixels to what a denoiser works on, and back."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


class PixelCodec:
    """Let a denoiser work on the pixels themselves: latents are pixels in [-1, 1]."""

    def encode(self, pixels: "torch.Tensor") -> "torch.Tensor":
        """Return the latents of pixels: (B, C, H, W) float in [-1, 1], which are the pixels."""
        return pixels

    def decode(self, x0: "torch.Tensor") -> "torch.Tensor":
        """Return the pixels of x0: (B, C, H, W), nominally in [-1, 1] and not clipped.

        Nothing is clipped so that gradients pass through (DPS, ΠGDM).
        """
        return x0

    def preview(self, x0: "torch.Tensor") -> "torch.Tensor":
        """Return x0: (B, C, H, W) as uint8 pictures (B, H, W, 3) on the same device.

        A pixel is clip(127.5 x + 128), as in the EDM reference; grey is repeated to three channels.
        Nothing waits for the device.
        """
        pixels = x0.double() if x0.element_size() == 8 else x0.float()
        pixels = (pixels * 127.5 + 128).clip(0, 255).byte()
        channels = pixels[:, :3] if pixels.shape[1] >= 3 else pixels[:, :1].expand(-1, 3, -1, -1)
        return channels.permute(0, 2, 3, 1).contiguous()

    def pictures(self, x0: "torch.Tensor") -> "torch.Tensor":
        """Return what a take keeps of its end points x0: uint8 pictures, one for each of them."""
        return self.preview(self.decode(x0))
