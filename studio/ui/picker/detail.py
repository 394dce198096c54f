"""The facts about the entry that is looked at, and what can be done with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.ui.icon_button import IconButton
from studio.ui.picker.words import rows
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.models.catalogue import Entry

WIDTH = 280
_USE = {
    "model": ("Open", "Open this model in place of the open one (Enter)."),
    "lora": ("Put on the model", "Put this LoRA on the open model (Enter)."),
    "autoencoder": ("Use with the model", "Let the open model use this autoencoder (Enter)."),
    "classifier": ("Guide with it", "Let this classifier guide the open model (Enter)."),
}
_BREAKS = re.compile(r"[/\\_.-]")
_HASH_WAITS = "being computed …"


class Detail(QWidget):
    """Show what is known of an entry."""

    used = Signal()
    located = Signal()
    settings_wanted = Signal()
    more_wanted = Signal()
    hash_copied = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(scaled(WIDTH))
        self._entry: Entry | None = None
        self.name, self.problem, self.note = _words("title"), _words("warning"), _words("muted")
        self.path = _words("mono")
        self.hash = _words("mono")
        self.copy = IconButton("copy", "copy the hash", wrapped("Copy the whole SHA-256."))
        self.copy.clicked.connect(self.hash_copied)
        self._facts = QGridLayout()
        self.use = _button("use_model", "primary", self.used)
        self.locate = _button("locate_model", "", self.located)
        self.settings = _button("model_settings", "", self.settings_wanted)
        self.more = IconButton("more", "more", wrapped("What else can be done with it."))
        self.more.setObjectName("more_of_model")
        self.more.clicked.connect(self.more_wanted)
        self._lay_out()
        self.show_entry(None)

    def _lay_out(self) -> None:
        self._facts.setHorizontalSpacing(scaled(12))
        self._facts.setVerticalSpacing(scaled(4))
        self._facts.setColumnStretch(1, 1)
        self._facts.setColumnMinimumWidth(0, scaled(72))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(scaled(16), scaled(12), scaled(12), scaled(12))
        column.setSpacing(scaled(8))
        for part in (self.name, self.problem):
            column.addWidget(part)
        column.addLayout(self._facts)
        column.addWidget(self.note)
        column.addWidget(self.path)
        self._hash_row = QWidget()
        row = QHBoxLayout(self._hash_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.hash, 1)
        row.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._hash_row)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setAccessibleName("facts about the model")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        outer.addLayout(self._make_deeds())

    def _make_deeds(self) -> QVBoxLayout:
        foot = QVBoxLayout()
        foot.setContentsMargins(scaled(16), scaled(8), scaled(12), scaled(12))
        foot.setSpacing(scaled(8))
        self.settings.setText("Settings of this file…")
        self.settings.setToolTip(
            wrapped("What the file leaves open, such as its noise schedule or its autoencoder.")
        )
        self.locate.setText("Locate…")
        self.locate.setToolTip(wrapped("Say where the file is now."))
        foot.addWidget(self.settings)
        row = QHBoxLayout()
        row.addWidget(self.use, 1)
        row.addWidget(self.locate, 1)
        row.addStretch()
        row.addWidget(self.more)
        foot.addLayout(row)
        return foot

    def show_entry(self, entry: Entry | None, *, hashing: bool = False) -> None:
        """Show an entry, or nothing."""
        self._entry = entry
        self.setEnabled(entry is not None)
        here = entry is not None and not entry.missing
        label, tip = _USE.get(entry.kind if entry else "model", _USE["model"])
        asks = entry is not None and entry.asks
        self.use.setText("Choose its settings…" if asks else label)
        self.use.setToolTip(wrapped(tip))
        self.use.setVisible(entry is None or (here and entry.kind != "unknown"))
        self.locate.setVisible(entry is not None and entry.missing)
        self.settings.setVisible(entry is not None and here and entry.settings and not asks)
        self.more.setVisible(entry is not None)
        self._say(self.name, entry.name if entry else "", breakable=True)
        self._say(self.problem, _problem(entry))
        self._say(self.note, entry.note if entry else "")
        self._say(self.path, entry.path if entry else "", breakable=True)
        self._show_hash(entry, hashing=hashing)
        self._show_facts(rows(entry) if entry else [])

    def _show_hash(self, entry: Entry | None, *, hashing: bool) -> None:
        digest = entry.sha256 if entry else ""
        parts = "\u200b".join(digest[i : i + 8] for i in range(0, len(digest), 8))
        said = f"SHA-256 {parts}" if digest else f"SHA-256 {_HASH_WAITS}" if hashing else ""
        self._say(self.hash, said, breakable=True)
        self._hash_row.setVisible(bool(said))
        self.copy.setVisible(bool(digest))

    def _show_facts(self, facts: list[tuple[str, str]]) -> None:
        while item := self._facts.takeAt(0):
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, (name, value) in enumerate(facts):
            label = QLabel(name)
            label.setProperty("role", "muted")
            said = _words("")
            said.setText(value)
            self._facts.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(said, row, 1)

    def _say(self, label: QLabel, text: str, *, breakable: bool = False) -> None:
        # A path or a hash has no spaces to break it at; these have no width.
        label.setText(_BREAKS.sub("\\g<0>\u200b", text) if breakable else text)
        label.setVisible(bool(text))


def _problem(entry: Entry | None) -> str:
    if entry is None:
        return ""
    return "The file is no longer where it was." if entry.missing else entry.problem


def _words(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setMinimumWidth(1)
    return label


def _button(name: str, kind: str, pressed: SignalInstance) -> QPushButton:
    button = QPushButton()
    button.setObjectName(name)
    button.setProperty("kind", kind)
    button.setAutoDefault(False)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(pressed)
    return button
