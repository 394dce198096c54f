"""Which sheet of samples is looked at, while more of them come."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from studio.training.run_folder.course import Sheet
from studio.ui.player import Player


class SheetChoice(QObject):
    """Hold the sheets of a run and the one that is looked at: the newest, until one goes back.

    While `held`, the marked sheet is shown instead, which at first is the oldest.
    """

    changed = Signal()
    """Another sheet is to be shown, or there are more of them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sheets: Sequence[Sheet] = ()
        self.index = 0
        self.follows = True
        self.held = False
        self._marked_at: float | None = None
        self.player = Player(self)
        self.player.due.connect(self._on_due)

    @property
    def chosen(self) -> Sheet | None:
        """Return the sheet that was chosen."""
        return self.sheets[self.index] if self.sheets else None

    @property
    def marked(self) -> int | None:
        """Return the place of the sheet that others are compared with."""
        places = [sheet.kimg for sheet in self.sheets]
        if self._marked_at in places:
            return places.index(self._marked_at)
        return 0 if places else None

    @property
    def shown(self) -> Sheet | None:
        """Return the sheet that is to be seen now."""
        if self.held and self.marked is not None:
            return self.sheets[self.marked]
        return self.chosen

    def set_sheets(self, sheets: Sequence[Sheet]) -> None:
        """Take in the sheets of the run, the oldest first; what is looked at stays."""
        if sheets == self.sheets:
            return
        before, self.sheets = self.chosen, sheets
        if self.follows or before is None:
            self.index = max(len(sheets) - 1, 0)
        else:
            earlier = [index for index, sheet in enumerate(sheets) if sheet.kimg <= before.kimg]
            self.index = earlier[-1] if earlier else 0
        self.changed.emit()

    def forget(self) -> None:
        """Begin with no sheets, following the newest."""
        self.player.stop()
        self.sheets, self.index, self.follows, self.held = (), 0, True, False
        self._marked_at = None
        self.changed.emit()

    def go(self, index: int) -> None:
        """Choose a sheet; at the newest one, those to come are followed."""
        self.player.stop()
        self._go(index)

    def mark(self) -> None:
        """Compare with the chosen sheet from now on."""
        if self.chosen is not None:
            self._marked_at = self.chosen.kimg
            self.changed.emit()

    def hold(self, held: bool) -> None:
        """Show the marked sheet, or no longer."""
        if held != self.held:
            self.held = held
            self.changed.emit()

    def play(self) -> None:
        """Play from the chosen sheet to the newest, from the first if it is the newest; or stop."""
        if self.player.playing or len(self.sheets) < 2:
            self.player.stop()
            return
        if self.index == len(self.sheets) - 1:
            self._go(0)
        self.player.start(len(self.sheets))

    def _on_due(self) -> None:
        self._go(self.index + 1)
        if self.index >= len(self.sheets) - 1:
            self.player.stop()

    def _go(self, index: int) -> None:
        index = min(max(index, 0), max(len(self.sheets) - 1, 0))
        self.follows = index >= len(self.sheets) - 1
        if index != self.index:
            self.index = index
            self.changed.emit()
