"""Ask for how many machines and GPUs, and copy the line or script for them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from studio.session.training.cluster import GPUS, NODES, sbatch_script, torchrun_line
from studio.ui.theme import mono_font, scaled
from studio.ui.tip import wrapped

_NOTES = {
    "copy_torchrun": "Run it where this folder and Elucidate are; on several machines run it on "
    "each, with NODE_RANK and MASTER_ADDR set.",
    "copy_sbatch": "Save it as a file and hand it to sbatch. Before its time is up it saves and "
    "goes back into the queue, and resumes exactly there.",
}
_TITLES = {"copy_torchrun": "torchrun line", "copy_sbatch": "sbatch script"}
_FIELDS = (
    ("gpus", "GPUs per machine", GPUS, 64, "Processes on each machine, one for a GPU."),
    ("nodes", "Machines", NODES, 1024, "Machines that train together."),
    ("hours", "Hours", 24, 720, "The longest that a job may take on your cluster."),
)


class ClusterDialog(QDialog):
    """Show the text for a run; `kind` is “copy_torchrun” or “copy_sbatch”."""

    def __init__(self, kind: str, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind, self._folder = kind, folder
        self.setObjectName("cluster_dialog")
        self.setWindowTitle(f"{folder.name}: {_TITLES[kind]}")
        self.fields: dict[str, QSpinBox] = {}
        self.text = QPlainTextEdit()
        self.text.setObjectName("cluster_text")
        self.text.setAccessibleName(_TITLES[kind])
        self.text.setReadOnly(True)
        self.text.setFont(mono_font(11))
        wrap = QPlainTextEdit.LineWrapMode
        script = kind == "copy_sbatch"
        self.text.setLineWrapMode(wrap.NoWrap if script else wrap.WidgetWidth)
        note = QLabel(_NOTES[kind], wordWrap=True)
        note.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(scaled(16), scaled(16), scaled(16), scaled(12))
        column.setSpacing(scaled(12))
        column.addLayout(self._make_fields(script))
        column.addWidget(self.text, 1)
        column.addWidget(note)
        column.addLayout(self._make_foot())
        self._show()
        self.resize(scaled(640), scaled(540 if script else 220))

    def _make_fields(self, script: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(scaled(8))
        for name, label, value, most, tip in _FIELDS if script else _FIELDS[:2]:
            field = QSpinBox(minimum=1, maximum=most, value=value)
            field.setObjectName(name)
            field.setAccessibleName(label)
            field.setToolTip(wrapped(tip))
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            field.setFixedSize(scaled(56), scaled(24))
            field.valueChanged.connect(lambda _value: self._show())
            words = QLabel(label)
            words.setProperty("role", "label")
            words.setBuddy(field)
            row.addWidget(words)
            row.addWidget(field)
            row.addSpacing(scaled(8))
            self.fields[name] = field
        row.addStretch(1)
        return row

    def _make_foot(self) -> QHBoxLayout:
        self.copy = QPushButton("Copy")
        self.copy.setObjectName("copy_text")
        self.copy.setProperty("kind", "primary")
        self.copy.setToolTip("Put it on the clipboard")
        self.copy.setDefault(True)
        self.copy.clicked.connect(self._on_copy)
        close = QPushButton("Close")
        close.setToolTip("Close (Esc)")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(scaled(8))
        row.addStretch(1)
        row.addWidget(close)
        row.addWidget(self.copy)
        return row

    def _show(self) -> None:
        values = {name: field.value() for name, field in self.fields.items()}
        make = sbatch_script if self._kind == "copy_sbatch" else torchrun_line
        self.text.setPlainText(make(self._folder, **values))

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.accept()
