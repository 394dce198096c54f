"""The Compare tab: it shows the session's comparison and passes on what the person does to it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.engine.fault import Fault
from studio.library.comparison import Layout, Result, pictures_of, write_csv, write_sheet
from studio.session.studio import Studio
from studio.ui.compare.error_plot import ErrorPlot
from studio.ui.compare.lines import colored_lines, rows_at
from studio.ui.compare.panel import ComparePanel
from studio.ui.compare.parts import take_typed
from studio.ui.compare.picture_board import PictureBoard
from studio.ui.compare.picture_matrix import RowName
from studio.ui.compare.result_table import ResultTable
from studio.ui.splitter import splitter
from studio.ui.theme import scaled

_PATIENCE_MS = 50  # results that come faster are shown together


class CompareTab(QWidget):
    """Put a comparison together, start it, and look at what it found."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._desk = studio, studio.comparing
        self.panel = ComparePanel()
        self.plot = ErrorPlot()
        self.table = ResultTable()
        self.board = PictureBoard()
        self._nfe = 0
        self._index = 0
        self._later = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._later.timeout.connect(self._show_results)
        upper = splitter("compare_upper", Qt.Orientation.Horizontal, self.plot, self.table)
        upper.setStretchFactor(0, 1)
        upper.setSizes([scaled(700), scaled(430)])
        rows = splitter("compare_rows", Qt.Orientation.Vertical, upper, self.board)
        rows.setStretchFactor(1, 1)
        rows.setSizes([scaled(320), scaled(480)])
        columns = splitter("compare_columns", Qt.Orientation.Horizontal, self.panel, rows)
        columns.setStretchFactor(1, 1)
        columns.setSizes([scaled(296), scaled(1144)])
        self.splitters = (columns, rows, upper)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(columns)
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        desk, panel = self._desk, self.panel
        panel.chosen.connect(lambda name, value: desk.choose(**{name: value}))
        panel.compare_pressed.connect(self.start)
        panel.stop_pressed.connect(desk.stop)
        desk.changed.connect(self._show_choice)
        desk.results_changed.connect(self._later.start)
        desk.running_changed.connect(lambda _on: self._show_choice())
        self._studio.models.opened.connect(lambda _info: self.refresh())
        self._studio.models.hashed.connect(lambda _digest: self.refresh())
        self.plot.nfe_chosen.connect(self._on_nfe_chosen)
        self.board.seed_chosen.connect(self._on_seed_chosen)

    def refresh(self) -> None:
        """Let the comparison stand on the recipe and the model as they are now."""
        self._studio.cell_work.prepare(self._studio.comparing)
        self._show_choice()
        self._show_results()

    def start(self) -> None:
        """Compare if that is possible; what is being typed counts."""
        take_typed(self.panel)
        if not self.panel.problem:
            self._desk.start()

    def save(self, path: str) -> Fault | None:
        """Write the results as CSV, or the pictures as PNG, by the ending of the name."""
        desk = self._desk
        if desk.comparison is None or desk.folder is None:
            return Fault("There is no comparison to export.", desk.problem)
        try:
            if path.lower().endswith(".csv"):
                write_csv(Path(path), desk.comparison, desk.results)
            else:
                write_sheet(Path(path), desk.folder, desk.comparison, desk.results, self._index)
        except OSError as error:
            return Fault(str(error))
        return None

    def _show_choice(self) -> None:
        desk = self._desk
        self.panel.show_model(self._studio.models.info)
        self.panel.show_choice(desk.choice)
        self.panel.show_cost(desk.outlook, self._seconds())
        self.panel.show_state(desk.problem, desk.running)
        self.plot.show_running(on=desk.running)
        self.board.show_seeds(desk.choice.seeds, min(self._index, len(desk.choice.seeds) - 1))

    def _seconds(self) -> float | None:
        """Return how long what is left takes, by the pace of the cells that are there."""
        desk = self._desk
        timed = [r for r in desk.results.values() if r.nfe]
        calls = sum(result.nfe for result in timed)
        if not calls or desk.outlook is None:
            return None
        pace = sum(result.seconds for result in timed) / calls
        small = min(8 / len(desk.choice.seeds), 1.0)
        return pace * (desk.outlook.calls + small * desk.outlook.small_calls)

    def _show_results(self) -> None:
        desk = self._desk
        comparison, folder = desk.comparison, desk.folder
        if comparison is None or folder is None:
            self.plot.show_lines(())
            self.table.show_rows(0, ())
            self.board.show_table((), ())
            return
        found = [desk.results[c.key] for c in comparison.cells() if c.key in desk.results]
        self.plot.show_lines(colored_lines(found))
        budgets = sorted(set(comparison.budgets))
        if self._nfe not in budgets:
            self._nfe = budgets[len(budgets) // 2]
        self.table.show_rows(self._nfe, rows_at(found, self._nfe))
        layout = Layout(comparison)
        names = [RowName(*row) for row in layout.rows]
        self.board.show_table(names, layout.columns, layout.places(desk.results))
        self.board.show_pictures(
            pictures_of(folder, layout, desk.results, self._index), _remarks(layout, desk.results)
        )

    def _on_nfe_chosen(self, nfe: int) -> None:
        budgets = self._desk.choice.budgets
        self._nfe = min((b for b in budgets if b >= nfe), default=max(budgets))
        self._show_results()

    def _on_seed_chosen(self, index: int) -> None:
        self._index = index
        self._show_results()


def _remarks(layout: Layout, results: dict[str, Result]) -> dict[tuple[int, int], str]:
    return {p: r.remark for p, r in layout.results(results).items() if not r.sampled}
