"""The row at the head of every page of the Edit tab, which leads to the other pages."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.ui.theme import sans_font, scaled
from studio.ui.view_switch import ViewSwitch

TASKS = (
    (
        "restore",
        "Restore",
        "restore a picture",
        "Fill in, enlarge, sharpen or colour a picture with what the model knows",
    ),
    (
        "encode",
        "Encode",
        "encode a picture",
        "Find the noise from which the model makes a picture, and go back from it",
    ),
    (
        "interpolate",
        "Interpolate",
        "interpolate between pictures",
        "Go from one picture to another, or from one class to another, through the noise",
    ),
    (
        "likelihood",
        "Likelihood",
        "measure the likelihood",
        "Measure how likely pictures are under the model, in bits per dimension",
    ),
)
"""The tasks of the tab: id, sign, accessible name, tool tip."""

RESTORE, ENCODE, INTERPOLATE, LIKELIHOOD = (id for id, *_ in TASKS)


class TaskRow(ViewSwitch):
    """Choose what is done to the picture; each task has as much room as its name needs."""

    def __init__(self, task: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, views=TASKS, view=task, wide=True)
        self.setObjectName("edit_tasks")
        self.setAccessibleName("what is done to the picture")
        row = self.layout()
        assert isinstance(row, QHBoxLayout)
        metrics = QFontMetrics(sans_font(12))
        for place, (_id, sign, *_) in enumerate(TASKS):
            row.setStretch(place, metrics.horizontalAdvance(sign) + scaled(16))
