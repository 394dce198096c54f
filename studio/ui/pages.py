"""The pages behind the tabs; those that are not needed at first are made when they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QStackedWidget, QWidget

from studio.session.studio import Studio
from studio.ui.sample_tab import SampleTab

if TYPE_CHECKING:
    from PySide6.QtWidgets import QSplitter

    from studio.ui.compare.tab import CompareTab

SAMPLE, COMPARE = range(2)


class Pages(QStackedWidget):
    """Hold one page a tab."""

    def __init__(self, studio: Studio, sample: SampleTab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.sample = sample
        self._compare: CompareTab | None = None
        self._states: dict[str, str] = {}
        self.addWidget(sample)

    @property
    def compare(self) -> CompareTab:
        """Return the Compare tab; its plot's library takes a third of a second to import."""
        if self._compare is None:
            from studio.ui.compare.tab import CompareTab

            self._compare = CompareTab(self._studio)
            self.addWidget(self._compare)
            self._restore(self._compare.splitters)
        return self._compare

    def show_page(self, index: int) -> None:
        """Show the page of a tab."""
        if index == COMPARE:
            self.setCurrentWidget(self.compare)
            self.compare.refresh()
            self.compare.panel.solvers.setFocus()
        else:
            self.setCurrentWidget(self.sample)
            self.sample.canvas.setFocus()

    def start(self) -> None:
        """Do what the page is for: generate, or compare."""
        if self._compare is not None and self.currentWidget() is self._compare:
            self._compare.start()
        else:
            self.sample.generate()

    def restore_splitters(self, states: Mapping[str, str]) -> None:
        """Put every line between widgets where it was; `states` are Qt's own bytes in base64."""
        self._states = dict(states)
        self._restore(self.sample.splitters)

    def splitter_states(self) -> dict[str, str]:
        """Return where the lines between widgets are, in Qt's own bytes in base64."""
        compare = self._compare.splitters if self._compare is not None else ()
        for splitter in (*self.sample.splitters, *compare):
            self._states[splitter.objectName()] = splitter.saveState().toBase64().toStdString()
        return self._states

    def _restore(self, splitters: tuple[QSplitter, ...]) -> None:
        for splitter in splitters:
            if state := self._states.get(splitter.objectName()):
                splitter.restoreState(QByteArray.fromBase64(QByteArray(state.encode())))
