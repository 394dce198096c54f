"""The LoRAs on the model: which, how strongly, and a way to add one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.ui.elided_label import ElidedLabel
from studio.ui.icon_button import IconButton
from studio.ui.knob_row import NumberRow
from studio.ui.panel_knobs import LORA_STRENGTH
from studio.ui.recipe_section import Remark
from studio.ui.restyle import set_style_property
from studio.ui.row import MARGIN, ROW_HEIGHT
from studio.ui.section import Section
from studio.ui.switch import Switch
from studio.ui.tab_order import order_tabs
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.session.loras import Entry

_EMPTY = "None yet. Drop a file here."
_ADD = "Put a LoRA on the model: a small file that changes what its network draws."


class LoraRow(QWidget):
    """Show one LoRA: whether it is on, its name, how strongly it acts, and why it cannot."""

    switched = Signal(bool)
    strength_changed = Signal(float)
    removed = Signal()

    def __init__(self, index: int) -> None:
        super().__init__()
        self.switch = Switch(f"lora_{index}", "", "")
        self.name = ElidedLabel()
        self.facts = QLabel()
        self.facts.setProperty("role", "mono")
        self.remove = IconButton("close", "", "")
        self.remove.setObjectName(f"lora_{index}_remove")
        knob = replace(LORA_STRENGTH, id=f"lora_{index}_strength")
        self.strength = NumberRow(knob)
        self.problem, self.remark = Remark("error"), Remark("muted")
        self._lay_out()
        self.switch.toggled.connect(self.switched)
        self.remove.clicked.connect(self.removed)
        self.strength.changed.connect(lambda _id, value: self.strength_changed.emit(value))

    def _lay_out(self) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(scaled(MARGIN) - 3, 0, scaled(MARGIN) - scaled(4), 0)
        row.setSpacing(scaled(6))
        row.addWidget(self.switch)
        row.addWidget(self.name, 1)
        row.addWidget(self.facts)
        row.addWidget(self.remove)
        head.setFixedHeight(scaled(ROW_HEIGHT))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (head, self.strength, self.problem, self.remark):
            column.addWidget(part)

    def show_entry(self, entry: Entry) -> None:
        """Show a LoRA without a signal."""
        lora = entry.lora
        name = lora.name or Path(lora.path).stem
        with QSignalBlocker(self.switch):
            self.switch.setChecked(lora.on)
        self.switch.update()
        self.switch.setAccessibleName(f"LoRA {name}")
        self.switch.setToolTip(wrapped(f"Put “{name}” on the model, or take it off.", lora.path))
        self.name.setText(name)
        self.name.setToolTip(wrapped(name, lora.path))
        set_style_property(self.name, "role", "" if lora.on else "muted")
        self.facts.setText(entry.facts)
        self.remove.setAccessibleName(f"remove the LoRA {name}")
        self.remove.setToolTip(wrapped(f"Take “{name}” out of the list. The file stays."))
        self.strength.set_value(lora.strength)
        self.strength.setEnabled(lora.on)
        self.strength.field.setAccessibleName(f"strength of {name}")
        self.problem.say(entry.problem)
        self.remark.say(entry.remark if lora.on else "")


class LoraSection(Section):
    """List the LoRAs of the recipe; it is there only for models with a network."""

    switched = Signal(int, bool)
    strength_changed = Signal(int, float)
    removed = Signal(int)
    add_pressed = Signal()
    dropped = Signal(str)  # path of a file

    def __init__(self) -> None:
        super().__init__("LoRA")
        self._list: list[LoraRow] = []
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        self.rows.addLayout(self._lines)
        self.empty = ElidedLabel(_EMPTY)
        self.empty.setProperty("role", "muted")
        self.add_button = QPushButton("Add…")
        self.add_button.setObjectName("add_lora")
        self.add_button.setAccessibleName("add a LoRA")
        self.add_button.setToolTip(wrapped(_ADD, "Hu et al. 2021"))
        self.add_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.add_button.clicked.connect(self.add_pressed)
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(scaled(MARGIN), 0, scaled(MARGIN), 0)
        row.addWidget(self.empty, 1)
        row.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignRight)
        foot.setFixedHeight(scaled(ROW_HEIGHT) + scaled(4))
        self.add(foot)
        self.setAcceptDrops(True)
        self.setVisible(False)

    def show_entries(self, entries: tuple[Entry, ...], *, offered: bool) -> None:
        """Show the LoRAs of the recipe; nothing at all where none can be used (not `offered`)."""
        while len(self._list) > len(entries):
            gone = self._list.pop()
            self._lines.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        while len(self._list) < len(entries):
            self._add_row(len(self._list))
        for row, entry in zip(self._list, entries, strict=True):
            row.show_entry(entry)
        self.empty.setVisible(not entries)
        on = sum(entry.lora.on for entry in entries)
        self.set_note(f"{on} of {len(entries)} on" if entries else "")
        self.setVisible(offered or bool(on))

    def _add_row(self, index: int) -> None:
        row = LoraRow(index)
        row.switched.connect(lambda on: self.switched.emit(index, on))
        row.strength_changed.connect(lambda value: self.strength_changed.emit(index, value))
        row.removed.connect(lambda: self.removed.emit(index))
        self._list.append(row)
        self._lines.addWidget(row)
        order_tabs(self.body)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped."""
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.dropped.emit(url.toLocalFile())
