"""Evaluate a denoiser on as many pictures at once as memory allows."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import psutil

from studio.diffusion.denoiser import Cotangent, pull
from studio.engine.device import release_memory
from studio.memory import is_out_of_memory
from studio.models.running.estimate import work_of

if TYPE_CHECKING:
    import torch

    from studio.models.model import Model

T = TypeVar("T")
CPU_LIMIT = 64
_SHARE = 0.125  # of the memory there is: guidance takes twice what is counted here
_PARAMETERS = CPU_LIMIT * 10_000_000
_PIXELS = CPU_LIMIT * 32 * 32  # that a learned network on a CPU sees at once


def first_limit(model: "Model", shape: tuple[int, ...], pictures: int) -> int:
    """Return how many pictures of a shape (C, H, W) to begin with at once.

    It is what went through before, where memory has run out with this model.
    """
    limit = pictures
    if model.device.type == "cpu" and not model.info.planar:  # points are no burden
        limit = CPU_LIMIT
        if model.info.parameters:
            pixels = shape[1] * shape[2]
            work = work_of(model.info.parameters, model.dtype.itemsize, pixels)
            room = int(_SHARE * psutil.virtual_memory().total)
            quick = _PARAMETERS // model.info.parameters  # so that a stop need not wait for long
            limit = max(1, min(limit, quick, _PIXELS // pixels, room // max(1, work)))
    return min(limit, model.limits.get(shape, limit))


class Stopped(Exception):  # noqa: N818 - not an error: it is what the person asked for
    """Raised inside a run, before a network call, once a stop was asked for."""


class BatchedDenoiser:
    """Call `denoise(x, sigma, rows)` in parts that fit, asking `stopped()` before every part.

    The first part size is the whole batch on a GPU and 64 pictures on a CPU, where larger parts
    are not faster and would only delay a stop. Running out of memory halves it, down to one, which
    `remember` hears.

    Raises:
        Stopped: a stop was asked for.
    """

    def __init__(
        self,
        denoise: "Callable[[torch.Tensor, float, slice], torch.Tensor]",
        stopped: Callable[[], bool],
        limit: int,
        remember: Callable[[int], object] = lambda _limit: None,
    ) -> None:
        self._denoise = denoise
        self._stopped = stopped
        self.limit = max(1, limit)
        self._remember = remember

    def __call__(self, x: "torch.Tensor", sigma: float) -> "torch.Tensor":
        """Return x̂₀ of x: (B, C, H, W) at noise level sigma."""
        return self._fitting(x, lambda: self._in_parts(x, sigma))

    def pulled(
        self, x: "torch.Tensor", sigma: float, cotangent: Cotangent
    ) -> "tuple[torch.Tensor, torch.Tensor]":
        """Return x̂₀ of x: (B, C, H, W) and Jᵀ c of its slope J, as `Evaluator.pulled` does."""
        return self._fitting(x, lambda: self._pulled_in_parts(x, sigma, cotangent))

    def _fitting(self, x: "torch.Tensor", evaluate: Callable[[], T]) -> T:
        while True:
            try:
                return evaluate()
            except Exception as error:
                if self.limit == 1 or not is_out_of_memory(error):
                    raise
            self.limit = max(1, min(self.limit, len(x)) // 2)
            self._remember(self.limit)
            release_memory(x.device)

    def _in_parts(self, x: "torch.Tensor", sigma: float) -> "torch.Tensor":
        if len(x) <= self.limit:
            return self._part(x, sigma, slice(0, len(x)))
        import torch

        rows = [slice(i, i + self.limit) for i in range(0, len(x), self.limit)]
        return torch.cat([self._part(x[part], sigma, part) for part in rows])

    def _pulled_in_parts(
        self, x: "torch.Tensor", sigma: float, cotangent: Cotangent
    ) -> "tuple[torch.Tensor, torch.Tensor]":
        import torch

        estimates, products = [], []
        for i in range(0, len(x), self.limit):
            rows = slice(i, min(i + self.limit, len(x)))
            part = partial(self._part, rows=rows)
            estimate, product = pull(part, x[rows], sigma, partial(_of_rows, cotangent, rows))
            estimates.append(estimate)
            products.append(product)
        return torch.cat(estimates), torch.cat(products)

    def _part(self, x: "torch.Tensor", sigma: float, rows: slice) -> "torch.Tensor":
        if self._stopped():
            raise Stopped
        return self._denoise(x, sigma, rows)


def _of_rows(
    cotangent: Cotangent, rows: slice, estimates: "torch.Tensor", _all: slice
) -> "torch.Tensor":
    return cotangent(estimates, rows)
