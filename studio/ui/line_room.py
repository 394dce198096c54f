"""Give a label of several lines the height that its words need."""

from PySide6.QtWidgets import QLabel


def fit_lines(label: QLabel, width: int) -> None:
    """Fix the height of `label` to that of its text at `width` pixels.

    Layouts inside layouts ask a wrapping label for its height at the wrong width; and a label
    with a height of its own answers with no less than that, so that it is taken away first.
    """
    label.ensurePolished()
    label.setMinimumHeight(0)
    label.setFixedHeight(max(label.heightForWidth(width), 1))
