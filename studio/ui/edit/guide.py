"""The guide: a short page on a method, with formula, source, knobs, and when it fails."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.diffusion import Knob, OperatorSpec, Spec
from studio.ui.compare.parts import heading
from studio.ui.help_topic import topic_of
from studio.ui.help_words import help_words
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

WIDTH = 620
TALLEST = 680
_MARGIN = 24
_INDENT = 132


Guided = Spec | OperatorSpec
"""What a page can be made of: a method, a sampler, or a degradation."""


def open_guide(spec: Guided, parent: QWidget) -> GuidePage:
    """Show the page of a method beside the window; it stays while the person works on."""
    page = GuidePage(spec, parent.window())
    page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    page.show()
    return page


class GuidePage(QDialog):
    """Show what a method solves, its formula and source, and what each knob does."""

    def __init__(self, spec: Guided, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.setObjectName("guide")
        self.setWindowTitle(f"Guide: {spec.label}")
        self._column = QVBoxLayout()
        self._fill()
        self._lay_out()
        high = self._column.sizeHint().height() + scaled(96)
        self.resize(scaled(WIDTH), min(scaled(TALLEST), high))

    @property
    def text(self) -> str:
        """Return everything as plain text, to be copied."""
        parts = [self.spec.label, *paragraphs(self.spec), self.spec.formula, self.spec.source]
        parts += [f"{knob.label} ({knob.id}): {knob.help}" for knob in self.spec.knobs]
        return "\n\n".join(filter(None, parts))

    def copy(self) -> None:
        """Put all of it on the clipboard."""
        QGuiApplication.clipboard().setText(self.text)

    def _fill(self) -> None:
        spec, room = self.spec, scaled(WIDTH - 2 * _MARGIN - 12)
        for text in paragraphs(spec):
            self._add(help_words(text, "message", room))
        if spec.formula:
            self._add(heading("FORMULA"), 10)
            self._add(help_words(spec.formula, "formula", room))
        if spec.source:
            self._add(help_words(spec.source, "muted", room))
        facts = " ".join(facts_of(spec))
        if facts:
            self._add(help_words(facts, "muted", room))
        if spec.knobs:
            self._add(heading("KNOBS"), 10)
        for knob in spec.knobs:
            self._column.addLayout(_about_knob(knob, room))
        self._column.addStretch(1)

    def _add(self, widget: QWidget, above: int = 0) -> None:
        self._column.addSpacing(scaled(above))
        self._column.addWidget(widget)

    def _lay_out(self) -> None:
        margin = scaled(_MARGIN)
        inside = QWidget()
        self._column.setContentsMargins(margin, 0, margin, scaled(16))
        self._column.setSpacing(scaled(10))
        inside.setLayout(self._column)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName(f"guide to {self.spec.label}")
        area.setWidget(inside)
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        area.setFocus()
        rule = QFrame()
        rule.setProperty("role", "rule")
        rule.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._heading())
        column.addWidget(rule)
        column.addSpacing(scaled(14))
        column.addWidget(area, 1)
        QShortcut(QKeySequence(Qt.Key.Key_F1), self, self.close)

    def _heading(self) -> QHBoxLayout:
        title, id = QLabel(self.spec.label), QLabel(self.spec.id)
        title.setProperty("role", "title")
        id.setProperty("role", "mono")
        copy = QPushButton("Copy")
        copy.setProperty("kind", "link")
        copy.setAccessibleName("copy the guide")
        copy.setToolTip(wrapped("Copy the whole page."))
        copy.clicked.connect(self.copy)
        row = QHBoxLayout()
        row.setContentsMargins(scaled(_MARGIN), scaled(16), scaled(_MARGIN), scaled(12))
        row.setSpacing(scaled(8))
        row.addWidget(title)
        row.addWidget(id)
        row.addStretch(1)
        row.addWidget(copy)
        return row


def paragraphs(spec: Guided) -> list[str]:
    """Return what the page says first: the guide of the method, or else its help."""
    own = str(getattr(spec, "guide", "")).strip() or spec.help
    return [" ".join(part.split()) for part in own.split("\n\n") if part.strip()]


def facts_of(spec: Guided) -> tuple[str, ...]:
    """Return short facts, such as what it costs, where the spec knows them."""
    from studio.diffusion import Spec

    if not isinstance(spec, Spec):
        return ()
    steps = spec.usual_steps or 18
    cost = spec.nfe(steps)
    order = f"Order {spec.order}." if spec.order else ""
    noise = "Adds noise." if spec.stochastic else "Draws no noise at its default knobs."
    return tuple(filter(None, (f"{cost} NFE with {steps} steps." if cost else "", order, noise)))


def _about_knob(knob: Knob, room: int) -> QHBoxLayout:
    """Return the name of a knob beside what it does."""
    name, id = QLabel(knob.label), QLabel(knob.id)
    name.setProperty("role", "label")
    id.setProperty("role", "mono")
    left = QVBoxLayout()
    left.setSpacing(scaled(2))
    left.addWidget(name)
    left.addWidget(id)
    left.addStretch(1)
    indent = scaled(_INDENT)
    right = QVBoxLayout()
    right.setSpacing(scaled(2))
    right.addWidget(help_words(knob.help or knob.label, "message", room - indent))
    facts = " ".join(filter(None, (*topic_of(knob).facts, knob.source)))
    if facts:
        right.addWidget(help_words(facts, "muted", room - indent))
    holder = QWidget()
    holder.setFixedWidth(indent)
    holder.setLayout(left)
    left.setContentsMargins(0, 0, scaled(12), 0)
    row = QHBoxLayout()
    row.setSpacing(0)
    row.addWidget(holder)
    row.addLayout(right, 1)
    return row
