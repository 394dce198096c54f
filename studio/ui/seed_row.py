"""The row to type seeds into, with a dice for new ones and a lock to keep them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit

from studio.ui.icon_button import IconButton
from studio.ui.restyle import set_style_property
from studio.ui.row import CONTROL_HEIGHT, Row
from studio.ui.seeds import RANDOM, SeedTextError, format_seeds, parse_seeds, short_seeds
from studio.ui.theme import mono_font, scaled
from studio.ui.tip import Described, wrapped
from studio.ui.window_undo import WindowUndo

_TIP = wrapped(
    "The seed of every picture. One number counts up over the images; a list such as 5, 9, 12-20 "
    "names each; -1 rolls the dice.",
    "The same seed gives the same picture on every device and at every number of images.",
)
_PASSING = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


class SeedEdit(Described, QLineEdit):
    """Show seeds shortly; while they are edited, show the text that names them all."""

    entered = Signal()
    left = Signal()
    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that there is other room for the seeds."""
        super().resizeEvent(event)
        self.resized.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin to edit."""
        if event.reason() not in _PASSING:
            self.entered.emit()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """End editing."""
        super().focusOutEvent(event)
        if event.reason() not in _PASSING:
            self.left.emit()


class SeedRow(Row):
    """Edit the `seeds` of a recipe; `locks` offers to keep them for every Generate."""

    dice_pressed = Signal()
    same_seed_toggled = Signal(bool)

    def __init__(self, *, locks: bool = True) -> None:
        super().__init__(("seeds",), "Seed", _TIP)
        self._seeds: tuple[int, ...] = (0,)
        self._showing = False
        self.edit = SeedEdit()
        self.dice = IconButton("dice", "New seed", wrapped("Take a new random seed."), side=22)
        self.lock = IconButton(
            "unlock",
            "Same seed",
            wrapped("Keep the same seeds for every Generate. Off, each takes new random ones."),
            checked_icon="lock",
        )
        self._box = self._make_box()
        self.add_control(self._box)
        if locks:
            self.controls.addSpacing(scaled(4))
            self.add_control(self.lock, 0)
        else:
            self.lock.setParent(self)
            self.lock.hide()
        self.label.setBuddy(self.edit)
        self._connect()
        self._show()

    def set_value(self, seeds: tuple[int, ...]) -> None:
        """Show `seeds` without a signal; what is being typed over the same seeds stays."""
        if seeds != self._seeds or not self.edit.isModified():
            self._seeds = seeds
            self._show()

    def set_same_seed(self, same: bool) -> None:
        """Show without a signal whether the seeds are kept."""
        self.lock.blockSignals(True)
        self.lock.setChecked(same)
        self.lock.blockSignals(False)
        self.lock.renew()

    def _make_box(self) -> QFrame:
        box = QFrame()
        box.setProperty("role", "box")
        box.setFixedHeight(scaled(CONTROL_HEIGHT))
        self.edit.setObjectName("seed")
        self.edit.setAccessibleName("Seed")
        self.edit.setToolTip(_TIP)
        self.edit.setProperty("bare", True)
        self.edit.setFont(mono_font())
        inside = QHBoxLayout(box)
        inside.setContentsMargins(scaled(7), 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.edit, 1)
        inside.addWidget(self.dice)
        return box

    def _connect(self) -> None:
        self.edit.textChanged.connect(self._on_text_changed)
        self.edit.editingFinished.connect(self._on_editing_finished)
        WindowUndo(self.edit)
        self.edit.entered.connect(self._on_entered)
        self.edit.left.connect(self._on_left)
        self.edit.resized.connect(self._on_resized)
        self.dice.clicked.connect(self.dice_pressed)
        self.lock.toggled.connect(self.same_seed_toggled)

    def _show(self) -> None:
        self._showing = True
        self.edit.setText(self._text())
        self.edit.setCursorPosition(0)
        self._showing = False
        self._set_problem("")

    def _text(self) -> str:
        """Return the text to edit, or the short one, which ends in … where it is too long."""
        if self.edit.hasFocus():
            return format_seeds(self._seeds)
        room = self.edit.width() - scaled(8)
        metrics = QFontMetrics(self.edit.font())
        return metrics.elidedText(short_seeds(self._seeds), Qt.TextElideMode.ElideRight, room)

    def _on_entered(self) -> None:
        if not self.edit.property("error"):
            self._showing = True
            self.edit.setText(format_seeds(self._seeds))
            self._showing = False
        set_style_property(self._box, "focused", True)

    def _on_resized(self) -> None:
        if not self.edit.isModified() and not self.edit.hasFocus():
            self._show()

    def _on_left(self) -> None:
        set_style_property(self._box, "focused", False)
        if not self.edit.isModified():
            self._show()

    def _on_text_changed(self, text: str) -> None:
        """Mark an error while typing; take at once what was not typed by hand."""
        if self._showing:
            return
        self._set_problem(self._why_not(text))
        if not self.edit.isModified():
            self._commit()

    def _on_editing_finished(self) -> None:
        if self.edit.isModified():
            self._commit()

    def _commit(self) -> None:
        text = self.edit.text()
        if text.strip() == RANDOM:
            self._roll()
        elif not self._why_not(text):
            seeds = parse_seeds(text, len(self._seeds))
            changed = seeds != self._seeds
            self._seeds = seeds
            self._show()
            if changed:
                self.changed.emit("seeds", seeds)
                self.committed.emit("seeds")

    def _roll(self) -> None:
        """Take new seeds now and for every Generate, which is what -1 means elsewhere."""
        self._show()
        self.lock.setChecked(False)
        self.dice_pressed.emit()

    def _why_not(self, text: str) -> str:
        if text.strip() == RANDOM:
            return ""
        try:
            parse_seeds(text, len(self._seeds))
        except SeedTextError as error:
            return str(error)
        return ""

    def _set_problem(self, why: str) -> None:
        set_style_property(self._box, "error", bool(why))
        self.edit.setProperty("error", bool(why))
        self.edit.setToolTip(wrapped(why) if why else _TIP)
        self.problem_changed.emit("seeds", why)
