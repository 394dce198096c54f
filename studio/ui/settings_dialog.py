"""The settings a person keeps from session to session; each is taken over at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.ui.choice import Choice
from studio.ui.folder_list import FolderList
from studio.ui.recipe_section import Remark
from studio.ui.restyle import set_style_property
from studio.ui.row import Row
from studio.ui.switch import Switch
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

Choices = Sequence[tuple[str, str]]
"""Pairs of value and label."""

THEMES: Choices = (("system", "As the system"), ("dark", "Dark"), ("light", "Light"))
DTYPES: Choices = (
    ("auto", "Automatic"),
    ("float32", "float32: exact"),
    ("bfloat16", "bfloat16: faster on newer GPUs and some CPUs"),
    ("float16", "float16: faster on older GPUs"),
)
OFFLOADS: Choices = (
    ("auto", "Automatic: where it does not fit whole"),
    ("on", "In parts: only what is at work"),
    ("off", "Whole: all of its networks"),
)
GB = 10**9
BUDGETS = (1, 2, 5, 10, 20, 50, 100, 500)  # GB
_TIPS = {
    "theme": "The colours of the window.",
    "output_folder": "Where takes are kept: each one a folder with its recipe, pictures and steps.",
    "steps_budget": "How much disk the steps of all takes may need. Beyond it the oldest ones go, "
    "those of starred takes never; pictures stay, and steps can be made again.",
    "device": "What computes. Automatic takes the first graphics card that is found. A change "
    "opens the model again.",
    "dtype": "The number type of the network; the state of the sampler stays in float64 where the "
    "device has it. Automatic is bfloat16 or float16 on a graphics card, float32 on a CPU. There "
    "bfloat16 is about twice as fast if the processor has instructions for it. A change opens the "
    "model again.",
    "watched_folders": "Folders that are searched for models whenever the studio starts. Of "
    "A1111 and ComfyUI only the folders of models are searched. Nothing in them is changed.",
    "compile": "Let torch compile the network to faster code. That takes from some seconds to "
    "minutes once for each network and size of picture, and is kept for the next time. The last "
    "digits of the pictures can differ. A change opens the model again.",
    "offload": "What is kept on a graphics card. Models of several networks can take turns there, "
    "and a network that does not fit comes layer by layer: slower, but with less memory. A change "
    "opens the model again.",
    "keep_partial": "Keep the pictures of a run that was stopped, as a take marked “stopped”.",
}


class SettingsDialog(QDialog):
    """Show settings by name and say each change.

    The names are theme, output_folder, steps_budget (with steps_used, in bytes), watched_folders,
    device, dtype, compile, offload and keep_partial.
    `devices` holds pairs of id and label; “auto” is added before them.
    """

    applied = Signal(dict)  # only what changed

    def __init__(
        self, values: Mapping[str, object], devices: Choices = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("settings_dialog")
        self.setWindowTitle("Settings")
        self.setModal(True)
        self._values = dict(values)
        self._problem = Remark("error")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(scaled(8), scaled(16), scaled(8), scaled(12))
        self._column.setSpacing(scaled(4))
        known = [("auto", "Automatic"), *((d, label) for d, label in devices if d != "auto")]
        self._add_choice("theme", "Theme", THEMES)
        self._add_folder()
        self._add_budget()
        self._add_watched()
        self._add_choice("device", "Device", known)
        self._add_choice("dtype", "Data type", DTYPES)
        self._add_switch("compile", "Compile", "Faster code, made once for each network")
        self._add_choice("offload", "On the device", OFFLOADS)
        self._add_switch("keep_partial", "Partial takes", "Keep pictures of stopped runs")
        self._column.addStretch(1)
        self._column.addSpacing(scaled(16))
        self._add_foot()
        self.resize(scaled(480), self.sizeHint().height())

    def _add_row(self, name: str, label: str, *controls: QWidget) -> None:
        row = Row((name,), label, wrapped(_TIPS[name]))
        for place, control in enumerate(controls):
            if place:
                row.controls.addSpacing(scaled(8))
            row.add_control(control, 0 if isinstance(control, QPushButton | Switch) else 1)
        row.label.setBuddy(controls[0])
        self._column.addWidget(row)

    def _add_choice(self, name: str, label: str, choices: Choices) -> None:
        box = Choice(f"setting_{name}", label, wrapped(_TIPS[name]))
        present = str(self._values.get(name, choices[0][0]))
        for value, text in choices:
            box.add_choice(value, text)
        if box.findData(present) < 0:
            box.add_choice(present, f"{present} (not found here)")
        box.choose(present)
        box.currentIndexChanged.connect(lambda: self._apply(name, box.currentData()))
        self._add_row(name, label, box)

    def _add_budget(self) -> None:
        present = round(int(str(self._values.get("steps_budget", 5 * GB))) / GB)
        used = int(str(self._values.get("steps_used", 0))) / GB
        note = QLabel(f"{used:.2g} GB used")
        note.setProperty("role", "muted")
        tip = wrapped(_TIPS["steps_budget"])
        box = Choice("setting_steps_budget", "Steps on disk", tip)
        for size in sorted({*BUDGETS, present}):
            box.add_choice(size, f"{size} GB")
        box.choose(present)
        box.currentIndexChanged.connect(lambda: self._apply("steps_budget", box.currentData() * GB))
        self._add_row("steps_budget", "Steps on disk", box, note)

    def _add_watched(self) -> None:
        folders = self._values.get("watched_folders", ())
        present = tuple(map(str, folders)) if isinstance(folders, tuple | list) else ()
        self.watched = FolderList("setting_watched_folders", "Watched folders")
        self.watched.show_folders(present)
        self.watched.changed.connect(lambda now: self._apply("watched_folders", now))
        row = Row(("watched_folders",), "Model folders", wrapped(_TIPS["watched_folders"]))
        row.setFixedHeight(self.watched.height() + scaled(8))
        row.add_control(self.watched)
        self._column.addWidget(row)

    def _add_switch(self, name: str, label: str, said: str) -> None:
        switch = Switch(f"setting_{name}", label, wrapped(_TIPS[name]))
        switch.setChecked(bool(self._values.get(name, name == "keep_partial")))
        switch.toggled.connect(lambda on: self._apply(name, on))
        words = QLabel(said)
        words.setProperty("role", "muted")
        self._add_row(name, label, switch, words)

    def _add_folder(self) -> None:
        tip = wrapped(_TIPS["output_folder"])
        self._folder = QLineEdit(str(self._values.get("output_folder", "")))
        self._folder.setObjectName("setting_output_folder")
        self._folder.setAccessibleName("Output folder")
        self._folder.setToolTip(tip)
        self._folder.setFixedHeight(scaled(24))
        self._folder.setCursorPosition(0)
        self._folder.editingFinished.connect(self._on_folder_typed)
        browse = QPushButton("Browse…")
        browse.setObjectName("browse_output_folder")
        browse.setToolTip(wrapped("Choose the output folder."))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._on_browse_clicked)
        self._add_row("output_folder", "Output folder", self._folder, browse)
        self._column.addWidget(self._problem)

    def _add_foot(self) -> None:
        foot = QHBoxLayout()
        foot.setContentsMargins(scaled(12), 0, scaled(12), 0)
        note = QLabel("Changes are saved at once.")
        note.setProperty("role", "muted")
        close = QPushButton("Close")
        close.setToolTip(wrapped("Close the settings (Esc)."))
        close.clicked.connect(self.accept)
        foot.addWidget(note, 1)
        foot.addWidget(close)
        self._column.addLayout(foot)

    def _on_browse_clicked(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Output folder", self._folder.text())
        if chosen:
            self._folder.setText(chosen)
            self._on_folder_typed()

    def _on_folder_typed(self) -> None:
        folder = self._folder.text().strip()
        why = _folder_problem(folder)
        set_style_property(self._folder, "error", bool(why))
        self._problem.say(why)
        if not why:
            self._apply("output_folder", str(Path(folder).expanduser()))

    def _apply(self, name: str, value: object) -> None:
        if self._values.get(name) != value:
            self._values[name] = value
            self.applied.emit({name: value})


def _folder_problem(folder: str) -> str:
    if not folder:
        return "The output folder is missing. Type a path, or choose one with Browse."
    path = Path(folder).expanduser()
    if not path.is_absolute():
        return f"“{folder}” is not a whole path. Begin it at the root of the disk, or with ~."
    if path.exists() and not path.is_dir():
        return f"“{folder}” is a file, not a folder. Choose a folder."
    return ""
