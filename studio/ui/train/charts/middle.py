"""The middle of the Train tab: what a run has done so far."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from studio.ui.splitter import splitter
from studio.ui.train.charts.digest import Digest
from studio.ui.train.charts.following import Following
from studio.ui.train.charts.level_map import LevelMap
from studio.ui.train.charts.loss_plot import LossPlot
from studio.ui.train.charts.sample_scrub import SampleScrub


class Middle(QWidget):
    """Show the figures and the samples of a run folder, and follow it while it grows."""

    failed = Signal(object)
    """Something could not be read or saved: a Fault."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("train_middle")
        self.setAccessibleName("course of the run")
        self.loss_plot, self.level_map, self.samples = LossPlot(), LevelMap(), SampleScrub()
        self._folder: Path | None = None
        self._following = Following(self)
        self._charts = splitter(
            "train_charts", Qt.Orientation.Horizontal, self.loss_plot, self.level_map
        )
        self._halves = splitter("train_halves", Qt.Orientation.Vertical, self._charts, self.samples)
        self._lay_out()
        self._connect()

    @property
    def splitters(self) -> tuple[QSplitter, ...]:
        """Return the lines between the parts, whose places are remembered."""
        return self._halves, self._charts

    def show_run(self, folder: Path | None) -> None:
        """Show a run folder and follow it, or nothing."""
        if folder == self._folder:
            return
        self._folder = folder
        self._show(None)
        self.samples.show_run(folder)
        self._following.follow(folder)

    def stop(self) -> None:
        """Follow nothing any more and leave no thread behind; `show_run` begins anew."""
        self._folder = None
        self._following.stop()
        self.samples.stop()

    def _lay_out(self) -> None:
        for line, shares in ((self._charts, (6, 5)), (self._halves, (3, 7))):
            line.setSizes([100 * share for share in shares])
            for place, share in enumerate(shares):
                line.setStretchFactor(place, share)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._halves)

    def _connect(self) -> None:
        self._following.grown.connect(self._show)
        self._following.failed.connect(self.failed)
        self.samples.failed.connect(self.failed)
        self.samples.shown.connect(self.loss_plot.mark_sheet)
        for chart, other in (
            (self.loss_plot, self.level_map),
            (self.level_map, self.loss_plot),
        ):
            chart.hovered.connect(other.move_cross)
            chart.chosen.connect(self.samples.go_near)

    def _show(self, digest: Digest | None) -> None:
        self.loss_plot.show_digest(digest)
        self.level_map.show_digest(digest)
        self.samples.show_digest(digest)
