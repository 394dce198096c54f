"""Begin a run: which pictures, from which model, and how long; or all of it as a run file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.session.training.bases import Base
from studio.session.training.founding import name_problem
from studio.ui.recipe_section import Remark
from studio.ui.restyle import set_style_property
from studio.ui.row import Row
from studio.ui.theme import scaled
from studio.ui.tip import wrapped
from studio.ui.train.run_text import RunText
from studio.ui.train.wish_form import WishForm

_NAME_TIP = "The name of the run and of its folder; the model is called so, too."
_WIDTH, _TEXT_SIZE = 560, (760, 640)


class NewRunDialog(QDialog):
    """Ask for the few things that matter, or show the whole run file.

    `wanted` carries name and run file; the dialog stays until the session says that it is made.
    root: where runs are; free_name: returns a name that no run has; fast: there is a device beside
    the CPU.
    """

    wanted = Signal(str, str)

    def __init__(
        self,
        root: Path,
        free_name: Callable[[str], str],
        *,
        fast: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("new_run_dialog")
        self.setWindowTitle("New run")
        self.setAcceptDrops(True)
        self._root, self._free_name = root, free_name
        self._own_name = False  # the person has given it one
        self.form, self.text = WishForm(fast=fast), RunText()
        self.pages = QStackedWidget()
        self.pages.addWidget(self.form)
        self.pages.addWidget(self.text)
        self.name = QLineEdit()
        self.remark = Remark("error")
        self._by_hand = False
        self._lay_out()
        self._connect()
        self.name.setText(free_name("run"))
        self.resize(scaled(_WIDTH), self.sizeHint().height())
        self._show_state()
        self.form.path.setFocus()

    def _lay_out(self) -> None:
        self.name.setObjectName("run_name")
        self.name.setAccessibleName("name of the run")
        self.name.setToolTip(wrapped(_NAME_TIP))
        self.name.setFixedHeight(scaled(24))
        row = Row(("name",), "Name", wrapped(_NAME_TIP))
        row.add_control(self.name)
        row.label.setBuddy(self.name)
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(8), scaled(16), scaled(8), scaled(12))
        column.setSpacing(scaled(4))
        column.addWidget(row)
        column.addWidget(self.pages, 1)
        column.addWidget(self.remark)
        column.addLayout(self._make_foot())

    def _make_foot(self) -> QHBoxLayout:
        self.more = _button("All settings…", "all_settings", "strong")
        self.more.setToolTip(wrapped("Show the run file, in which everything can be set."))
        self.back = _button("Undo all edits", "undo_edits", "strong")
        self.back.setToolTip(wrapped("Go back to the short form; what was typed here is lost."))
        cancel = _button("Cancel", "cancel_run", "strong")
        cancel.setToolTip("Make nothing (Esc)")
        cancel.clicked.connect(self.reject)
        self.make = _button("Create", "create_run", "primary")
        self.make.setDefault(True)
        note = QLabel("Nothing is trained before Start.")
        note.setProperty("role", "muted")
        row = QHBoxLayout()
        row.setContentsMargins(scaled(12), scaled(8), scaled(12), 0)
        row.setSpacing(scaled(8))
        row.addWidget(self.more)
        row.addWidget(self.back)
        row.addWidget(note, 1)
        row.addWidget(cancel)
        row.addWidget(self.make)
        return row

    def _connect(self) -> None:
        self.form.changed.connect(self._on_form_changed)
        self.text.checked.connect(self._show_state)
        self.text.edited.connect(self._on_edited)
        self.name.textEdited.connect(self._on_named)
        self.more.clicked.connect(self.show_text)
        self.back.clicked.connect(self.show_form)
        self.make.clicked.connect(self.take)

    # What can be done

    def set_bases(self, bases: list[Base]) -> None:
        """Offer models to begin from."""
        self.form.set_bases(bases)

    def set_data(self, path: Path) -> None:
        """Take pictures that were dropped or chosen."""
        self.form.set_data(str(path))

    def show_copy(self, name: str, text: str) -> None:
        """Show a run file of another run, to be changed."""
        self.name.setText(self._free_name(name))
        self._own_name = self._by_hand = True
        self.text.set_text(text)
        self._show_page(self.text)
        self.back.hide()

    def show_text(self) -> None:
        """Show what the form says as a run file."""
        self.text.set_text(self.form.run_file())
        self._by_hand = False
        self._show_page(self.text)
        self.text.editor.setFocus()

    def show_form(self) -> None:
        """Show the form again."""
        self._by_hand = False
        self._show_page(self.form)

    def take(self) -> None:
        """Ask for the run to be made."""
        if self.pages.currentWidget() is self.text:
            self.text.check()
        if not self._problem():
            self.make.setEnabled(False)
            text = self.text.text if self._in_text else self.form.run_file()
            self.wanted.emit(self.name.text(), text)

    def show_problem(self, problem: str) -> None:
        """Say why the run could not be made; it can be tried again."""
        self._show_state()
        self.remark.say(problem)

    # Drag and drop

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome pictures where they can be taken."""
        local = any(url.isLocalFile() for url in event.mimeData().urls())
        if local and not self._in_text:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped as the pictures."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.set_data(Path(paths[0]))

    # How it stands

    @property
    def _in_text(self) -> bool:
        return self.pages.currentWidget() is self.text

    def _show_page(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        if page is self.text:
            self.resize(*map(scaled, _TEXT_SIZE))
        else:
            self.resize(scaled(_WIDTH), scaled(300))
        self._show_state()

    def _on_form_changed(self) -> None:
        if not self._own_name:
            self.name.setText(self._free_name(self.form.suggested_name or "run"))
        self._show_state()

    def _on_named(self) -> None:
        self._own_name = True
        self._show_state()

    def _on_edited(self) -> None:
        self._by_hand = True
        self._show_state()

    def _problem(self) -> str:
        said = self.text.problem if self._in_text else self.form.problem
        return name_problem(self._root, self.name.text()) or said

    def _show_state(self) -> None:
        named = name_problem(self._root, self.name.text())
        set_style_property(self.name, "error", bool(named))
        problem = self._problem()
        self.remark.say(named or ("" if self._in_text else self.form.complaint))
        self.make.setEnabled(not problem)
        self.make.setToolTip(wrapped(problem or "Make the run and look at its pictures"))
        self.more.setVisible(not self._in_text)
        self.more.setEnabled(bool(self.form.data))
        self.back.setVisible(self._in_text and self.form.data != "")
        self.back.setText("Undo all edits" if self._by_hand else "Back")


def _button(text: str, name: str, kind: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text.rstrip("…"))
    button.setProperty("kind", kind)
    button.setAutoDefault(False)
    return button
