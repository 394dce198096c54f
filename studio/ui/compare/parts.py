"""Pieces that the panels of the Compare tab are made of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from studio.ui.theme import heading_font, scaled
from studio.ui.tip import wrapped
from studio.ui.view_switch import ViewSwitch

MODES = (
    (
        "solvers",
        "Solvers",
        "compare solvers",
        "Samplers and schedules at equal cost, measured against a fine reference",
    ),
    (
        "sweep",
        "Sweep",
        "sweep knobs",
        "Up to three axes over any knobs, each cell a take of its own",
    ),
)


def mode_switch(mode: str) -> ViewSwitch:
    """Return the switch between the two pages of the Compare tab."""
    switch = ViewSwitch(views=MODES, view=mode, wide=True)
    switch.setAccessibleName("what the tab compares")
    return switch


def line(name: str, label: str, tip: str) -> QLineEdit:
    """Return a field to type in, with its tool tip."""
    field = QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(label)
    field.setToolTip(wrapped(tip))
    field.setFixedHeight(scaled(24))
    return field


def heading(text: str) -> QLabel:
    """Return the heading of a section."""
    label = QLabel(text)
    label.setProperty("role", "heading")
    label.setFont(heading_font())
    return label


def inset(*widgets: QWidget) -> QHBoxLayout:
    """Return widgets in a row, the first taking the room, the last at the right."""
    row = QHBoxLayout()
    row.setContentsMargins(12, 0, 12, 0)
    for place, widget in enumerate(widgets):
        row.addWidget(widget, 0 if place else 1)
    if len(widgets) > 1:
        row.setAlignment(widgets[-1], Qt.AlignmentFlag.AlignRight)
    return row


def plural(count: int, noun: str) -> str:
    """Return “1 cell”, “27 cells”."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
