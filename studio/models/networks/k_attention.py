"""The four kinds of self-attention in k-diffusion's transformer (Crowson et al. 2024, HDiT).

All work on q, k, v: (B, heads, H, W, d), whose products are already scaled.
"""

from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

_attend = partial(scaled_dot_product_attention, scale=1.0)


def everywhere(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Let every place look at every other."""
    mixed = _attend(q.flatten(2, 3), k.flatten(2, 3), v.flatten(2, 3))
    return mixed.reshape(q.shape)


def nearby(q: Tensor, k: Tensor, v: Tensor, size: int) -> Tensor:
    """Let every place look at the square of a size around it, moved inwards at the edges.

    As in NATTEN (Hassani et al. 2023). The rows of the square are gathered, its columns masked.
    """
    height, width = q.shape[2:4]
    if size > min(height, width):
        raise ValueError(f"a neighbourhood of {size} is larger than {height} x {width} places")
    rows = _first(height, size, q.device)[:, None] + torch.arange(size, device=q.device)
    first, columns = _first(width, size, q.device), torch.arange(width, device=q.device)
    near = (columns >= first[:, None]) & (columns < first[:, None] + size)
    keys, values = (each[:, :, rows].flatten(3, 4) for each in (k, v))
    return _attend(q, keys, values, near.repeat(1, size))


def in_windows(q: Tensor, k: Tensor, v: Tensor, size: int, shift: int) -> Tensor:
    """Let every place look at its window of a size, the windows shifted (Liu et al. 2021, Swin).

    A shifted window at an edge holds places of both edges, which do not see each other.
    """
    height, width = q.shape[2:4]
    if height % size or width % size:
        raise ValueError(f"{height} x {width} places do not divide into windows of {size}")
    moved = (torch.roll(each, (shift, shift), (2, 3)) for each in (q, k, v))
    queries, keys, values = (_windows(each, size) for each in moved)
    rows = torch.arange(height, device=q.device) < shift
    columns = torch.arange(width, device=q.device) < shift
    parts = (2 * rows[:, None].int() + columns.int())[None, None, :, :, None]
    part = _windows(parts, size)[0, 0, :, :, :, 0]
    mixed = _attend(queries, keys, values, part[..., None] == part[..., None, :])
    across = mixed.reshape(*mixed.shape[:4], size, size, -1).transpose(3, 4)
    return torch.roll(across.reshape(q.shape), (-shift, -shift), (2, 3))


def _first(length: int, size: int, device: torch.device) -> Tensor:
    """Return where the neighbourhood of every place begins."""
    return (torch.arange(length, device=device) - size // 2).clamp(0, length - size)


def _windows(x: Tensor, size: int) -> Tensor:
    """Map (B, heads, H, W, d) to (B, heads, H / size, W / size, size², d)."""
    batch, heads, height, width, depth = x.shape
    parted = x.reshape(batch, heads, height // size, size, width // size, size, depth)
    return parted.transpose(3, 4).flatten(4, 5)
