"""Bring finished steps to the host without making the device wait."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.library import Frame

if TYPE_CHECKING:
    import numpy as np
    import torch

    from studio.diffusion import Step
    from studio.models.model import Model

AHEAD = 2


@dataclass(slots=True)
class _Pending:
    step: "Step"
    tensors: "dict[str, torch.Tensor]"
    event: Any


class Outbox:
    """Turn steps on a device into frames on the host, in order.

    On CUDA the copies go to pinned memory on a stream of their own, and a frame is handed over when
    its event has passed; the sampler runs at most two steps ahead. Elsewhere a frame is ready at
    once, and on the CPU it shares the memory of the step, which no solver writes to again.
    """

    def __init__(self, model: "Model") -> None:

        self._codec = model.codec
        self._cuda = model.device.type == "cuda"
        self._stream = _side_stream(model.device) if self._cuda else None
        self._pending: deque[_Pending] = deque()

    def push(self, step: "Step") -> None:
        """Take a finished step; on a GPU wait only if the device is more than two steps behind."""
        import torch

        tensors = {"x": step.x, "denoised": step.denoised}
        tensors["preview"] = self._codec.preview(step.denoised)
        if step.error is not None:
            tensors["error"] = step.error
        for name, value in step.carry.items():
            if isinstance(value, torch.Tensor):
                tensors[f"carry.{name}"] = value
        event = self._copy_aside(tensors) if self._cuda else None
        if event is None:
            tensors = {name: t.cpu() for name, t in tensors.items()}
        self._pending.append(_Pending(step, tensors, event))
        if event is not None and len(self._pending) > AHEAD:
            self._pending[0].event.synchronize()

    def ready(self, *, wait: bool = False) -> Iterator[Frame]:
        """Yield the frames that have arrived, or, with `wait`, all that are on their way."""
        while self._pending:
            first = self._pending[0]
            if first.event is not None and not first.event.query():
                if not wait:
                    return
                first.event.synchronize()
            yield _frame(self._pending.popleft())

    def _copy_aside(self, tensors: "dict[str, torch.Tensor]") -> Any:
        import torch

        assert self._stream is not None
        self._stream.wait_stream(torch.cuda.current_stream(self._stream.device))
        with torch.cuda.stream(self._stream):
            for name, tensor in tensors.items():
                tensor.record_stream(self._stream)
                host = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
                tensors[name] = host.copy_(tensor, non_blocking=True)
            return self._stream.record_event()


def _frame(pending: _Pending) -> Frame:
    step = pending.step
    arrays: dict[str, np.ndarray] = {name: t.numpy() for name, t in pending.tensors.items()}
    carry: dict[str, Any] = {k: v for k, v in step.carry.items() if f"carry.{k}" not in arrays}
    carry |= {k.removeprefix("carry."): v for k, v in arrays.items() if k.startswith("carry.")}
    return Frame(
        index=step.index,
        sigma=step.sigma,
        sigma_next=step.sigma_next,
        nfe=step.nfe,
        x=arrays["x"],
        denoised=arrays["denoised"],
        preview=arrays["preview"],
        error=arrays.get("error"),
        carry=carry,
    )


def _side_stream(device: "torch.device") -> "torch.cuda.Stream":
    import torch

    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
