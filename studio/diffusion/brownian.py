"""Brownian noise: one fixed path per seed, which every number of steps walks along."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from studio.diffusion.noise import KeyedNoise

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray
    from torch import Tensor

Rows: TypeAlias = "NDArray[np.float32]"

LOWEST, HIGHEST = -32, 32
"""The tree divides the levels from 2^-32 to 2^32, evenly in the logarithm."""
DEPTH = 22
"""How often it halves them: its leaves are 2^-16 octaves wide, a hundred-thousandth of their σ."""
_LEAVES = 1 << DEPTH
_KEPT_LEVELS, _KEPT_POINTS = 10, 3
# A first word for each kind of draw; with the others it makes keys longer than those of KeyedNoise.
_NODE, _LEAF, _END = 1, 2, 3


class BrownianNoise(KeyedNoise):
    """Draw the noise of a move from a Brownian path over the noise level, the same for any steps.

    For each seed there is one path W with W(0) = 0 and Var[W(b) - W(a)] = |b - a|; time is σ, as in
    k-diffusion's BrownianTreeNoiseSampler. A move from `a` down to `b` gets
    (W(b) - W(a)) / sqrt(a - b), which is unit normal. So a stochastic solver meets the same noise
    whether it takes 20 steps or 200, and its pictures come to a limit as steps are added.

    Only the way down is on the path. Moves up (churn, restarts), Langevin steps at one level and a
    move drawn again within a step need noise that is fresh: on the path they would cross levels
    that were crossed before and find the noise that is in the picture already. They draw as
    `KeyedNoise` does, numbered by themselves, and so does a move that is all within one leaf of
    the tree. A solver that went down between the same levels in two steps would meet the same noise
    twice.

    W is a virtual Brownian tree: halves of ln σ, each middle a Brownian bridge between its ends,
    keyed by the seed and the node alone, so that a run can be taken up at any step and nothing
    depends on the batch or on what was asked before. A point costs at most DEPTH + 2 draws a
    picture; ends, upper nodes and latest points are kept, 15 arrays like the noise. Levels above
    2^32 and below 2^-32 count as one leaf each. Draws are float32 on the CPU; `device` and `dtype`
    are those of the result, `shape` that of one picture.

    Raises:
        KnobError: a seed is negative or there is none.
    """

    def __init__(
        self,
        seeds: Sequence[int],
        shape: Sequence[int],
        device: torch.device | str = "cpu",
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(seeds, shape, device, dtype)
        self._moves: set[tuple[float, float]] = set()
        self._nodes: dict[int, tuple[int, Rows]] = {}
        self._points: dict[float, Rows] = {}
        self._ends: tuple[Rows, Rows] | None = None

    def at(self, step: int) -> None:
        """Go to the first draw of a step."""
        super().at(step)
        self._moves.clear()

    def __call__(self, sigma_from: float, sigma_to: float, /) -> Tensor:
        """Return the noise of a move: (B, *shape)."""
        import torch

        move = (sigma_from, sigma_to)
        fresh = sigma_to >= sigma_from or move in self._moves
        if fresh or _leaf(sigma_from) == _leaf(sigma_to):
            return super().__call__(sigma_from, sigma_to)
        self._moves.add(move)
        change = self._path(sigma_to) - self._path(sigma_from)
        change *= np.float32(1 / math.sqrt(sigma_from - sigma_to))
        return self._placed(torch.from_numpy(change))

    def _path(self, sigma: float) -> Rows:
        """Return W(sigma): (B, *shape), from the latest points where it is one of them."""
        value = self._points.pop(sigma, None)
        if value is None:
            value = self._descend(sigma)
        self._points[sigma] = value
        while len(self._points) > _KEPT_POINTS:
            del self._points[next(iter(self._points))]
        return value

    def _descend(self, sigma: float) -> Rows:
        """Return W(sigma): down the nodes to a leaf, and along a bridge within it."""
        leaf, (bottom, top) = _leaf(sigma), self._range()
        if leaf == _LEAVES:
            spread = math.sqrt(sigma - 2.0**HIGHEST)
            return top + self._normal(_LEAF, leaf, DEPTH) * np.float32(spread)
        if leaf < 0:
            return self._bridge(sigma, (0.0, 0 * bottom), (2.0**LOWEST, bottom), (_END, 2, 0))
        low, high = 0, _LEAVES
        for depth in range(DEPTH):
            middle = (low + high) // 2
            value = self._node(depth, (low, bottom), (high, top))
            if leaf >= middle:
                low, bottom = middle, value
            else:
                high, top = middle, value
        ends = (_level(low), bottom), (_level(high), top)
        return self._bridge(sigma, *ends, (_LEAF, leaf, DEPTH))

    def _range(self) -> tuple[Rows, Rows]:
        """Return W at the ends of the tree."""
        if self._ends is None:
            low, high = 2.0**LOWEST, 2.0**HIGHEST
            bottom = self._normal(_END, 0, 0) * np.float32(math.sqrt(low))
            rise = self._normal(_END, 1, 0) * np.float32(math.sqrt(high - low))
            self._ends = bottom, bottom + rise
        return self._ends

    def _node(self, depth: int, low: tuple[int, Rows], high: tuple[int, Rows]) -> Rows:
        """Return W in the middle between two leaves; the upper nodes are kept, one of a depth."""
        middle = (low[0] + high[0]) // 2
        if depth in self._nodes and self._nodes[depth][0] == middle:
            return self._nodes[depth][1]
        ends = (_level(low[0]), low[1]), (_level(high[0]), high[1])
        value = self._bridge(_level(middle), *ends, (_NODE, middle, depth))
        if depth < _KEPT_LEVELS:
            self._nodes[depth] = middle, value
        return value

    def _bridge(
        self, t: float, low: tuple[float, Rows], high: tuple[float, Rows], key: tuple[int, int, int]
    ) -> Rows:
        """Return W(t) given a, W(a) and b, W(b), for a <= t <= b: a Brownian bridge."""
        (a, at_a), (b, at_b) = low, high
        # At the edges of a leaf rounding may bring t beyond it.
        share = min(max((t - a) / (b - a), 0.0), 1.0)
        value = self._normal(*key)
        value *= np.float32(math.sqrt(share * (1 - share) * (b - a)))
        value += at_a * np.float32(1 - share)
        value += at_b * np.float32(share)
        return value

    def _normal(self, kind: int, index: int, depth: int) -> Rows:
        """Return unit noise for each seed, keyed by the seed and the place in the tree."""
        rows = np.empty((len(self._seeds), *self._shape), np.float32)
        for i, seed in enumerate(self._seeds):
            key = np.random.SeedSequence(seed, spawn_key=(kind, depth, index))
            source = np.random.Generator(np.random.PCG64(key))
            source.standard_normal(dtype=np.float32, out=rows[i])
        return rows


def _leaf(sigma: float) -> int:
    """Return the leaf in which a level lies: -1 below the tree, 2^DEPTH above it."""
    if sigma < 2.0**LOWEST:
        return -1
    if sigma >= 2.0**HIGHEST:
        return _LEAVES
    octaves = math.log2(sigma) - LOWEST
    return min(int(octaves / (HIGHEST - LOWEST) * _LEAVES), _LEAVES - 1)


def _level(leaf: int) -> float:
    """Return the level at which a leaf begins."""
    octave: float = 2.0 ** (LOWEST + (HIGHEST - LOWEST) * leaf / _LEAVES)
    return octave
