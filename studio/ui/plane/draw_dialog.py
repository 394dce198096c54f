"""Draw a distribution: paint points, give them a name, and sample from them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.diffusion.knob import Knob
from studio.models.toy.file import MOST_COMPONENTS, PointsFile
from studio.session.sketch import CLASSES, Sketch
from studio.ui.knob_row import NumberRow
from studio.ui.plane.board import Board
from studio.ui.plane.swatch import Swatch
from studio.ui.theme import heading_font, scaled

_BRUSH = Knob("brush", "Brush", 0.06, low=0.0, high=0.4, help="Standard deviation of the spray.")
_FLOW = Knob("flow", "Flow", 6, low=1, high=60, help="Points for each moment of spray.")
_BLUR = Knob(
    "blur",
    "Blur",
    0.02,
    low=0.0,
    high=0.2,
    help="Standard deviation of the Gaussian that each point becomes; 0 leaves single points.",
)


class DrawDialog(QDialog):
    """Offer a square to paint on; `drawn` carries what is to be saved and opened.

    current: the points of the open model, to begin with if the person likes.
    """

    drawn = Signal(object)  # PointsFile

    def __init__(self, current: PointsFile | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("draw_dialog")
        self.setWindowTitle("Draw a distribution")
        self.sketch = Sketch()
        self.board = Board(self.sketch)
        self._current = current
        self._saving = False
        self.foot = QStackedWidget()
        row = QHBoxLayout(self)
        row.setContentsMargins(scaled(12), scaled(12), scaled(8), scaled(12))
        row.setSpacing(scaled(8))
        row.addWidget(self.board, 1)
        row.addLayout(self._make_side())
        self.board.changed.connect(self._show_state)
        self.board.width_wanted.connect(self._set_brush)
        for keys, deed in (
            (QKeySequence.StandardKey.Undo, self._undo),
            (QKeySequence.StandardKey.Redo, self._redo),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(deed)
        self._show_state()
        self.resize(scaled(860), scaled(580))

    # Parts

    def _make_side(self) -> QVBoxLayout:
        self.name = QLineEdit("Drawing")
        self.name.setObjectName("drawing_name")
        self.name.setAccessibleName("name of the drawing")
        self.name.setToolTip("What the model will be called")
        self.name.setMaxLength(60)
        self.name.setFixedHeight(scaled(28))
        self.brush, self.flow, self.blur = NumberRow(_BRUSH), NumberRow(_FLOW), NumberRow(_BLUR)
        for control in (self.brush, self.flow, self.blur):
            control.changed.connect(lambda _id, _value: self._take_brush())
        self.count = QLabel()
        self.count.setProperty("role", "mono")
        self.problem = QLabel()
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.hide()
        column = QVBoxLayout()
        column.setSpacing(scaled(8))
        column.addWidget(_heading("Name"))
        column.addWidget(_inset(self.name))
        column.addWidget(_heading("Class"))
        column.addLayout(self._make_classes())
        column.addWidget(_heading("Brush"))
        for control in (self.brush, self.flow, self.blur):
            column.addWidget(control)
        column.addLayout(self._make_deeds())
        column.addStretch(1)
        column.addWidget(_inset(self.problem))
        column.addWidget(_inset(self.count))
        column.addWidget(self.foot)
        self.foot.addWidget(self._make_foot())
        self.foot.addWidget(self._make_question())
        self.foot.setFixedWidth(scaled(300))
        self._take_brush()
        return column

    def _make_classes(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(scaled(12), 0, scaled(12), 0)
        self.classes: list[Swatch] = []
        group = QButtonGroup(self)
        for label, name in enumerate(CLASSES):
            swatch = Swatch(label, name)
            swatch.clicked.connect(lambda _on, label=label: self._choose(label))
            group.addButton(swatch)
            self.classes.append(swatch)
            row.addWidget(swatch)
        self.classes[0].setChecked(True)
        return row

    def _make_deeds(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(scaled(12), scaled(4), scaled(12), 0)
        self.undo = _button("Undo", "draw_undo", "Take the newest stroke back (Ctrl+Z)", self._undo)
        self.redo = _button("Redo", "draw_redo", "Make it again (Ctrl+Shift+Z)", self._redo)
        self.clear = _button("Clear", "draw_clear", "Take all points away", self._clear)
        for button in (self.undo, self.redo, self.clear):
            row.addWidget(button)
        if self._current is not None:
            tip = f"Begin with the points of “{self._current.name}”, which stays as it is"
            row.addWidget(_button("Open model", "draw_load", tip, self._load))
        return row

    def _make_foot(self) -> QWidget:
        holder, row = _row()
        row.addStretch(1)
        cancel = _button("Cancel", "draw_cancel", "Save nothing (Esc)", self.reject)
        self.save = _button("Save and open", "draw_save", "", self._save)
        self.save.setProperty("kind", "primary")
        self.save.setDefault(True)
        row.addWidget(cancel)
        row.addWidget(self.save)
        return holder

    def _make_question(self) -> QWidget:
        holder, row = _row()
        self.question = QLabel()
        self.question.setProperty("role", "label")
        row.addWidget(self.question, 1)
        back = _button("Keep", "draw_keep", "Go on drawing", lambda: self._ask(False))
        discard = _button("Discard", "draw_discard", "Close without saving", self._discard)
        row.addWidget(back)
        row.addWidget(discard)
        return holder

    # Deeds

    def reject(self) -> None:
        """Close, but ask first where something was drawn."""
        if self._saving:
            return  # it closes by itself, or says what went wrong
        if len(self.sketch) and self.foot.currentIndex() == 0:
            self._ask(True)
        elif self.foot.currentIndex() == 1:
            self._ask(False)  # Esc again goes back: nothing is lost by haste
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask first where something was drawn."""
        if self._saving or len(self.sketch):
            event.ignore()
            self._ask(not self._saving)
        else:
            super().closeEvent(event)

    def show_problem(self, text: str) -> None:
        """Say why the drawing could not be saved; it is still here."""
        self._saving = False
        self.problem.setText(text)
        self.problem.show()

    def _ask(self, asks: bool) -> None:
        self.question.setText(f"Discard {_points(len(self.sketch))}?")
        self.foot.setCurrentIndex(int(asks))

    def _discard(self) -> None:
        super().reject()

    def _save(self) -> None:
        if len(self.sketch) and not self._saving:
            name = self.name.text().strip() or "Drawing"
            self._saving = True
            self.problem.hide()
            self.drawn.emit(self.sketch.to_file(name, self._value(self.blur)))

    def _undo(self) -> None:
        self.sketch.undo()
        self._show_state()

    def _redo(self) -> None:
        self.sketch.redo()
        self._show_state()

    def _clear(self) -> None:
        self.sketch.clear()
        self._show_state()

    def _load(self) -> None:
        assert self._current is not None
        self.sketch.load(self._current)
        self._show_state()

    def _choose(self, label: int) -> None:
        self.board.label = label

    def _set_brush(self, width: float) -> None:
        width = min(max(width, 0.005), 0.4)
        self.brush.set_value(round(width, 4))
        self.brush.changed.emit("brush", width)

    def _take_brush(self) -> None:
        self.board.width_of_brush = self._value(self.brush)
        self.board.flow = round(self._value(self.flow))
        self.board.update()

    def _value(self, row: NumberRow) -> float:
        return float(row.field.value())

    def _show_state(self) -> None:
        sketch = self.sketch
        self.undo.setEnabled(sketch.can_undo)
        self.redo.setEnabled(sketch.can_redo)
        self.clear.setEnabled(bool(len(sketch)))
        self.save.setEnabled(bool(len(sketch)))
        self.save.setToolTip(
            "Keep the drawing as a model and open it" if len(sketch) else "Paint something first"
        )
        full = f" · {MOST_COMPONENTS:,} are the most" if sketch.full else ""
        self.count.setText(f"{_points(len(sketch))}{full}")
        self.board.update()


def _points(count: int) -> str:
    return f"{count:,} point{'' if count == 1 else 's'}"


def _row() -> tuple[QWidget, QHBoxLayout]:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(scaled(12), scaled(4), scaled(12), 0)
    return holder, row


def _inset(widget: QWidget) -> QWidget:
    holder, row = _row()
    row.setContentsMargins(scaled(12), 0, scaled(12), 0)
    row.addWidget(widget)
    return holder


def _heading(text: str) -> QLabel:
    label = QLabel(text.upper())
    label.setProperty("role", "heading")
    label.setFont(heading_font())
    label.setContentsMargins(scaled(12), scaled(4), 0, 0)
    return label


def _button(text: str, name: str, tip: str, deed: object) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _on: deed())  # type: ignore[operator]
    return button
