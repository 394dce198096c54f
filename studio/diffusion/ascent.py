"""The probability-flow ODE upward, from data to noise, each picture at a pace of its own."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Protocol

import numpy as np

from studio.diffusion.samplers.rk45 import ERRORS, GROW, SAFETY, SHORTEST, SHRINK, STAGES, TIMES
from studio.diffusion.step import rms

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_FIRST = 0.5  # the longest first step, in ln sigma


class Rates(Protocol):
    """Say what changes along the way, and how fast, in s = ln sigma."""

    def __call__(self, x: Tensor, sigma: Tensor, rows: Tensor, /) -> tuple[Tensor, Tensor]:
        """Return D(x; σ): (B, ...) and the rate dq/ds: (B,) of whatever is summed up.

        x: (B, ...), sigma: (B,), rows: (B,) int64, which pictures of the whole batch these are.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Where the pictures of a batch are: x: (B, ...), their estimates, and σ: (B,) of each.

    `total`: (B,), what was summed up along the way; `calls`: (B,), evaluations so far.
    """

    x: Tensor
    denoised: Tensor
    sigma: NDArray[np.float64]
    total: Tensor
    calls: NDArray[np.int64]
    done: NDArray[np.bool_]


class Ascent:
    """Take x: (B, ...) from one noise level up to another by an embedded Runge-Kutta pair.

    dX/ds = X - D and dq/ds as `rates` has it, in s = ln σ (Song et al. 2021, ScoreSDE, section 4.3;
    Dormand & Prince 1980). Every picture has its own steps, so that its result does not depend on
    what else is in the batch. A step is taken where the root mean square of its error, over
    atol √(1 + σ²) + rtol |x|, is at most 1: absolute errors count as in the coordinates of a
    variance-preserving path. So must be that of q, over d (atol + rtol |q| / d) for d values.

    Raises:
        ArithmeticError: while advancing, when the steps become too short.
    """

    def __init__(
        self, rates: Rates, x: Tensor, low: float, high: float, *, rtol: float, atol: float
    ) -> None:
        import torch

        self._rates, self._rtol, self._atol = rates, rtol, atol
        self._low, self._high, self._end = low, high, log(high / low)
        count = len(x)
        self._rows = torch.arange(count, device=x.device)
        self._x, self._s = x, np.zeros(count)
        self._total = x.new_zeros(count)
        self._h = np.zeros(count)
        self._slope: tuple[Tensor, Tensor] | None = None
        sigma, done = np.full(count, low), np.zeros(count, bool)
        none = np.zeros(count, np.int64)
        self.standing = Standing(x, x, sigma, self._total, none, done)

    def advance(self) -> bool:
        """Let every picture that is under way try one step; return False once all are there."""
        if not len(self._rows):
            return False
        if self._slope is None:
            self._begin()
        left = self._end - self._s
        length = np.where(self._h >= left * (1 - 1e-9), left, self._h)
        x, total, error, slope = self._try(length)
        excess = self._excess(x, total, error)
        self._check(excess)
        taken = excess <= 1
        with np.errstate(divide="ignore"):
            self._h = length * np.clip(SAFETY * excess**-0.2, SHRINK, GROW)
        self._take(taken, x, total, slope)
        arrived = taken & (length >= left)
        self._s = np.where(arrived, self._end, np.where(taken, self._s + length, self._s))
        self._report(calls=6)
        self._drop(arrived)
        return bool(len(self._rows))

    def _begin(self) -> None:
        self._slope = self._at(self._x, self._s)
        scale = self._scale(self._x, self._x, self._s, self._s)
        size = rms(self._x / scale).cpu().numpy()
        pace = rms(self._slope[0] / scale).cpu().numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            self._h = np.where(pace > 0, np.minimum(_FIRST, 0.01 * size / pace), _FIRST)
        self._h = np.maximum(self._h, 1e-4)
        self._report(calls=1)

    def _try(
        self, length: NDArray[np.float64]
    ) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
        """Return the states and sums after steps of these lengths, their errors, and the slopes."""
        assert self._slope is not None
        xs, rates = [self._slope[0]], [self._slope[1]]
        steps = self._x.new_tensor(length)
        wide = _wide(steps, self._x)
        x, total = self._x, self._total
        for row, time in zip(STAGES, TIMES, strict=True):
            x = self._x + _sum(row, xs) * wide
            total = self._total + _sum(row, rates) * steps
            slope, rate = self._at(x, self._s + time * length)
            xs.append(slope)
            rates.append(rate)
        error = _sum(ERRORS, xs) * wide, _sum(ERRORS, rates) * steps
        return x, total, error, (xs[-1], rates[-1])

    def _at(self, x: Tensor, s: NDArray[np.float64]) -> tuple[Tensor, Tensor]:
        denoised, rate = self._rates(x, x.new_tensor(self._sigma(s)), self._rows)
        return x - denoised, rate

    def _sigma(self, s: NDArray[np.float64]) -> NDArray[np.float64]:
        sigma = np.where(s >= self._end, self._high, self._low * np.exp(s))
        return np.asarray(sigma)

    def _scale(
        self, x: Tensor, other: Tensor, s: NDArray[np.float64], s_next: NDArray[np.float64]
    ) -> Tensor:
        sigma = self._sigma(np.maximum(s, s_next))
        absolute = _wide(x.new_tensor(self._atol * np.sqrt(1 + sigma**2)), x)
        return x.abs().maximum(other.abs()) * self._rtol + absolute

    def _excess(
        self, x: Tensor, total: Tensor, error: tuple[Tensor, Tensor]
    ) -> NDArray[np.float64]:
        scale = self._scale(self._x, x, self._s, self._s)
        many = x[0].numel()
        room = self._atol * many + self._rtol * total.abs()
        worst = rms(error[0] / scale).maximum(error[1].abs() / room)
        found: NDArray[np.float64] = worst.double().cpu().numpy()
        return found

    def _check(self, excess: NDArray[np.float64]) -> None:
        bad = ~np.isfinite(excess) | ((excess > 1) & (self._h < SHORTEST))
        if bad.any():
            sigma = float(self._sigma(self._s)[bad][0])
            raise ArithmeticError(
                f"The adaptive solver cannot get on at σ {sigma:.4g}: its steps became too short "
                "or the model returned no numbers. Raise rtol and atol, or open the model in "
                "float32."
            )

    def _take(
        self, taken: NDArray[np.bool_], x: Tensor, total: Tensor, slope: tuple[Tensor, Tensor]
    ) -> None:
        import torch

        assert self._slope is not None
        which = torch.from_numpy(taken).to(x.device)
        broad = _wide(which, x)
        self._x, self._total = (
            torch.where(broad, x, self._x),
            torch.where(which, total, self._total),
        )
        before, rate = self._slope
        self._slope = torch.where(broad, slope[0], before), torch.where(which, slope[1], rate)

    def _report(self, calls: int) -> None:
        import torch

        assert self._slope is not None
        at, rows = self.standing, self._rows
        here = rows.cpu().numpy()
        sigma, count, done = at.sigma.copy(), at.calls.copy(), at.done.copy()
        sigma[here] = self._sigma(self._s)
        count[here] += calls
        done[here] = self._s >= self._end
        if len(rows) == len(at.x):
            x, clean, total = self._x, self._x - self._slope[0], self._total
        else:
            x = torch.index_copy(at.x, 0, rows, self._x)
            clean = torch.index_copy(at.denoised, 0, rows, self._x - self._slope[0])
            total = torch.index_copy(at.total, 0, rows, self._total)
        self.standing = Standing(x, clean, sigma, total, count, done)

    def _drop(self, arrived: NDArray[np.bool_]) -> None:
        """Leave the pictures behind that are there."""
        import torch

        if not arrived.any():
            return
        assert self._slope is not None
        kept = torch.from_numpy(np.flatnonzero(~arrived)).to(self._x.device)
        self._rows, self._x, self._total = self._rows[kept], self._x[kept], self._total[kept]
        self._slope = self._slope[0][kept], self._slope[1][kept]
        self._s, self._h = self._s[~arrived], self._h[~arrived]


def _wide(values: Tensor, x: Tensor) -> Tensor:
    """Return one value per picture, (B,), in as many dimensions as x: (B, ...) has."""
    return values.reshape(-1, *(1,) * (x.ndim - 1))


def _sum(weights: tuple[float, ...], slopes: list[Tensor]) -> Tensor:
    total = slopes[0] * weights[0]
    for weight, slope in zip(weights[1:], slopes[1:], strict=False):
        if weight:
            total = total + slope * weight
    return total
