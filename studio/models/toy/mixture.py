"""The closed form: a mixture of Gaussians in the plane under noise.

Noise N(0, σ²I) turns a component N(m, S) into N(m, C) with C = S + σ²I. By Bayes, a point x belongs
to it with the share r ∝ w N(x; m, C), and its clean origin is then m + S C⁻¹ (x - m) on average.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import log, pi
from typing import NamedTuple

import torch
from torch import Tensor

from studio.models.toy.file import Components

_PIECE = 1 << 21  # points times components looked at at once


class _Kernel(NamedTuple):
    """Hold what is linear at one σ: `logits` in (x², xy, y², x, y, 1), `means` in (1, x, y)."""

    logits: Tensor  # (6, K)
    means: Tensor  # (K, 6)


class Mixture:
    """Hold components on a device; `part(start, stop)` is some of them as a mixture of its own."""

    def __init__(self, components: Components, device: torch.device, dtype: torch.dtype) -> None:
        def placed(array: object) -> Tensor:
            return torch.as_tensor(array, dtype=dtype, device=device)

        self._weights = placed(components.weights)
        self._means = placed(components.means)
        self._shapes = placed(components.covariances)

    def __len__(self) -> int:
        return len(self._weights)

    def part(self, start: int, stop: int) -> "Mixture":
        """Return the components from `start` to `stop`, whose weights again sum to 1."""
        other = object.__new__(Mixture)
        weights = self._weights[start:stop]
        other._weights = weights / weights.sum()
        other._means, other._shapes = self._means[start:stop], self._shapes[start:stop]
        return other

    def posterior_mean(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Return E[x₀ | x] = D(x; σ) of x: (B, 2) at sigma: (B,), positive."""
        means = torch.empty_like(x)
        for rows, level in _levels(sigma):
            kernel = self._kernel(level)
            found = [_mean(piece, kernel) for piece in self._pieces(x[rows])]
            means[rows] = torch.cat(found)
        return means

    def log_density(self, x: Tensor, sigma: Tensor) -> Tensor:
        """Return ln p(x; σ), (B,), of x: (B, 2) at sigma: (B,), positive."""
        logs = x.new_empty(len(x))
        for rows, level in _levels(sigma):
            kernel = self._kernel(level)
            pieces = self._pieces(x[rows])
            found = [(_features(piece) @ kernel.logits).logsumexp(dim=1) for piece in pieces]
            logs[rows] = torch.cat(found)
        return logs

    def marginal(self, axis: int) -> "Mixture":
        """Return the distribution of one coordinate, with a second one that is always 0."""
        other = object.__new__(Mixture)
        other._weights = self._weights
        nothing = torch.zeros_like(self._weights)
        other._means = torch.stack([self._means[:, axis], nothing], dim=1)
        other._shapes = torch.stack([self._shapes[:, 2 * axis], nothing, nothing], dim=1)
        return other

    def _pieces(self, x: Tensor) -> Iterator[Tensor]:
        many = max(1, _PIECE // len(self))
        return (x[start : start + many] for start in range(0, len(x), many))

    def _kernel(self, sigma: Tensor) -> _Kernel:
        (mx, my), (p, q, r) = self._means.T, self._shapes.T
        variance = sigma.to(self._means) ** 2
        a, d = p + variance, r + variance
        determinant = a * d - q * q
        ia, ib, id = d / determinant, -q / determinant, a / determinant  # the inverse of C
        hx, hy = ia * mx + ib * my, ib * mx + id * my
        rest = self._weights.log() - 0.5 * (determinant.log() + mx * hx + my * hy) - log(2 * pi)
        logits = torch.stack([-0.5 * ia, -ib, -0.5 * id, hx, hy, rest])
        gxx, gxy = p * ia + q * ib, p * ib + q * id  # S C⁻¹
        gyx, gyy = q * ia + r * ib, q * ib + r * id
        at_zero = (mx - gxx * mx - gxy * my, my - gyx * mx - gyy * my)
        return _Kernel(logits, torch.stack([*at_zero, gxx, gxy, gyx, gyy], dim=1))


def _mean(x: Tensor, kernel: _Kernel) -> Tensor:
    shares = (_features(x) @ kernel.logits).softmax(dim=1)
    zero_x, zero_y, xx, xy, yx, yy = (shares @ kernel.means).unbind(dim=1)
    first, second = x.unbind(dim=1)
    return torch.stack(
        [zero_x + xx * first + xy * second, zero_y + yx * first + yy * second], dim=1
    )


def _features(x: Tensor) -> Tensor:
    first, second = x.unbind(dim=1)
    one = torch.ones_like(first)
    squares = (first * first, first * second, second * second)
    return torch.stack([*squares, first, second, one], dim=1)


def _levels(sigma: Tensor) -> Iterator[tuple[Tensor | slice, Tensor]]:
    """Yield the rows of each noise level; nearly always there is one."""
    if len(sigma) == 0:
        return
    if bool((sigma == sigma[0]).all()):
        yield slice(None), sigma[0]
        return
    for value in sorted(set(sigma.tolist())):
        rows = sigma == value
        yield rows, sigma[rows][0]


@contextmanager
def one_thread(device: torch.device) -> Iterator[None]:
    """Compute on one thread of a CPU: the products are small, and to meet costs more than they."""
    before = torch.get_num_threads()
    if device.type != "cpu" or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
