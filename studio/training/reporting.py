"""What a run shows and keeps along the way: figures, samples, checkpoints."""

import contextlib
import io
import time
from collections.abc import Callable
from pathlib import Path

import torch

from studio.models.checkpoints import checkpoint_name
from studio.training.checkpoint import save_checkpoint
from studio.training.held_out import held_out_losses
from studio.training.look import changed_since, feed_of_pixels, write_look
from studio.training.post_hoc import save_snapshots
from studio.training.prepare import Prepared, make_objective
from studio.training.ranks import Ranks
from studio.training.scribe import Scribe
from studio.training.sections import RunSettings
from studio.training.sheet import draw_sheet
from studio.training.tally import figures


class Reporting:
    """Show and keep the state of a trainer; all processes call it, and the first one writes.

    stopped: tells whether the person asks to end, for when the disk is full.
    """

    def __init__(
        self,
        settings: RunSettings,
        prepared: Prepared,
        ranks: Ranks,
        scribe: Scribe | None,
        stopped: Callable[[], bool],
    ) -> None:
        self._settings, self._prepared, self._ranks = settings, prepared, ranks
        self._scribe, self._stopped = scribe, stopped
        self._trainer = prepared.trainer
        self._total = settings.loop.kimg
        self.restart_clock()

    @property
    def _kimg(self) -> float:
        return self._trainer.seen / 1000

    def restart_clock(self) -> None:
        """Measure the speed from here on."""
        self._since, self._from = time.monotonic(), self._trainer.seen

    def introduce(self) -> None:
        """Say what is trained on what."""
        if not self._scribe:
            return
        pictures, trainer = self._prepared.pictures, self._trainer
        folder = self._scribe.folder
        if changed := changed_since(folder, pictures):
            self._scribe.log("log", text=changed)
        for remark in pictures.remarks:
            self._scribe.log("log", text=remark)
        self._look(folder)
        parameters = sum(p.numel() for p in trainer.averages.main)
        size = "x".join(map(str, pictures.shape[1:]))
        kind = "points" if pictures.planar else f"pictures of {size}"
        classes = f" in {len(pictures.classes)} classes" if pictures.classes else ""
        text = f"{len(pictures.trained):,} {kind}{classes}; {parameters:,} parameters."
        self._scribe.log("log", text=text)
        self._scribe.pulse.say(
            state="running",
            message="",
            kimg=self._kimg,
            total_kimg=self._total,
            batch=trainer.batch,
            micro_batch=trainer.micro_batch,
            accumulation=trainer.accumulation,
            processes=self._ranks.world,
            device=str(self._ranks.device),
            precision=str(self._prepared.dtype).removeprefix("torch."),
        )

    def figures(self) -> None:
        """Write a line of figures; the only time that the device is waited for."""
        trainer = self._trainer
        found = figures(self._ranks.total(trainer.tally.take()))
        found["skipped"] //= self._ranks.world  # every process has counted the same steps
        speed = (trainer.seen - self._from) / max(time.monotonic() - self._since, 1e-9)
        self.restart_clock()
        if not self._scribe:
            return
        shared = {
            "kimg": self._kimg,
            "total_kimg": self._total,
            "learning_rate": trainer.lr,
            "loss": found["loss"],
            "gradient_norm": found["gradient_norm"],
            "half_life_kimg": trainer.averages.half_life(trainer.seen) / 1000,
            "images_per_second": round(speed, 2),
            "eta": (self._total - self._kimg) * 1000 / speed if speed else None,
            "micro_batch": trainer.micro_batch,
            "accumulation": trainer.accumulation,
            "memory": _memory(self._ranks.device),
        }
        self._scribe.log("stats", **found | shared)
        self._scribe.pulse.say(**shared)

    def _look(self, folder: Path) -> None:
        """Show what the network will see, as pictures also where it sees latents."""
        pictures, feed = self._prepared.pictures, self._prepared.feed
        if self._prepared.seen is pictures:
            self._persisted(lambda: write_look(folder, pictures, feed))
            return
        with contextlib.closing(feed_of_pixels(self._settings, pictures)) as pixels:
            self._persisted(lambda: write_look(folder, pictures, pixels))

    def sheet(self) -> None:
        """Measure the loss on the pictures held out, and draw samples."""
        if self._scribe:
            network = self._trainer.averaged()
            header, device = self._trainer.header, self._ranks.device
            pictures, keep = self._prepared.seen, self._settings.keep
            if len(pictures.held_out):
                objective = make_objective(self._settings, header, network).to(device)
                found = held_out_losses(objective, pictures, device)
                self._scribe.log("held_out", kimg=self._kimg, **found)
                self._scribe.pulse.say(held_out_loss=found["loss"])
            if keep.samples:
                file = io.BytesIO()
                draw_sheet(network, header, keep, device).save(file, "PNG")
                self._keep_sheet(self._scribe, file.getvalue())
        self._ranks.wait()

    def _keep_sheet(self, scribe: Scribe, content: bytes) -> None:
        name = f"{checkpoint_name(self._trainer.seen).partition('-')[2]}.png"
        path = self._persisted(lambda: scribe.picture(name, content))
        scribe.log("sheet", kimg=self._kimg, file=f"samples/{path.name}")

    def save(self) -> None:
        """Write a checkpoint, unless there is one of this very place."""
        if self._scribe:
            folder, keep = self._scribe.folder, self._settings.keep.checkpoints
            began = time.monotonic()
            path = self._persisted(lambda: save_checkpoint(folder, self._trainer, keep))
            if lengths := self._settings.average.power:
                seen, powers = self._trainer.seen, self._trainer.powers()
                self._persisted(lambda: save_snapshots(folder, seen, lengths, powers))
            if path.name != self._scribe.pulse.status.checkpoint:
                seconds = round(time.monotonic() - began, 3)
                self._scribe.pulse.say(checkpoint=path.name)
                self._scribe.log("checkpoint", kimg=self._kimg, name=path.name, seconds=seconds)
        self._ranks.wait()

    def _persisted(self, write: Callable[[], Path]) -> Path:
        assert self._scribe
        return self._scribe.persist(write, self._stopped)

    def end(self, state: str, text: str) -> None:
        """Say that the run has ended, and how."""
        if self._scribe:
            self._scribe.end(state, text, kimg=self._kimg)


def _memory(device: torch.device) -> int:
    """Return the bytes that the run takes: of the device, or of this process on the CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device)
    import psutil

    return int(psutil.Process().memory_info().rss)
