"""The operators of a measurement, one after the other, with their knobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.ui.icon_button import IconButton
from studio.ui.knob_stack import KnobStack
from studio.ui.spec_row import SpecRow

if TYPE_CHECKING:
    from studio.diffusion import OperatorSpec, Spec
    from studio.diffusion.knob import Value

MOST = 8
_ADD_TIP = "Degrade what comes out once more, by another operator; they act from above"
FIRST = "inpaint"
Link = tuple[str, dict[str, "Value"]]
"""An operator by its id, with those of its knobs that are not at their defaults."""


class OperatorPart(QWidget):
    """One operator: which it is, and its knobs."""

    changed = Signal()
    committed = Signal()
    problem_changed = Signal(str)
    removed = Signal()

    def __init__(self, specs: Mapping[str, OperatorSpec]) -> None:
        super().__init__()
        self._specs = specs
        self._problems: dict[str, str] = {}
        self.knobs: dict[str, Value] = {}
        default = FIRST if FIRST in specs else next(iter(specs))
        self.row = SpecRow("operator", "Operator", cast("Mapping[str, Spec]", specs), default)
        self.remove = IconButton("close", "Remove the operator", "Take this operator away")
        self.row.add_control(self.remove, 0)
        self.stack = KnobStack("")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.row)
        column.addWidget(self.stack)
        self.remove.clicked.connect(self.removed)
        self.row.changed.connect(self._on_chosen)
        self.row.committed.connect(lambda _id: self.committed.emit())
        self.stack.changed.connect(self._on_turned)
        self.stack.committed.connect(lambda _id: self.committed.emit())
        self.row.problem_changed.connect(self._on_problem)
        self.stack.problem_changed.connect(self._on_problem)

    @property
    def link(self) -> Link:
        """Return the operator with its knobs."""
        return str(self.row.box.currentData()), dict(self.knobs)

    @property
    def problem(self) -> str:
        """Return why what was typed cannot be used, or nothing."""
        return next(iter(self._problems.values()), "")

    def show_link(self, link: Link, place: int, count: int) -> None:
        """Show an operator without a signal: the one at `place` of `count`."""
        id, knobs = link
        spec = self._specs.get(id)
        self.row.set_value(id)
        self.row.label.set_name("Operator" if not place else "then")
        self.remove.setVisible(count > 1)
        self.knobs = dict(knobs)
        self.stack.set_knobs(spec.knobs if spec else ())
        self.stack.show_values(self.knobs)

    def _on_chosen(self, _id: str, chosen: object) -> None:
        self.knobs = {}
        self.stack.set_knobs(self._specs[str(chosen)].knobs)
        self.stack.show_values({})
        self.changed.emit()

    def _on_turned(self, id: str, value: object) -> None:
        self.knobs[id] = cast("Value", value)
        self.changed.emit()

    def _on_problem(self, id: str, why: str) -> None:
        before = self.problem
        self._problems.pop(id, None)
        if why:
            self._problems[id] = why
        if self.problem != before:
            self.problem_changed.emit(self.problem)


class OperatorChain(QWidget):
    """Edit which operators act on the picture, in their order; `add_button` lies elsewhere."""

    changed = Signal(object)
    """The person changed the chain, also while dragging: a tuple of links."""
    committed = Signal()
    problem_changed = Signal(str)

    def __init__(self, specs: Mapping[str, OperatorSpec]) -> None:
        super().__init__()
        self._specs = specs
        self.parts: list[OperatorPart] = []
        self.add_button = IconButton("add", "Add an operator", _ADD_TIP, side=22)
        self.add_button.setObjectName("add_operator")
        self.add_button.clicked.connect(self._on_add)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.show_links([(FIRST if FIRST in specs else next(iter(specs)), {})])

    @property
    def links(self) -> tuple[Link, ...]:
        """Return the operators with their knobs, in their order."""
        return tuple(part.link for part in self.parts)

    @property
    def problem(self) -> str:
        """Return why what was typed cannot be used, or nothing."""
        return next((part.problem for part in self.parts if part.problem), "")

    def show_links(self, links: Sequence[Link]) -> None:
        """Show the operators of a recipe without a signal."""
        while len(self.parts) > len(links):
            self._drop(self.parts.pop())
        while len(self.parts) < len(links):
            self._make()
        for place, (part, link) in enumerate(zip(self.parts, links, strict=True)):
            part.show_link(link, place, len(links))
        self.add_button.setEnabled(len(links) < MOST)

    def _make(self) -> None:
        part = OperatorPart(self._specs)
        self.parts.append(part)
        self._column.addWidget(part)
        part.changed.connect(lambda: self.changed.emit(self.links))
        part.committed.connect(self.committed)
        part.problem_changed.connect(lambda _why: self.problem_changed.emit(self.problem))
        part.removed.connect(lambda: self._on_removed(part))

    def _drop(self, part: OperatorPart) -> None:
        self._column.removeWidget(part)
        part.hide()
        part.setParent(None)
        part.deleteLater()

    def _on_add(self) -> None:
        used = {id for id, _ in self.links}
        free = [spec.id for spec in self._specs.values() if not spec.takes_mask]
        id = next((id for id in free if id not in used), free[0] if free else FIRST)
        self._become((*self.links, (id, {})))
        self.parts[-1].row.box.setFocus()

    def _on_removed(self, part: OperatorPart) -> None:
        place = self.parts.index(part)
        links = self.links
        self.parts.remove(part)
        self._drop(part)
        self._become(links[:place] + links[place + 1 :])
        self.problem_changed.emit(self.problem)
        self.parts[max(place - 1, 0)].row.box.setFocus()

    def _become(self, links: tuple[Link, ...]) -> None:
        self.show_links(links)
        self.changed.emit(self.links)
        self.committed.emit()
