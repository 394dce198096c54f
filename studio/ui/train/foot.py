"""The line at the bottom of the tab: how far the run is, and where it can be taken."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from studio.session.training.standing import Standing
from studio.ui.progress import SlimBar
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

_SHARES = 1000
_WIDEST_NAME = 220
_LINKS = (
    ("run_folder", "Run folder", "Show the folder of the run in the file manager."),
    ("copy_torchrun", "copy torchrun line", "Copy the command that trains this run on many GPUs."),
    ("copy_sbatch", "copy sbatch script", "Copy a script that trains this run on a Slurm cluster."),
)


class Foot(QWidget):
    """Name the run and show its progress; `wanted` names the link that was pressed."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(scaled(14) + 10)
        self.name = QLabel()
        self.name.setProperty("role", "muted")
        self.bar = SlimBar(self, accented=True)
        self.bar.setObjectName("run_progress")
        self.bar.setAccessibleName("progress of the run")
        self.bar.setToolTip("How many of the pictures of the run have been trained on")
        self.percent = QLabel()
        self.percent.setProperty("role", "mono")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(16)
        for widget in (self.name, self.bar, self.percent):
            row.addWidget(widget)
        row.addStretch(1)
        row.setSpacing(12)
        self.links = {name: _link(*words) for name, *words in _LINKS}
        for name, link in self.links.items():
            link.setObjectName(name)
            link.clicked.connect(lambda _on=False, name=name: self.wanted.emit(name))
            row.addWidget(link)

    def show_run(self, standing: Standing | None) -> None:
        """Show how far a run is."""
        known = standing is not None and standing.status is not None
        name, room = standing.name if standing else "", scaled(_WIDEST_NAME)
        elided = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        self.name.setText(elided)
        self.name.setToolTip(wrapped(name if elided != name else ""))
        self.bar.setVisible(known)
        self.percent.setVisible(known)
        if standing is not None and known:
            self.bar.setValue(round(_SHARES * standing.share))
            self.percent.setText(f"{100 * standing.share:.0f} %")
        for link in self.links.values():
            link.setEnabled(standing is not None and standing.state != "gone")


def _link(text: str, tip: str) -> QPushButton:
    link = QPushButton(text)
    link.setAccessibleName(text)
    link.setProperty("kind", "quiet_link")
    link.setToolTip(wrapped(tip))
    return link
