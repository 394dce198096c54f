"""The rows of any set of knobs, made from what the knobs say of themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.ui.knob_row import KnobRow, row_for
from studio.ui.range_row import RangeRow
from studio.ui.row import Row
from studio.ui.text_row import TextRow

if TYPE_CHECKING:
    from studio.diffusion import Knob
    from studio.diffusion.knob import Value

PAIRS = (("tmin", "tmax"), ("_low", "_high"))
"""Endings of two ids that are the ends of one band and share a row."""

Knobs = tuple["Knob", ...]


class KnobStack(QWidget):
    """Show rows for knobs; ids in signals have `prefix` before them, as in a recipe."""

    changed = Signal(str, object)
    committed = Signal(str)
    problem_changed = Signal(str, str)
    rows_changed = Signal()

    def __init__(self, prefix: str, *, noise: bool = False) -> None:
        super().__init__()
        self._prefix = prefix
        self._noise = noise
        self._rows: dict[Knobs, Row] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    @property
    def row_list(self) -> tuple[Row, ...]:
        """Return the rows in their order."""
        return tuple(self._rows.values())

    def set_knobs(self, knobs: Sequence[Knob]) -> None:
        """Show rows for exactly these knobs; rows of knobs that stay are kept."""
        wanted = paired(knobs)
        if wanted == list(self._rows):
            return
        for gone in [known for known in self._rows if known not in wanted]:
            self._drop(self._rows.pop(gone))
        self._rows = {group: self._rows.get(group) or self._make(group) for group in wanted}
        for place, row in enumerate(self._rows.values()):
            self._column.insertWidget(place, row)
        self.setVisible(bool(self._rows))
        self.rows_changed.emit()

    def show_values(self, values: Mapping[str, Value]) -> None:
        """Show values by knob id without a signal; a missing one is the default."""
        for group, row in self._rows.items():
            if isinstance(row, RangeRow):
                row.set_values(values)
            elif isinstance(row, KnobRow | TextRow):
                row.set_value(values.get(group[0].id, group[0].default))
        self._show_replaced(values)

    def _show_replaced(self, values: Mapping[str, Value]) -> None:
        """Let nobody turn a knob in vain in whose place a curve stands.

        A curve has a row once it is drawn, or one of the knobs that it would replace is turned.
        """
        by_id = {knob.id: knob for group in self._rows for knob in group}
        curves = [knob for knob in by_id.values() if knob.replaces]
        turned = {id for id, knob in by_id.items() if values.get(id, knob.default) != knob.default}
        idle = {id for knob in curves if knob.id in turned for id in knob.replaces}
        hidden = {knob.id for knob in curves if turned.isdisjoint((knob.id, *knob.replaces))}
        for row in self._rows.values():
            row.setEnabled(idle.isdisjoint(row.ids))
            row.setVisible(hidden.isdisjoint(row.ids))

    def _make(self, group: Knobs) -> Row:
        row: Row = (
            RangeRow(group[0], group[1], noise=self._noise)
            if len(group) == 2
            else row_for(group[0], noise=self._noise)
        )
        row.changed.connect(lambda name, value: self.changed.emit(self._prefix + name, value))
        row.committed.connect(lambda name: self.committed.emit(self._prefix + name))
        row.problem_changed.connect(
            lambda name, why: self.problem_changed.emit(self._prefix + name, why)
        )
        return row

    def _drop(self, row: Row) -> None:
        """Take a row away at once, so that its object names are free."""
        for name in row.ids:
            self.problem_changed.emit(self._prefix + name, "")
        self._column.removeWidget(row)
        row.hide()
        row.setParent(None)
        row.deleteLater()


def paired(knobs: Sequence[Knob]) -> list[Knobs]:
    """Return the knobs in order, the two ends of a band together at the place of the first."""
    by_id = {knob.id: knob for knob in knobs}
    groups: list[Knobs] = []
    taken: set[str] = set()
    for knob in knobs:
        if knob.id not in taken:
            group = _band(knob, by_id)
            taken.update(member.id for member in group)
            groups.append(group)
    return groups


def _band(knob: Knob, by_id: Mapping[str, Knob]) -> Knobs:
    for low, high in PAIRS:
        for ending in (low, high):
            stem = knob.id.removesuffix(ending)
            ends = (by_id.get(stem + low), by_id.get(stem + high))
            if stem != knob.id and ends[0] is not None and ends[1] is not None:
                return (ends[0], ends[1])
    return (knob,)
