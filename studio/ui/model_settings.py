"""The short form for what the file of a model leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.ui.choice import Choice
from studio.ui.knob_stack import KnobStack
from studio.ui.recipe_section import Remark
from studio.ui.row import Row
from studio.ui.theme import scaled
from studio.ui.tip import tip, wrapped

if TYPE_CHECKING:
    from studio.diffusion import Knob, Value
    from studio.models.presets import Form

_FILES = ("vae", "tiny")
"""Questions that are answered by an autoencoder."""

_OWN = ""
_LABEL = 148
_BROWSE = "\0browse"
_CUSTOM = "\0own"
_OPEN = "The file {}. {} The answers are kept for this file wherever it lies."
_CHOOSE = "Take the preset it was published with, or answer below."
_ANSWER = "It is none of those that are known, so please answer what was chosen in its training."
_SETTLED = "What is chosen here is kept for this file wherever it lies."


class ModelSettings(QDialog):
    """Ask what a file leaves open: by a known preset, or one question after another.

    autoencoders: pairs of path and name, to choose from where one is asked for.
    """

    answered = Signal(dict)
    forgotten = Signal()

    def __init__(
        self,
        form: Form,
        autoencoders: Sequence[tuple[str, str]] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("model_settings_form")
        self.setWindowTitle(f"Settings of {form.path.name}")
        self._form = form
        best = form.presets[0].answers if form.presets else {}
        self._values = form.checked({**best, **(form.answers or {})})
        self._problems: dict[str, str] = {}
        self.preset = Choice("model_preset", "Preset", "Settings that a known file goes with")
        self.stack = KnobStack("")
        self._files = {
            knob.id: _FileRow(knob, autoencoders, _empty(form, knob))
            for knob in form.questions
            if knob.id in _FILES
        }
        self._problem = Remark("error")
        self._lay_out()
        self._connect()
        self._show()

    def _lay_out(self) -> None:
        way = _CHOOSE if self._form.presets else _ANSWER
        asked = _OPEN.format(self._form.why, way)
        intro = QLabel(_SETTLED if self._form.answers is not None else asked)
        intro.setWordWrap(True)
        intro.setProperty("role", "muted")
        intro.setContentsMargins(scaled(12), 0, scaled(12), scaled(4))
        rows = QWidget()
        inner = QVBoxLayout(rows)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        self.stack.set_knobs([knob for knob in self._form.questions if knob.id not in _FILES])
        inner.addWidget(self.stack)
        for row in self._files.values():
            inner.addWidget(row)
        for each in (*self.stack.row_list, *self._files.values()):
            each.label.setFixedWidth(scaled(_LABEL))
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(rows)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(8), scaled(16), scaled(8), scaled(12))
        column.setSpacing(scaled(4))
        column.addWidget(intro)
        column.addWidget(self._make_preset_row())
        column.addWidget(scroll, 1)
        column.addWidget(self._problem)
        column.addSpacing(scaled(12))
        column.addLayout(self._make_foot())
        height = rows.sizeHint().height() + scaled(200)
        self.resize(scaled(460), min(height, scaled(640)))

    def _make_preset_row(self) -> Row:
        for preset in self._form.presets:
            self.preset.add_choice(preset.id, preset.label, wrapped(preset.source))
        self.preset.add_choice(_CUSTOM, "As answered below")
        row = Row(("preset",), "Preset", wrapped("Settings that a known file goes with."))
        row.add_control(self.preset)
        row.label.setBuddy(self.preset)
        row.label.setFixedWidth(scaled(_LABEL))
        row.setVisible(bool(self._form.presets))
        return row

    def _make_foot(self) -> QHBoxLayout:
        self.forget = QPushButton("Forget")
        self.forget.setObjectName("forget_settings")
        self.forget.setToolTip(wrapped("Forget what was chosen, so that the file speaks alone."))
        self.forget.setVisible(bool(self._form.kept))
        self.use = QPushButton("Use these settings")
        self.use.setObjectName("use_settings")
        self.use.setProperty("kind", "primary")
        self.use.setDefault(True)
        self.use.setToolTip(wrapped("Keep these settings and use the model with them (Enter)."))
        cancel = QPushButton("Cancel")
        cancel.setToolTip(wrapped("Leave the settings as they were (Esc)."))
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setContentsMargins(scaled(12), 0, scaled(12), 0)
        row.setSpacing(scaled(8))
        row.addWidget(self.forget)
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.use)
        return row

    def _connect(self) -> None:
        self.preset.currentIndexChanged.connect(lambda _index: self._on_preset_chosen())
        self.stack.changed.connect(self._on_changed)
        self.stack.problem_changed.connect(self._on_problem_changed)
        for row in self._files.values():
            row.changed.connect(self._on_changed)
        self.use.clicked.connect(self._on_use)
        self.forget.clicked.connect(self._on_forget)

    @property
    def values(self) -> Mapping[str, Value]:
        """Return the answers as they are now."""
        return self._values

    def _on_preset_chosen(self) -> None:
        id = self.preset.currentData()
        if id != _CUSTOM:
            self._values = self._form.checked({**self._values, **self._form.preset(id).answers})
            self._show()

    def _on_changed(self, name: str, value: object) -> None:
        self._values = {**self._values, name: value}  # type: ignore[dict-item]  # as knobs give it
        self._show_preset()

    def _on_problem_changed(self, name: str, why: str) -> None:
        self._problems.pop(name, None)
        if why:
            self._problems[name] = why
        self._say(next(iter(self._problems.values()), ""))

    def _say(self, why: str) -> None:
        self._problem.say(why)
        self.use.setEnabled(not self._problems)

    def _show(self) -> None:
        self.stack.show_values(self._values)
        for id, row in self._files.items():
            row.show_path(str(self._values[id]))
        self._show_preset()

    def _show_preset(self) -> None:
        """Name the preset that the answers are, if any."""
        same = (
            preset.id
            for preset in self._form.presets
            if all(self._values.get(id) == value for id, value in preset.answers.items())
        )
        self.preset.blockSignals(True)
        self.preset.choose(next(same, _CUSTOM))
        self.preset.blockSignals(False)

    def _on_use(self) -> None:
        try:
            answers = self._form.checked(self._values)
        except ValueError as error:
            self._say(str(error))
            return
        self.answered.emit(answers)
        self.accept()

    def _on_forget(self) -> None:
        self.forgotten.emit()
        self.accept()


def _empty(form: Form, knob: Knob) -> str:
    if knob.id != _FILES[0]:
        return "One beside the model"
    return "The model's own" if any(knob.id in p.answers for p in form.presets) else "None yet"


class _FileRow(Row):
    """Choose an autoencoder: the model's own, one that is known, or a file on the disk.

    empty: what it means to choose none.
    """

    def __init__(self, knob: Knob, autoencoders: Sequence[tuple[str, str]], empty: str) -> None:
        super().__init__((knob.id,), knob.label, tip(knob))
        self._knob = knob
        self._before = _OWN
        self.box = Choice(knob.id, knob.label, tip(knob))
        self.box.add_choice(_OWN, empty)
        for path, name in autoencoders:
            self.box.add_choice(path, name, wrapped(path))
        self.box.add_choice(_BROWSE, "Browse…")
        self.box.activated.connect(lambda _index: self._on_chosen())
        self.add_control(self.box)
        self.label.setBuddy(self.box)

    def show_path(self, path: str) -> None:
        """Show which one is in force, without a signal."""
        if self.box.findData(path) < 0:
            place = self.box.count() - 1
            self.box.insertItem(place, path.rsplit("/", 1)[-1], path)
        self._before = path
        self.box.choose(path)
        self.set_modified(path != self._knob.default)

    def reset(self) -> None:
        """Go back to the model's own."""
        self._take(_OWN)

    def _on_chosen(self) -> None:
        path = str(self.box.currentData())
        if path == _BROWSE:
            path, _ = QFileDialog.getOpenFileName(self, self._knob.label, self._before)
            path = path or self._before
        self._take(path)

    def _take(self, path: str) -> None:
        self.show_path(path)
        self.changed.emit(self._knob.id, path)
