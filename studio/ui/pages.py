"""The pages behind the tabs; those that are not needed at first are made when they are."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from studio.session.studio import Studio
from studio.ui.sample_tab import SampleTab
from studio.ui.segments import Segment

if TYPE_CHECKING:
    from PySide6.QtWidgets import QSplitter

    from studio.session.editing.subjects import Subject
    from studio.session.editor import RecipeEditor
    from studio.ui.compare.sweep_tab import SweepTab
    from studio.ui.compare.tab import CompareTab
    from studio.ui.edit.tab import EditTab
    from studio.ui.edit.tab import Page as EditPage
    from studio.ui.train.tab import TrainTab

SAMPLE, COMPARE, EDIT, TRAIN = range(4)


class Pages(QStackedWidget):
    """Hold one page a tab, and two for the Compare tab."""

    model_wanted = Signal()
    """A checkpoint of a run is being opened: the Sample tab is where it is to be seen."""
    take_wanted = Signal()
    """A cell of a sweep is being opened as a take: the Sample tab is where it is to be seen."""
    compare_wanted = Signal()
    """The Compare tab is wanted."""
    export_wanted = Signal()
    """What the page shows is to be exported."""

    def __init__(self, studio: Studio, sample: SampleTab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.sample = sample
        self._compare: CompareTab | None = None
        self._sweep: SweepTab | None = None
        self._edit: EditTab | None = None
        self._train: TrainTab | None = None
        self._mode = "solvers"
        self._states: dict[str, str] = {}
        self.addWidget(sample)

    @property
    def compare(self) -> CompareTab:
        """Return the Compare tab; its plot's library takes a third of a second to import."""
        if self._compare is None:
            from studio.ui.compare.tab import CompareTab

            self._compare = CompareTab(self._studio)
            self._compare.panel.mode_chosen.connect(self.show_mode)
            self.addWidget(self._compare)
            self._restore(self._compare.splitters)
        return self._compare

    @property
    def sweep(self) -> SweepTab:
        """Return the other page of the Compare tab, on which knobs are swept."""
        if self._sweep is None:
            from studio.ui.compare.sweep_tab import SweepTab

            self._sweep = SweepTab(self._studio)
            self._sweep.panel.mode_chosen.connect(self.show_mode)
            self._sweep.take_wanted.connect(self.take_wanted)
            self._sweep.export_wanted.connect(self.export_wanted)
            self.addWidget(self._sweep)
            self._restore(self._sweep.splitters)
        return self._sweep

    @property
    def edit(self) -> EditTab:
        """Return the Edit tab."""
        if self._edit is None:
            from studio.ui.edit.tab import EditTab

            self._edit = EditTab(self._studio, self._followed)
            self._edit.page_made.connect(self._on_edit_page_made)
            self._edit.take_wanted.connect(self.take_wanted)
            self._edit.sweep_wanted.connect(self._on_sweep_wanted)
            self.addWidget(self._edit)
        return self._edit

    def _on_edit_page_made(self, page: EditPage) -> None:
        self._restore(page.splitters)

    def _on_sweep_wanted(self) -> None:
        """Compare methods on the restoration in the Compare tab."""
        self._studio.cell_work.sweep_methods(self._studio.editing)
        self._mode = "sweep"
        self.compare_wanted.emit()

    def _followed(self) -> Subject | None:
        """Return the picture that the Sample tab follows, or None."""
        from studio.session.editing.of_take import subject_of

        viewer = self.sample.viewer
        pixels, recipe = viewer.picture(), viewer.recipe
        if pixels is None or recipe is None:
            return None
        return subject_of(recipe, viewer.followed, pixels)

    @property
    def edits(self) -> bool:
        """Tell whether the Edit tab is shown."""
        return self._edit is not None and self.currentWidget() is self._edit

    @property
    def editor(self) -> RecipeEditor:
        """Return what Undo is about: the recipe of the tab that is shown."""
        return self._studio.editing.editor if self.edits else self._studio.editor

    def undo(self) -> None:
        """Take back the last edit of the recipe of the tab that is shown."""
        (self._studio.editing if self.edits else self._studio.editor).undo()

    def redo(self) -> None:
        """Do again what was undone."""
        (self._studio.editing if self.edits else self._studio.editor).redo()

    @property
    def train(self) -> TrainTab:
        """Return the Train tab."""
        if self._train is None:
            from studio.ui.train.tab import TrainTab

            self._train = TrainTab(self._studio)
            self._train.deeds.model_opened.connect(self.model_wanted)
            self._train.deeds.compared.connect(self._on_compared)
            self.addWidget(self._train)
            self._restore(self._train.splitters)
        return self._train

    def _on_compared(self, take_id: str) -> None:
        """Put the take that is shown beside another one."""
        self.sample.viewer.choose_view("ab")
        self.sample.reading.compare_with(take_id)
        self._studio.noted.emit("A is the trained model, B what it began with, on the same seeds.")

    @property
    def trains(self) -> bool:
        """Tell whether the Train tab is shown."""
        return self._train is not None and self.currentWidget() is self._train

    def show_mode(self, mode: str) -> None:
        """Show the page of the Compare tab that goes by “solvers” or “sweep”."""
        by_key = self.currentWidget() is not self.sample and isinstance(self.focusWidget(), Segment)
        self._mode = mode
        self.show_page(COMPARE)
        panel = self.sweep.panel if mode == "sweep" else self.compare.panel
        panel.mode.show_segment(mode)
        if by_key:  # else the arrow keys could not go on, nor back
            panel.mode.take_focus()

    @property
    def sweeps(self) -> bool:
        """Tell whether the Compare tab shows the sweep."""
        return self._mode == "sweep"

    def show_page(self, index: int) -> None:
        """Show the page of a tab."""
        if index == COMPARE and self.sweeps:
            self.setCurrentWidget(self.sweep)
            self.sweep.refresh()
            self.sweep.panel.rows[0].values.setFocus()
        elif index == COMPARE:
            self.setCurrentWidget(self.compare)
            self.compare.refresh()
            self.compare.panel.solvers.setFocus()
        elif index == EDIT:
            self.setCurrentWidget(self.edit)
            self.edit.refresh()
            self.edit.take_focus()
        elif index == TRAIN:
            self.setCurrentWidget(self.train)
            self.train.refresh()
            self.train.left.runs.setFocus()
        else:
            self.setCurrentWidget(self.sample)
            self.sample.canvas.setFocus()

    def start(self) -> None:
        """Do what the page is for: generate, compare, sweep, edit, or train."""
        if self._sweep is not None and self.currentWidget() is self._sweep:
            self._sweep.start()
        elif self._compare is not None and self.currentWidget() is self._compare:
            self._compare.start()
        elif self.edits:
            self.edit.start()
        elif self.trains:
            self.train.start()
        else:
            self.sample.generate()

    def close_threads(self) -> None:
        """Follow no run any more and leave no thread behind."""
        if self._train is not None:
            self._train.middle.stop()

    def restore_splitters(self, states: Mapping[str, str]) -> None:
        """Put every line between widgets where it was; `states` are Qt's own bytes in base64."""
        self._states = dict(states)
        self._restore(self.sample.splitters)

    def splitter_states(self) -> dict[str, str]:
        """Return where the lines between widgets are, in Qt's own bytes in base64."""
        made = (self._compare, self._sweep, self._train)
        others = [tab.splitters for tab in made if tab is not None]
        others += [page.splitters for page in self._edit.made] if self._edit is not None else []
        for splitter in (*self.sample.splitters, *chain(*others)):
            self._states[splitter.objectName()] = splitter.saveState().toBase64().toStdString()
        return self._states

    def _restore(self, splitters: tuple[QSplitter, ...]) -> None:
        for splitter in splitters:
            if state := self._states.get(splitter.objectName()):
                splitter.restoreState(QByteArray.fromBase64(QByteArray(state.encode())))
