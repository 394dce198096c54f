"""Notice NaN and infinity without making the device wait in the sampling loop."""

from typing import Any

import torch
from torch import Tensor


class Watch:
    """Look whether what was computed on a device is finite: at once, or when there is time."""

    def __init__(self) -> None:
        self._asked: tuple[Tensor, Any] | None = None

    def broken(self, result: Tensor, *, hurry: bool) -> bool:
        """Tell whether a result has NaN or infinity.

        In a hurry a GPU is not waited for: the answer is no, and `found_broken` knows better as
        soon as the device has got there.
        """
        kind = result.device.type
        if not hurry or kind == "cpu":
            return not bool(torch.isfinite(result.detach()).all())
        if kind == "cuda" and self._asked is None:
            self._asked = _asked(torch.isfinite(result.detach()).all())
        return False

    def found_broken(self) -> bool:
        """Tell whether an earlier result turned out to have NaN or infinity."""
        if self._asked is None or not self._asked[1].query():
            return False
        finite, self._asked = self._asked[0], None
        return not bool(finite)


def _asked(finite: Tensor) -> tuple[Tensor, Any]:
    host = torch.empty((), dtype=torch.bool, pin_memory=True)
    host.copy_(finite, non_blocking=True)
    event = torch.cuda.Event()  # type: ignore[no-untyped-call]
    event.record()
    return host, event
