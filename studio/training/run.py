"""Run a training run: the loop, and what it listens to."""

import io
import time
from collections.abc import Callable
from pathlib import Path

import torch

from studio.library.scratch import held
from studio.models.checkpoints import RUN_FILE, checkpoint_name, checkpoints
from studio.training.checkpoint import newest_whole, restore, save_checkpoint, sweep
from studio.training.errors import TrainingError
from studio.training.held_out import held_out_loss
from studio.training.post_hoc import save_snapshots
from studio.training.prepare import make_objective, prepare
from studio.training.ranks import Ranks
from studio.training.run_file import read_run_file
from studio.training.run_folder.commands import KNOWN, receive
from studio.training.scribe import GaveUp, Listener, Scribe
from studio.training.sections import RunSettings
from studio.training.sheet import draw_sheet
from studio.training.signals import Signals
from studio.training.tally import figures

_PAUSE_S = 0.1


def run(folder: Path, *, go_on: bool, listener: Listener, patience: float = 1.0) -> None:
    """Train as the run file in a folder says, until it is done or somebody asks to stop.

    go_on: begin at the newest checkpoint if there is one. listener: is told every line of the log.
    patience: the time between two tries to write to a full disk, in seconds.

    Raises:
        TrainingError: the run file is wrong, the folder is in use, or there is nothing to train on.
        ModelError: the pictures or the model to begin from are damaged.
        OSError: the folder cannot be written.
    """
    settings = read_run_file(folder / RUN_FILE)
    with Ranks(settings.loop.device) as ranks:
        if not ranks.first:
            _Run(settings, folder, ranks, None, go_on).train()
            return
        with held(folder) as free:
            if not free:
                raise TrainingError(f"Another trainer is at work in “{folder}”; stop that first.")
            _check_beginning(folder, go_on)
            scribe = Scribe(folder, listener, patience)
            try:
                _Run(settings, folder, ranks, scribe, go_on).train()
            except BaseException as error:
                scribe.pulse.say(state="failed", message=str(error) or type(error).__name__)
                raise
            finally:
                scribe.pulse.close()


def _check_beginning(folder: Path, go_on: bool) -> None:
    found = checkpoints(folder)
    if found and not go_on:
        raise TrainingError(
            f"“{folder}” holds a run that has come to {found[0].name}; add --resume to go on with "
            "it, or begin in a new folder."
        )


class _Run:
    """A run in one of its processes; only the first has a scribe."""

    def __init__(
        self,
        settings: RunSettings,
        folder: Path,
        ranks: Ranks,
        scribe: Scribe | None,
        go_on: bool,
    ) -> None:
        self._settings, self._folder, self._ranks, self._scribe = settings, folder, ranks, scribe
        self._go_on = go_on
        self._signals = Signals()
        self._paused = False
        self._began = (time.monotonic(), 0)

    def train(self) -> None:
        """Prepare, and step until the end."""
        with self._signals:
            if self._scribe:
                sweep(self._folder)
                receive(self._folder)  # what nobody was there to obey no longer counts
            self._prepared = prepare(self._settings, self._folder, self._ranks)
            self._resume()
            self._introduce()
            try:
                self._loop()
            except GaveUp:
                self._end("stopped", "Stopped without a last checkpoint: the disk is full.")

    @property
    def _seen(self) -> int:
        return self._prepared.trainer.seen

    @property
    def _total(self) -> int:
        return round(self._settings.loop.kimg * 1000)

    def _loop(self) -> None:
        keep = self._settings.keep
        stats, sheets, saves = (
            _Every(kimg * 1000, self._seen)
            for kimg in (keep.stats_kimg, keep.sample_kimg, keep.checkpoint_kimg)
        )
        while self._seen < self._total:
            asked = self._asked()
            if "stop" in asked:
                self._save()
                self._end("stopped", f"Stopped and saved at {self._seen / 1000:g} kimg.")
                return
            if self._paused:
                time.sleep(_PAUSE_S)
            else:
                self._prepared.trainer.step()
            if stats.due(self._seen):
                self._figures()
            if "sample" in asked or (sheets.due(self._seen) and self._seen < self._total):
                self._sheet()
            if "save" in asked or saves.due(self._seen):
                self._save()
        self._save()
        self._sheet()
        self._end("finished", f"Finished at {self._seen / 1000:g} kimg.")

    def _asked(self) -> set[str]:
        """Return what was asked for since the last step, which all processes hear alike."""
        asked = receive(self._folder) if self._scribe else set()
        if self._signals.stop:
            asked.add("stop")
        heard = self._ranks.any([name in asked for name in KNOWN])
        asked = {name for name, wanted in zip(KNOWN, heard, strict=True) if wanted}
        if asked & {"pause", "resume"} and self._paused is not (pause := "pause" in asked):
            self._pause(pause)
        return asked

    def _pause(self, pause: bool) -> None:
        self._paused = pause
        self._began = (time.monotonic(), self._seen)
        if self._scribe:
            self._scribe.pulse.say(state="paused" if pause else "running")
            self._scribe.log("log", text="Paused." if pause else "Resumed.")

    def _resume(self) -> None:
        """Go on at the newest checkpoint that is whole; the first process chooses it."""
        chosen: Path | None = None
        broken: list[str] = []
        if self._go_on and self._scribe:
            chosen, broken = newest_whole(self._folder)
            for name in broken:
                text = f"{name} is damaged and was put aside as broken-{name}."
                self._scribe.log("log", text=text)
        name = self._ranks.told(chosen.name if chosen else "")
        if name:
            restore(self._folder / name, self._prepared.trainer)
            if self._scribe:
                self._scribe.pulse.say(checkpoint=name)
                self._scribe.log("resumed", kimg=self._seen / 1000, checkpoint=name)

    def _introduce(self) -> None:
        self._began = (time.monotonic(), self._seen)
        if not self._scribe:
            return
        prepared, trainer = self._prepared, self._prepared.trainer
        for remark in prepared.pictures.remarks:
            self._scribe.log("log", text=remark)
        parameters = sum(p.numel() for p in trainer.averages.main)
        count, side = len(prepared.pictures.pixels), prepared.pictures.shape[1]
        text = (
            f"{count:,} pictures of {side}x{side} in {len(prepared.pictures.classes)} classes; "
            f"{parameters:,} parameters."
        )
        self._scribe.log("log", text=text)
        self._scribe.pulse.say(
            state="running",
            kimg=self._seen / 1000,
            total_kimg=self._total / 1000,
            batch=trainer.batch,
            micro_batch=trainer.micro_batch,
            processes=self._ranks.world,
            device=str(self._ranks.device),
            precision=str(prepared.dtype).removeprefix("torch."),
        )

    def _figures(self) -> None:
        """Write a line of figures; the only time that the device is waited for."""
        trainer = self._prepared.trainer
        found = figures(self._ranks.total(trainer.tally.take()))
        # Every process has counted the same steps.
        found["skipped"] //= self._ranks.world
        if not self._scribe:
            return
        since, seen = self._began
        self._began = (time.monotonic(), self._seen)
        speed = (self._seen - seen) / max(self._began[0] - since, 1e-9)
        eta = (self._total - self._seen) / speed if speed else None
        lr = trainer.lr
        memory = _memory(self._ranks.device)
        self._scribe.log(
            "stats",
            kimg=self._seen / 1000,
            total_kimg=self._total / 1000,
            **found,
            learning_rate=lr,
            images_per_second=round(speed, 2),
        )
        self._scribe.pulse.say(
            kimg=self._seen / 1000,
            images_per_second=speed,
            eta=eta,
            loss=found["loss"],
            learning_rate=lr,
            micro_batch=trainer.micro_batch,
            memory=memory,
        )

    def _sheet(self) -> None:
        """Draw samples, and measure the loss on the pictures held out."""
        if self._scribe:
            prepared, keep = self._prepared, self._settings.keep
            trainer = prepared.trainer
            network = trainer.averaged()
            if len(prepared.pictures.held_out[0]):
                objective = make_objective(self._settings, trainer.header, network)
                loss = held_out_loss(
                    objective.to(self._ranks.device),
                    *prepared.pictures.held_out,
                    len(prepared.pictures.classes),
                    self._ranks.device,
                )
                self._scribe.log("held_out", kimg=self._seen / 1000, loss=loss)
            if keep.samples:
                sheet = draw_sheet(network, trainer.header, keep, self._ranks.device)
                file = io.BytesIO()
                sheet.save(file, "PNG")
                name = f"{checkpoint_name(self._seen).partition('-')[2]}.png"
                write = self._persisted(lambda: self._picture(name, file.getvalue()))
                self._scribe.log("sheet", kimg=self._seen / 1000, file=f"samples/{write.name}")
        self._ranks.wait()

    def _picture(self, name: str, content: bytes) -> Path:
        assert self._scribe
        return self._scribe.picture(name, content)

    def _save(self) -> None:
        if self._scribe:
            keep, trainer = self._settings.keep.checkpoints, self._prepared.trainer
            began = time.monotonic()
            path = self._persisted(lambda: save_checkpoint(self._folder, trainer, keep))
            if lengths := self._settings.average.power:
                powers = trainer.powers()
                self._persisted(lambda: save_snapshots(self._folder, self._seen, lengths, powers))
            if path.name != self._scribe.pulse.status.checkpoint:
                seconds = round(time.monotonic() - began, 3)
                self._scribe.pulse.say(checkpoint=path.name)
                self._scribe.log("checkpoint", kimg=self._seen / 1000, name=path.name, s=seconds)
        self._ranks.wait()

    def _persisted(self, write: Callable[[], Path]) -> Path:
        assert self._scribe
        return self._scribe.persist(write, lambda: self._signals.stop)

    def _end(self, state: str, text: str) -> None:
        if self._scribe:
            self._scribe.pulse.say(state=state, message=text, eta=None, kimg=self._seen / 1000)
            self._scribe.log("log", text=text)


class _Every:
    """Tell when another so many pictures have been seen."""

    def __init__(self, pictures: float, seen: int) -> None:
        self._pictures = max(pictures, 1)
        self._last = seen // self._pictures

    def due(self, seen: int) -> bool:
        """Return True once for every multiple that is passed."""
        now = seen // self._pictures
        passed, self._last = now > self._last, now
        return passed


def _memory(device: torch.device) -> int:
    """Return the bytes that the run takes: of the device, or of this process on the CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device)
    import psutil

    return int(psutil.Process().memory_info().rss)
