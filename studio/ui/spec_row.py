"""The row to choose a sampler or a schedule from the registered ones, by family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker

from studio.ui.choice import Choice
from studio.ui.restyle import set_style_property
from studio.ui.row import Row
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.diffusion import Knob, Spec


class SpecRow(Row):
    """Choose one of `specs`; the tool tip is what the chosen one says of itself."""

    def __init__(self, name: str, label: str, specs: Mapping[str, Spec], default: str) -> None:
        super().__init__((name,), label)
        self.specs = specs
        self._default = default
        self.box = Choice(name, label)
        self._fill()
        self.add_control(self.box)
        self.label.setBuddy(self.box)
        self.box.currentIndexChanged.connect(self._on_chosen)
        self.set_value(default)

    @property
    def topics(self) -> tuple[Knob | Spec, ...]:
        """Return what the row can explain: what is chosen in it."""
        spec = self.specs.get(str(self.box.currentData()))
        return (spec,) if spec else ()

    def set_value(self, name: str) -> None:
        """Show the spec called `name` without a signal; an unknown one is an error."""
        with QSignalBlocker(self.box):
            self.box.choose(name)
        known = name in self.specs
        why = "" if known else f"There is no {self.ids[0]} “{name}” here. Choose one of the list."
        self.box.setPlaceholderText("" if known else name)
        set_style_property(self.box, "error", not known)
        self._show_tip(why)
        self.set_modified(name != self._default)
        self.problem_changed.emit(self.ids[0], why)

    def reset(self) -> None:
        """Go back to the default."""
        self.box.choose(self._default)

    def _fill(self) -> None:
        families: dict[str, list[Spec]] = {}
        for spec in self.specs.values():
            families.setdefault(spec.family, []).append(spec)
        with QSignalBlocker(self.box):
            for family, specs in families.items():
                if len(families) > 1:
                    self.box.add_heading(family)
                for spec in specs:
                    self.box.add_choice(spec.id, spec.label, wrapped(spec.help, spec.source))

    def _show_tip(self, why: str) -> None:
        spec = self.specs.get(str(self.box.currentData()))
        text = wrapped(spec.help, spec.source) if spec else wrapped(why)
        self.box.setToolTip(text)
        self.label.set_tip(text)

    def _on_chosen(self) -> None:
        name = self.box.currentData()
        if isinstance(name, str):
            self.set_value(name)
            self.changed.emit(self.ids[0], name)
            self.committed.emit(self.ids[0])
