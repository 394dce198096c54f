"""The loop: step, and between two steps obey and report what is due."""

import contextlib
import time
from pathlib import Path

from studio.training.checkpoint import newest_whole, restore, sweep
from studio.training.gathering import unheard
from studio.training.prepare import Prepared, prepare, read
from studio.training.ranks import Ranks
from studio.training.reading import Reading, Stopped
from studio.training.reporting import Reporting
from studio.training.run_folder.commands import KNOWN, receive
from studio.training.scribe import GaveUp, Scribe
from studio.training.sections import RunSettings
from studio.training.signals import Signals

_PAUSE_S = 0.1


class Loop:
    """A run in one of its processes; only the first has a scribe.

    go_on: begin at the newest checkpoint, if there is one.
    """

    def __init__(
        self,
        settings: RunSettings,
        folder: Path,
        ranks: Ranks,
        scribe: Scribe | None,
        *,
        go_on: bool,
    ) -> None:
        self._settings, self._folder, self._ranks, self._scribe = settings, folder, ranks, scribe
        self._go_on = go_on
        self._signals = Signals()
        self._paused = False

    def run(self) -> None:
        """Prepare, and step until the end.

        Raises:
            TrainingError: the settings contradict each other, or there is nothing to train on.
            ModelError: the pictures, or the model to begin from, are damaged.
            OSError: the folder cannot be written.
        """
        with self._signals:
            if self._scribe:
                sweep(self._folder)
                receive(self._folder)  # what nobody was there to obey no longer counts
            prepared = self._prepared()
            if prepared is None:
                return
            self._trainer = prepared.trainer
            try:
                self._resume()
                self._reporting = Reporting(
                    self._settings, prepared, self._ranks, self._scribe, lambda: self._signals.stop
                )
                self._go()
            finally:
                self._trainer.close()

    def _prepared(self) -> Prepared | None:
        """Prepare, the first process before the others; None where a stop was asked for."""
        reading = Reading(self._folder, self._scribe, lambda: self._signals.stop)
        pictures = None
        if self._ranks.first:
            with contextlib.suppress(Stopped):
                pictures = read(self._settings, self._folder, reading)
        # The others find the pictures in the cache, and do not begin where the first has stopped.
        if self._ranks.told("go on" if pictures else ""):
            # A process alone may stop here; of several, the others would wait for it.
            told = reading if self._ranks.world == 1 else unheard
            with contextlib.suppress(Stopped):
                return prepare(self._settings, self._folder, self._ranks, pictures, told)
        if self._scribe:
            self._scribe.end("stopped", "Stopped while the pictures were read.")
        return None

    def _go(self) -> None:
        try:
            self._reporting.introduce()
            self._steps()
        except GaveUp:
            text = "Stopped without a last checkpoint: the disk is full."
            self._reporting.end("stopped", text)

    def _steps(self) -> None:
        keep, trainer, reporting = self._settings.keep, self._trainer, self._reporting
        total = round(self._settings.loop.kimg * 1000)
        stats, sheets, saves = (
            _Every(kimg * 1000, trainer.seen)
            for kimg in (keep.stats_kimg, keep.sample_kimg, keep.checkpoint_kimg)
        )
        while trainer.seen < total:
            asked = self._asked()
            if "stop" in asked:
                reporting.save()
                reporting.end("stopped", f"Stopped and saved at {trainer.seen / 1000:g} kimg.")
                return
            if self._paused:
                time.sleep(_PAUSE_S)
            else:
                trainer.step()
            if stats.due(trainer.seen):
                reporting.figures()
            if "sample" in asked or (sheets.due(trainer.seen) and trainer.seen < total):
                reporting.sheet()
            if "save" in asked or saves.due(trainer.seen):
                reporting.save()
        reporting.save()
        reporting.sheet()
        reporting.end("finished", f"Finished at {trainer.seen / 1000:g} kimg.")

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
        self._reporting.restart_clock()
        if self._scribe:
            self._scribe.pulse.say(state="paused" if pause else "running")
            self._scribe.log("log", text="Paused." if pause else "Resumed.")

    def _resume(self) -> None:
        """Go on at the newest checkpoint that is whole; the first process chooses it."""
        chosen = self._chosen(self._scribe) if self._go_on and self._scribe else ""
        name = self._ranks.told(chosen)
        if name:
            restore(self._folder / name, self._trainer)
            if self._scribe:
                self._scribe.pulse.say(checkpoint=name)
                self._scribe.log("resumed", kimg=self._trainer.seen / 1000, checkpoint=name)

    def _chosen(self, scribe: Scribe) -> str:
        newest, broken = newest_whole(self._folder)
        for name in broken:
            scribe.log("log", text=f"{name} is damaged and was put aside as broken-{name}.")
        return newest.name if newest else ""


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
