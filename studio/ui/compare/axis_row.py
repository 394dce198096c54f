"""One axis of a sweep: what it goes over, and its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from studio.library.sweeps import Axis, Field
from studio.ui.axis_offers import first_values, offered
from studio.ui.axis_text import VALUES_HELP, axis_text, parse_axis
from studio.ui.choice import Choice
from studio.ui.compare.parts import line
from studio.ui.icon_button import IconButton
from studio.ui.restyle import set_style_property
from studio.ui.tip import wrapped

NOTHING = ""
_PLACES = (
    ("down", "The first axis goes down the rows"),
    ("across", "The second axis goes across the columns; a single one does, too"),
    ("pages", "The third axis goes over pages"),
)
_GROUPS = (("", "Recipe"), ("knobs", "Knobs of the sampler"), ("schedule_knobs", "Of the schedule"))


class AxisRow(QWidget):
    """Choose a field and type its values; `axis` is what they make, `problem` why not."""

    changed = Signal()

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name, tip = _PLACES[number]
        self.field = Choice(f"sweep_axis_{name}", f"axis {name}", tip)
        self.values = line(f"sweep_values_{name}", f"values {name}", f"Give {VALUES_HELP}.")
        self.pick = IconButton("more", f"choose values {name}", "Choose the values from a list")
        self.pick.setObjectName(f"sweep_pick_{name}")
        self.pick.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.pick.setMenu(self._menu)
        self.axis: Axis | None = None
        self.problem = ""
        self._fields: dict[str, Field] = {}
        self._classes: tuple[str, ...] = ()
        self._models: tuple[tuple[str, str], ...] = ()
        second = QHBoxLayout()
        second.setSpacing(4)
        second.addWidget(self.values, 1)
        second.addWidget(self.pick)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 0, 12, 4)
        column.setSpacing(4)
        column.addWidget(self.field)
        column.addLayout(second)
        self.field.activated.connect(lambda _index: self._on_field_chosen())
        self.values.editingFinished.connect(self._on_edited)

    def show_axis(
        self,
        axis: Axis | None,
        fields: Mapping[str, Field],
        classes: Sequence[str],
        models: Sequence[tuple[str, str]],
    ) -> None:
        """Show an axis; a field that is being typed in, or holds an error, is left alone.

        fields: what may be swept over, by id; classes: names; models: (path, name) to choose from.
        """
        self._classes, self._models = tuple(classes), tuple(models)
        if self._fields != dict(fields) or not self.field.count():
            self._fields = dict(fields)
            self._offer()
        self.axis = axis
        self.field.choose(axis.field if axis else NOTHING)
        if not self.problem and not self.values.isModified():
            self.values.setText(axis_text(axis) if axis else "")
        self._show_state()

    def _offer(self) -> None:
        self.field.clear()
        self.field.add_choice(NOTHING, "—", "No axis")
        for table, heading in _GROUPS:
            members = [f for f in self._fields.values() if f.id.rpartition(".")[0] == table]
            if members:
                self.field.add_heading(heading)
            for field in members:
                self.field.add_choice(field.id, field.label, wrapped(field.help))

    def _show_state(self) -> None:
        field = self._chosen
        self.values.setVisible(field is not None)
        self.pick.setVisible(
            field is not None and bool(offered(field, self._classes, self._models))
        )
        set_style_property(self.values, "error", bool(self.problem))

    @property
    def _chosen(self) -> Field | None:
        return self._fields.get(self.field.currentData() or NOTHING)

    def _on_field_chosen(self) -> None:
        field = self._chosen
        self.values.setText(first_values(field, self._classes, self._models) if field else "")
        self._read()

    def _on_edited(self) -> None:
        self.values.setModified(False)
        before = axis_text(self.axis) if self.axis else ""
        if self.values.text() != before or self.problem:
            self._read()

    def _read(self) -> None:
        field = self._chosen
        self.axis, self.problem = None, ""
        if field is not None:
            try:
                self.axis = parse_axis(field, self.values.text(), self._classes)
            except ValueError as error:
                self.problem = str(error)
        self._show_state()
        self.changed.emit()

    def _fill_menu(self) -> None:
        field = self._chosen
        self._menu.clear()
        if field is None:
            return
        chosen = set(self.axis.values) if self.axis else set()
        for text, label in offered(field, self._classes, self._models):
            value = parse_axis(field, text, self._classes).values[0]
            action = self._menu.addAction(label)
            action.setCheckable(True)
            action.setChecked(value in chosen)
            action.triggered.connect(lambda on, text=text: self._toggle(text, on))

    def _toggle(self, text: str, on: bool) -> None:
        """Take a value into the list, or out of it."""
        field = self._chosen
        assert field is not None
        value = parse_axis(field, text, self._classes).values[0]
        texts = []
        if self.axis is not None:
            for i, old in enumerate(self.axis.values):
                one = self.axis.model_copy(
                    update={"values": (old,), "names": self.axis.names[i : i + 1]}
                )
                texts += [axis_text(one)] if old != value else []
        sign = "; " if field.kind == "model" else ", "
        self.values.setText(sign.join([*texts, text] if on else texts))
        self._read()
        self.values.setFocus(Qt.FocusReason.OtherFocusReason)
