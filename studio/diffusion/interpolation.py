"""Ways between noises: slerp, blends and directions from class to class."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

_PARALLEL = 1e-6
"""The angle, in radians, below which an arc is as good as a straight line."""


def slerp(a: Tensor, b: Tensor, amount: float | Tensor) -> Tensor:
    """Return the latents a share of the way from a to b: (B, ...), along the arc between them.

    amount: one number or (B,); 0 is a, 1 is b, and beyond them the arc goes on. The norm changes
    evenly from that of a to that of b, so that what lies between unit noises looks like unit noise
    (Shoemake 1985; Song et al. 2021, DDIM, appendix D.5). Opposite latents have no one arc between
    them; there the straight line is taken and brought to its norm.
    """
    import torch

    rows = max(len(a), len(b))
    share = torch.as_tensor(amount, dtype=a.dtype, device=a.device).reshape(-1).expand(rows)
    share = share.reshape(-1, *(1,) * (a.ndim - 1))
    length_a, length_b = norms(a), norms(b)
    unit_a, unit_b = a / length_a, b / length_b
    cosine = (unit_a * unit_b).flatten(1).sum(1).clamp(-1, 1)
    angle = torch.acos(cosine).reshape(share.shape if rows == len(cosine) else length_a.shape)
    sine = torch.sin(angle)
    bent = sine.abs() > _PARALLEL
    safe = torch.where(bent, sine, torch.ones_like(sine))
    arc = (torch.sin((1 - share) * angle) * unit_a + torch.sin(share * angle) * unit_b) / safe
    line = (1 - share) * unit_a + share * unit_b
    line = line / norms(line)
    return torch.where(bent, arc, line) * (length_a + share * (length_b - length_a))


def along(latents: Tensor, amount: float) -> Tensor:
    """Return the latent, (1, ...), a share of the way through a row of them: (N, ...), N >= 2.

    0 is the first, 1 the last, and every stretch between two neighbours is as long as the others.
    """
    stretches = len(latents) - 1
    place = min(max(amount, 0.0), 1.0) * stretches
    at = min(int(place), stretches - 1)
    return slerp(latents[at : at + 1], latents[at + 1 : at + 2], place - at)


def blend(latents: Tensor, weights: Sequence[float]) -> Tensor:
    """Return a mixture, (1, ...), of several latents: (N, ...), with the norm that it should have.

    The weighted sum is brought to the weighted mean of the norms: a plain mean of independent
    noises would be too short, and such noise makes pictures without detail.

    Raises:
        ValueError: there is not one weight for each, or they are all 0.
    """
    if len(weights) != len(latents) or not any(weights):
        raise ValueError("Give one weight for each latent, and not 0 for all.")
    share = latents.new_tensor(list(weights))
    share = (share / share.abs().sum()).reshape(-1, *(1,) * (latents.ndim - 1))
    mixed = (latents * share).sum(0, keepdim=True)
    return mixed / norms(mixed) * (norms(latents) * share.abs()).sum(0, keepdim=True)


def shift(x: Tensor, origin: Tensor, target: Tensor, amount: float, *, keep: bool = True) -> Tensor:
    """Return x + amount (target - origin): a class taken away and another put in, in noise space.

    x: (B, ...), origin and target: (...), mean latents of two classes. keep: bring the norm back
    to that of x, without which a large amount leaves what noise looks like.
    """
    moved = x + amount * (target - origin)
    return moved / norms(moved) * norms(x) if keep else moved


def norms(x: Tensor) -> Tensor:
    """Return the norm of each latent, (B, 1, ...), never 0."""
    length = x.flatten(1).square().sum(1).sqrt().clamp(min=1e-12)
    return length.reshape(-1, *(1,) * (x.ndim - 1))
