"""The Sweep page of the Compare tab: it shows the session's sweep and passes on what is done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.engine.fault import Fault
from studio.library.sweeps import (
    METRICS,
    Place,
    SheetLayout,
    best_place,
    captions_of,
    figures_of,
    write_csv,
    write_sheet,
)
from studio.session.studio import Studio
from studio.ui.choice import Choice
from studio.ui.compare.heat_legend import HeatLegend
from studio.ui.compare.parts import take_typed
from studio.ui.compare.picture_board import PictureBoard
from studio.ui.compare.picture_matrix import Pixels, RowName
from studio.ui.compare.sweep_panel import SweepPanel
from studio.ui.elided_label import ElidedLabel
from studio.ui.model_choices import usual_models
from studio.ui.quiet_button import QuietButton
from studio.ui.splitter import splitter
from studio.ui.theme import scaled

_PATIENCE_MS = 50  # cells that come faster are shown together


class SweepTab(QWidget):
    """Put a sweep together, start it, and look at its cells."""

    take_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._desk = studio, studio.sweeping
        self.panel = SweepPanel()
        self.board = PictureBoard()
        self.board.matrix.opens = True
        self.board.matrix.setToolTip(
            "Double click or Return: open the take · click: mark A · Shift+click: mark B · "
            "wheel: zoom all · drag: move all"
        )
        self.page = _choice("sweep_page", "page", "The value of the third axis that is shown", 150)
        self.earlier = _choice(
            "sweep_earlier", "earlier sweeps", "Open a sweep that was made before", 150
        )
        self.legend = HeatLegend()
        self.best = ElidedLabel()
        self.best.setObjectName("sweep_best")
        self.best.setProperty("role", "mono")
        self.open = QuietButton("sweep_open", self)
        self.open.setAccessibleName("open the take")
        self.open.setToolTip("Open the cell A as a take in the Sample tab")
        self.export = QuietButton("sweep_export", self)
        self.export.setAccessibleName("export the sweep")
        self.export.setToolTip("Save a contact sheet (PNG) or a table (CSV) of all cells (Ctrl+E)")
        self._index = 0
        self._layout: SheetLayout | None = None
        self._later = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._later.timeout.connect(self._show_cells)
        self.board.add_tools(
            (self.earlier, self.page), (self.legend, self.best, self.open, self.export)
        )
        columns = splitter("sweep_columns", Qt.Orientation.Horizontal, self.panel, self.board)
        columns.setStretchFactor(1, 1)
        columns.setSizes([scaled(296), scaled(1144)])
        self.splitters = (columns,)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(columns)
        self._connect()
        self._show_choice()

    def _connect(self) -> None:
        desk, panel = self._desk, self.panel
        panel.chosen.connect(lambda name, value: desk.choose(**{name: value}))
        panel.start_pressed.connect(self.start)
        panel.stop_pressed.connect(desk.stop)
        panel.unpin_pressed.connect(desk.unpin)
        desk.changed.connect(self._show_choice)
        desk.cells_changed.connect(self._later.start)
        desk.pictures_read.connect(self._on_pictures_read)
        self._studio.models.opened.connect(lambda _info: self._refresh_if_shown())
        self._studio.models.hashed.connect(lambda _digest: self._refresh_if_shown())
        self.board.seed_chosen.connect(self._on_seed_chosen)
        self.board.matrix.opened.connect(self._on_opened)
        self.board.matrix.marked.connect(lambda _a, _b: self._show_open())
        self.open.clicked.connect(lambda: self._on_opened(self.board.matrix.a))
        self.export.clicked.connect(self.export_wanted)
        self.page.activated.connect(lambda _index: self._show_cells())
        self.earlier.activated.connect(self._on_earlier)

    def refresh(self) -> None:
        """Let the sweep stand on the recipe and the model as they are now."""
        self._studio.cell_work.prepare(self._studio.sweeping)

    def _refresh_if_shown(self) -> None:
        if self.isVisible():
            self.refresh()

    def start(self) -> None:
        """Sweep if that is possible; what is being typed counts."""
        take_typed(self.panel)
        if not self.panel.problem:
            self._desk.start_when_known()

    def save(self, path: str) -> Fault | None:
        """Write the cells as CSV, or as a contact sheet of all pages, by the ending of the name."""
        desk = self._desk
        if desk.view.sweep is None:
            return Fault("There is no sweep to export.", desk.view.problem)
        try:
            if path.lower().endswith(".csv"):
                write_csv(Path(path), desk.view.sweep, desk.done)
            else:
                metric = desk.choice.metric
                write_sheet(Path(path), desk.view.sweep, desk.done, metric, self._index)
        except OSError as error:
            return Fault(str(error))
        return None

    def _show_choice(self) -> None:
        desk, info = self._desk, self._studio.models.info
        models = [(each.path, each.name) for each in usual_models(self._studio.catalogue)]
        self.panel.show_base(desk.base, info, pinned=desk.pinned is not None)
        against = desk.view.sweep.against if desk.view.sweep is not None else ""
        self.panel.show_choice(desk.choice, desk.base, info, models, against)
        self.panel.show_cost(desk.view.forecast, desk.seconds)
        self.panel.show_state(desk.view.problem, desk.running)
        seeds = desk.choice.seeds
        self._index = min(self._index, len(seeds) - 1)
        self.board.show_seeds(seeds, self._index)
        self._show_earlier()

    def _show_earlier(self) -> None:
        past = self._desk.view.past
        self.earlier.clear()
        self.earlier.setEnabled(bool(past) and not self._desk.running)
        self.earlier.add_choice(None, "Earlier sweeps" if past else "No earlier sweeps")
        for each in past:
            self.earlier.add_choice(each.folder, f"{each.title} · {each.note}")

    def _show_cells(self) -> None:
        """Show names and captions at once, and ask for the pictures."""
        desk, sweep = self._desk, self._desk.view.sweep
        if sweep is None:
            self._layout = None
            self.board.show_table((), ())
            self.legend.hide()
            self.best.setText("")
            self.export.set_text("")
            return
        self._layout = layout = SheetLayout(sweep)
        self._show_pages(layout)
        rows = [RowName(name) for name in layout.rows]
        everywhere = [(r, c) for r in range(len(rows)) for c in range(len(layout.columns))]
        self.board.show_table(rows, layout.columns, everywhere)
        self._show_figures()
        self.export.set_text("Export…" if desk.done else "")
        self._read_pictures()

    def _read_pictures(self) -> None:
        if self._layout is not None:
            here = [p for p in self._desk.done if self._layout.page(p) == self._page]
            self._desk.read_pictures(self._index, here)

    def _show_pages(self, layout: SheetLayout) -> None:
        kept = max(self.page.currentIndex(), 0)
        if [self.page.itemText(i) for i in range(self.page.count())] != list(layout.pages):
            self.page.clear()
            for number, name in enumerate(layout.pages):
                self.page.add_choice(number, name)
            self.page.setCurrentIndex(min(kept, len(layout.pages) - 1))
        self.page.setVisible(len(layout.pages) > 1)

    def _show_figures(self) -> None:
        desk, metric = self._desk, self._desk.choice.metric
        assert self._layout is not None
        captions = captions_of(desk.done, metric)
        here = self._layout.on_page(self._page, captions)
        self.board.matrix.set_captions(here if metric else None)
        figures = figures_of(desk.done, metric) if metric else {}
        best = best_place(figures, metric)
        self.legend.setVisible(best is not None)
        self.best.setText("")
        if best is not None and desk.view.sweep is not None:
            low, high = min(figures.values()), max(figures.values())
            most = METRICS[metric].most
            tip = f"{METRICS[metric].label}: the {'greatest' if most else 'least'} is the best"
            ends = (high, low) if most else (low, high)
            self.legend.show_scale(f"{ends[0]:.4g}", f"{ends[1]:.4g}", tip)
            self.best.setText(f"★ {desk.view.sweep.point(best)}")

    @property
    def _page(self) -> int:
        return max(self.page.currentIndex(), 0)

    def _on_pictures_read(self, pictures: Mapping[Place, Pixels]) -> None:
        layout, desk = self._layout, self._desk
        if layout is None:
            return
        known = {p: picture for p, picture in pictures.items() if p in desk.done}
        remarks = layout.on_page(self._page, desk.problems)
        self.board.show_pictures(layout.on_page(self._page, known), remarks)
        self._show_open()

    def _show_open(self) -> None:
        marked = self.board.matrix.a
        self.open.set_text("Open take ↗" if marked in self.board.matrix.pictures else "")

    def _on_opened(self, spot: tuple[int, int] | None) -> None:
        if self._layout is None or spot is None:
            return
        entry = self._desk.done.get(self._layout.place(self._page, spot))
        if entry is not None:
            self._studio.open_cell(entry.folder)
            self.take_wanted.emit()

    def _on_earlier(self, index: int) -> None:
        folder = self.earlier.itemData(index)
        self.earlier.setCurrentIndex(0)
        if folder is not None:
            self._desk.reopen(folder)

    def _on_seed_chosen(self, index: int) -> None:
        self._index = index
        self._read_pictures()


def _choice(name: str, label: str, tip: str, width: int) -> Choice:
    choice = Choice(name, label, tip)
    choice.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    choice.setFixedWidth(scaled(width))
    return choice
