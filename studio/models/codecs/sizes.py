"""How large a preview is made."""

from torch import Tensor
from torch.nn.functional import interpolate

_SHOWN = 256
"""Pixels: the longer side of a preview is at least as long, if the picture is."""


def enlarged(pixels: Tensor, factor: int) -> Tensor:
    """Return pixels: (B, 3, H, W) at up to `factor` times their size, smoothly.

    The size is 2^k times the given one, as little as is enough to be seen well.
    """
    times = 1
    while times * 2 <= factor and times * max(pixels.shape[2:]) < _SHOWN:
        times *= 2
    if times == 1:
        return pixels
    return interpolate(pixels, scale_factor=times, mode="bilinear", align_corners=False)
