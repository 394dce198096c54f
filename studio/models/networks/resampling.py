"""Doubling and halving the resolution of feature maps by a separable filter."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d


class Resampling(nn.Module):
    """Know how to double or halve the resolution; `resample_filter` is None where neither is done.

    To be mixed into a layer, which calls `_set_filter` once it is set up.
    """

    resample_filter: Tensor | None

    def _set_filter(self, resample_filter: Sequence[float], *, up: bool, down: bool) -> None:
        self.up, self.down = up, down
        self._repeats = len(resample_filter) == 2 and resample_filter[0] == resample_filter[1]
        taps = _separable(resample_filter) if up or down else None
        self.register_buffer("resample_filter", taps)

    def resampled(self, x: Tensor) -> Tensor:
        """Map x: (B, C, H, W) to the resolution that was asked for."""
        if self.up:
            x = self._double(x)
        if self.down:
            x = self._halve(x, padding=reach(self.resample_filter))
        return x

    def _halve(self, x: Tensor, padding: int = 0) -> Tensor:
        channels = x.shape[1]
        return conv2d(x, self._taps(x), stride=2, padding=padding, groups=channels)

    def _double(self, x: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        if self._repeats:
            # Equal to the transposed convolution below, and several times as fast on a CPU.
            x = x[:, :, :, None, :, None].expand(-1, -1, -1, 2, -1, 2)
            return x.reshape(batch, channels, 2 * height, 2 * width)
        taps, padding = self._taps(x) * 4, reach(self.resample_filter)
        return conv_transpose2d(x, taps, stride=2, padding=padding, groups=channels)

    def _taps(self, x: Tensor) -> Tensor:
        assert self.resample_filter is not None
        return self.resample_filter.to(x.dtype).expand(x.shape[1], -1, -1, -1)


class Resample(Resampling):
    """Double or halve the resolution and do nothing else."""

    def __init__(
        self, *, up: bool = False, down: bool = False, resample_filter: Sequence[float] = (1, 1)
    ) -> None:
        super().__init__()
        self._set_filter(resample_filter, up=up, down=down)

    def forward(self, x: Tensor) -> Tensor:
        """Map x: (B, C, H, W) to (B, C, H', W')."""
        return self.resampled(x)


def reach(resample_filter: Sequence[float] | Tensor | None) -> int:
    """Return how far a filter reaches beyond a pixel."""
    if resample_filter is None:
        return 0
    taps = (
        resample_filter.shape[-1] if isinstance(resample_filter, Tensor) else len(resample_filter)
    )
    return (taps - 1) // 2


def _separable(taps: Sequence[float]) -> Tensor:
    line = torch.tensor(taps, dtype=torch.float32)
    return (line.outer(line) / line.sum().square())[None, None]
