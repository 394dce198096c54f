"""The design space of Table 1 as a table: take each ingredient from any column."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.diffusion import SAMPLERS
from studio.diffusion.design_space import COLUMNS, ROWS, Ingredient, Row, configuration
from studio.ui.restyle import set_style_property
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.library import Recipe

_NOTE = (
    "Click a column's name to take the whole configuration, or a cell to take that ingredient "
    "alone. What belongs to the network was decided when it was trained."
)
_OWN_PATH = "{} goes its own way; take Euler or Heun to choose this."


class DesignDialog(QDialog):
    """Show Table 1 with the current recipe in it; every click changes the recipe at once.

    `chosen` carries the fields that change, by name.
    """

    chosen = Signal(dict)

    def __init__(self, recipe: Recipe, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("design_dialog")
        self.setWindowTitle("Design space · Table 1 of Karras et al. 2022")
        self.cells: dict[tuple[str, int], QPushButton] = {}
        self.heads: list[QPushButton] = []
        self._recipe = recipe
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(20), scaled(16), scaled(20), scaled(16))
        column.setSpacing(scaled(12))
        note = QLabel(_NOTE)
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        column.addWidget(note)
        column.addLayout(self._make_table())
        self.show_recipe(recipe)

    def show_recipe(self, recipe: Recipe) -> None:
        """Mark the cells that `recipe` takes, and the columns that it takes whole."""
        self._recipe = recipe
        knobs = SAMPLERS[recipe.sampler].knobs if recipe.sampler in SAMPLERS else ()
        own = {f"knobs.{knob.id}" for knob in knobs} | {"sampler", "schedule"}
        for row in ROWS:
            for column, ingredient in enumerate(row.cells):
                if (cell := self.cells.get((row.label, column))) is not None:
                    fits = own.issuperset(ingredient.choice)
                    cell.setEnabled(fits)
                    cell.setChecked(fits and _taken(ingredient, recipe))
                    cell.setToolTip(wrapped(row.help, "" if fits else self._why()))
        for column, head in enumerate(self.heads):
            fields = configuration(column).items()
            head.setChecked(all(_value(recipe, name) == value for name, value in fields))

    def _why(self) -> str:
        spec = SAMPLERS.get(self._recipe.sampler)
        return _OWN_PATH.format(spec.label if spec else self._recipe.sampler)

    def _make_table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(scaled(4))
        grid.setVerticalSpacing(scaled(4))
        for number, column in enumerate(COLUMNS):
            head = _button(column.label, f"{column.label} configuration", "strong")
            head.setToolTip(wrapped(f"Take everything from this column ({column.name})."))
            head.clicked.connect(partial(self._take, configuration(number)))
            self.heads.append(head)
            grid.addWidget(head, 0, number + 1)
        line, group = 1, ""
        for row in ROWS:
            if row.group != group:
                group = row.group
                grid.addWidget(_heading(group), line, 0, 1, 5)
                line += 1
            self._add_row(grid, line, row)
            line += 1
        return grid

    def _add_row(self, grid: QGridLayout, line: int, row: Row) -> None:
        label = QLabel(row.label)
        label.setProperty("role", "label")
        label.setToolTip(wrapped(row.help))
        grid.addWidget(label, line, 0)
        for column, ingredient in enumerate(row.cells):
            if not ingredient.choice:
                text = QLabel(ingredient.formula)
                set_style_property(text, "role", "mono")
                text.setContentsMargins(scaled(12), scaled(4), scaled(12), scaled(4))
                text.setToolTip(wrapped(row.help))
                grid.addWidget(text, line, column + 1)
                continue
            name = f"{row.label}: {COLUMNS[column].label}"
            cell = _button(ingredient.formula, name, "formula")
            cell.clicked.connect(partial(self._take, ingredient.choice))
            self.cells[row.label, column] = cell
            grid.addWidget(cell, line, column + 1)

    def _take(self, choice: Mapping[str, object], _checked: bool = False) -> None:
        self.chosen.emit(dict(choice))
        self.show_recipe(self._recipe)  # where nothing changed, the click must not uncheck


def _taken(ingredient: Ingredient, recipe: Recipe) -> bool:
    return all(_value(recipe, name) == value for name, value in ingredient.choice.items())


def _value(recipe: Recipe, field: str) -> object:
    table, _, name = field.partition(".")
    if not name:
        return getattr(recipe, table)
    spec = SAMPLERS.get(recipe.sampler)
    defaults = {knob.id: knob.default for knob in spec.knobs} if spec else {}
    return recipe.knobs.get(name, defaults.get(name))


def _button(text: str, name: str, kind: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(name)
    button.setProperty("kind", kind)
    button.setCheckable(True)
    button.setAutoDefault(False)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def _heading(text: str) -> QLabel:
    label = QLabel(text.upper())
    label.setProperty("role", "heading")
    label.setContentsMargins(0, scaled(8), 0, 0)
    return label
