"""The processes that train together, as torchrun started them."""

import gc
import os
import warnings
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType

import torch
import torch.distributed as dist
from torch import Tensor, nn

from studio.models.devices import choose_device

# The others wait for the first one also while it samples, pauses or finds the disk full.
_PATIENCE = timedelta(days=7)


class Ranks:
    """Know this process's place among those that train together, and what all of them say.

    torchrun sets RANK, WORLD_SIZE and LOCAL_RANK; without it there is one. Gradients go over NCCL
    between GPUs and over gloo otherwise, decisions always over gloo.
    """

    def __init__(self, device: str = "auto") -> None:
        self.world = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        self.device = choose_device(device)
        if self.world > 1:
            if self.device.type == "cuda" and self.device.index is None:
                self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
                torch.cuda.set_device(self.device)
            dist.init_process_group(
                "cpu:gloo,cuda:nccl" if self.device.type == "cuda" else "gloo",
                timeout=_PATIENCE,
                rank=self.rank,
                world_size=self.world,
            )

    def __enter__(self) -> "Ranks":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # After an error the others may be waiting for this process, and so would this for them.
        if self.world == 1 or error is not None:
            return
        self.wait()
        # What still holds on to the group, the joined module above all, would keep its threads
        # until Python itself is taken down, where they end the process with an abort.
        gc.collect()
        dist.destroy_process_group()

    @property
    def first(self) -> bool:
        """Tell whether this is the process that writes."""
        return self.rank == 0

    def joined(self, module: nn.Module) -> nn.Module:
        """Return a module whose gradients are the mean over all processes."""
        if self.world == 1:
            return module
        ids = [self.device] if self.device.type == "cuda" else None
        with warnings.catch_warnings():
            # What torch 2.13 would have instead of broadcast_buffers is unknown to those before.
            warnings.simplefilter("ignore", FutureWarning)
            return nn.parallel.DistributedDataParallel(
                module, device_ids=ids, broadcast_buffers=False, gradient_as_bucket_view=True
            )

    def any(self, flags: Sequence[bool]) -> list[bool]:
        """Return for each flag whether any process has set it; all must ask."""
        if self.world == 1:
            return list(flags)
        said = torch.tensor(flags, dtype=torch.int32)
        dist.all_reduce(said, dist.ReduceOp.MAX)
        return [bool(flag) for flag in said.tolist()]

    def total(self, values: Tensor) -> Tensor:
        """Return the sum of CPU tensors over all processes; all must ask."""
        if self.world > 1:
            dist.all_reduce(values)
        return values

    def told(self, text: str) -> str:
        """Return what the first process says; all must ask."""
        said = [text]
        if self.world > 1:
            dist.broadcast_object_list(said, src=0)
        return said[0]

    def wait(self) -> None:
        """Return when all processes have come here."""
        if self.world > 1:
            self.any([False])
