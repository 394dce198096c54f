"""A chain of operators: each measures what the one before it left."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from studio.diffusion.inverse.dense import tried
from studio.diffusion.inverse.kronecker import Kronecker
from studio.diffusion.inverse.operator import Operator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from studio.diffusion.inverse.svd import Svd


class Chain(Operator):
    """Apply operators one after another: H(x) = H_k(… H_2(H_1(x)))."""

    def __init__(self, parts: Sequence[Operator]) -> None:
        super().__init__(parts[0].shape, parts[-1].measured)
        self.parts = tuple(parts)
        self.linear = all(part.linear for part in parts)

    @cached_property
    def svd(self) -> Svd | None:
        """Return the decomposition of the product where its structure, or its size, allows it."""
        if not self.linear:
            return None
        merged = _merged(self.parts)
        return merged.svd if merged else tried(self)

    def apply(self, x: Tensor) -> Tensor:
        """Return H(x) of pictures x: (B, C, H, W)."""
        for part in self.parts:
            x = part.apply(x)
        return x

    def adjoint(self, y: Tensor) -> Tensor:
        """Return Hᵀy = H_1ᵀ H_2ᵀ … y."""
        for part in reversed(self.parts):
            y = part.adjoint(y)
        return y

    def pinv(self, y: Tensor) -> Tensor:
        """Return H⁺y; where a part is not linear, what undoes the parts one by one."""
        if self.linear:
            return super().pinv(y)
        for part in reversed(self.parts):
            y = part.pinv(y)
        return y

    def pull(self, x: Tensor, cotangent: Tensor) -> Tensor:
        """Return Jᵀ·cotangent by going back through the parts."""
        inputs = [x]
        for part in self.parts[:-1]:
            inputs.append(part.apply(inputs[-1]))
        for part, state in zip(reversed(self.parts), reversed(inputs), strict=True):
            cotangent = part.pull(state, cotangent)
        return cotangent

    @cached_property
    def _counted(self) -> Tensor | None:
        """Find the measurements that no picture can change, by what two random ones give."""
        import torch

        if all(part.counted() is None for part in self.parts):
            return None
        source = torch.Generator().manual_seed(0)
        x = torch.randn((2, *self.shape), generator=source, dtype=torch.float64)
        return (self.apply(x).abs().amax(0) > 1e-12).to(torch.float64)

    def counted(self) -> Tensor | None:
        """Return 1 where y holds a measurement and 0 where it is always empty: (*measured)."""
        return self._counted

    def picture(self, y: Tensor) -> Tensor:
        """Return what a person is shown of y: what the last part shows."""
        return self.parts[-1].picture(y)


def chain(operators: Sequence[Operator]) -> Operator:
    """Return the operator that applies `operators` one after another, the first one first.

    Raises:
        ValueError: there is none, or one does not measure what the one before it leaves.
    """
    if not operators:
        raise ValueError("There is no operator to chain; give at least one.")
    for before, after in pairwise(operators):
        if tuple(before.measured) != tuple(after.shape):
            raise ValueError(
                f"An operator for shape {after.shape} cannot follow one that leaves "
                f"{before.measured}; make each for what the one before it leaves."
            )
    return operators[0] if len(operators) == 1 else Chain(operators)


def parts_of(operator: Operator) -> tuple[Operator, ...]:
    """Return the operators that a chain was made of, or the operator itself."""
    return operator.parts if isinstance(operator, Chain) else (operator,)


def _merged(parts: Sequence[Operator]) -> Operator | None:
    """Return one operator that does what the parts do, or None."""
    doing = [part for part in parts if not (isinstance(part, Kronecker) and part.plain)]
    if len(doing) < 2:
        return (doing or parts)[0]
    kroneckers = [part for part in doing if isinstance(part, Kronecker) and not part.cutoff]
    return _product(kroneckers) if len(kroneckers) == len(doing) else None


def _product(parts: Sequence[Kronecker]) -> Kronecker:
    matrices: list[NDArray[np.float64] | None] = [None, None, None]
    for part in parts:
        for axis, matrix in enumerate(part.matrices):
            before = matrices[axis]
            if matrix is not None:
                matrices[axis] = matrix if before is None else matrix @ before
    channels, rows, columns = matrices
    return Kronecker(parts[0].shape, channels, rows, columns)
