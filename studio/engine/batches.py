"""Evaluate a denoiser on as many pictures at once as memory allows."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from studio.engine.device import release_memory
from studio.memory import is_out_of_memory
from studio.models import ModelInfo

if TYPE_CHECKING:
    import torch

CPU_LIMIT = 64
_LIGHT = 10_000_000  # parameters


def cpu_limit(info: ModelInfo) -> int:
    """Return how many pictures a CPU evaluates at once: fewer with a network that takes long.

    A stop waits for one evaluation, and more pictures at a time are hardly faster there.
    """
    return max(1, min(CPU_LIMIT, CPU_LIMIT * _LIGHT // max(info.parameters, _LIGHT)))


class Stopped(Exception):  # noqa: N818 - not an error: it is what the person asked for
    """Raised inside a run, before a network call, once a stop was asked for."""


class BatchedDenoiser:
    """Call `denoise(x, sigma, rows)` in parts that fit, asking `stopped()` before every part.

    The first part size is the whole batch on a GPU and `cpu_limit` on a CPU, where larger parts
    are not faster and would only delay a stop. Running out of memory halves it, down to one.

    Raises:
        Stopped: a stop was asked for.
    """

    def __init__(
        self,
        denoise: "Callable[[torch.Tensor, float, slice], torch.Tensor]",
        stopped: Callable[[], bool],
        limit: int,
    ) -> None:
        self._denoise = denoise
        self._stopped = stopped
        self.limit = limit

    def __call__(self, x: "torch.Tensor", sigma: float) -> "torch.Tensor":
        """Return x̂₀ of x: (B, C, H, W) at noise level sigma."""
        while True:
            try:
                return self._in_parts(x, sigma)
            except Exception as error:
                if self.limit == 1 or not is_out_of_memory(error):
                    raise
            self.limit = max(1, min(self.limit, len(x)) // 2)
            release_memory(x.device)

    def _in_parts(self, x: "torch.Tensor", sigma: float) -> "torch.Tensor":
        if len(x) <= self.limit:
            return self._part(x, sigma, slice(0, len(x)))
        import torch

        rows = [slice(i, i + self.limit) for i in range(0, len(x), self.limit)]
        return torch.cat([self._part(x[part], sigma, part) for part in rows])

    def _part(self, x: "torch.Tensor", sigma: float, rows: slice) -> "torch.Tensor":
        if self._stopped():
            raise Stopped
        return self._denoise(x, sigma, rows)
