"""The few things to choose for a run: pictures, beginning, what trains, size and length."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from studio.bundled import resource
from studio.diffusion.knob import Knob
from studio.session.training.bases import Base
from studio.ui.choice import Choice
from studio.ui.knob_row import NumberRow
from studio.ui.recipe_section import Remark
from studio.ui.restyle import set_style_property
from studio.ui.row import Row
from studio.ui.theme import scaled
from studio.ui.tip import wrapped

_DATA_TIP = (
    "A folder or zip of pictures, whose subfolders become classes, an npz, or a list of files: "
    ".txt, .csv, .tsv or .jsonl. Drop it here, or choose it."
)
_START_TIP = (
    "From nothing takes many pictures and long. From a model that knows pictures of a like kind, "
    "a few hundred pictures and minutes are enough."
)
_WHAT_TIP = (
    "All weights learn most. LoRA trains a small addition to the model, which forgets less, needs "
    "less memory and makes a small file."
)
_SIZE_TIP = "Side of the pictures in pixels; larger ones are cut to squares and scaled."
_KIMG = Knob(
    "run_kimg",
    "Length, kimg",
    400.0,
    low=0.001,
    high=1e6,
    soft=(1.0, 10_000.0),
    help="How many pictures to train on, in thousands. It can be stopped before, and go on after.",
)
_BASES = "Choose a model of Elucidate or of a run."
_EXAMPLE = "dungeon-tiles.npz"
_PICTURES = "Pictures (*.zip *.npz *.txt *.csv *.tsv *.jsonl *.toy.json);;All files (*)"
_RANKS = (4, 8, 16, 32, 64)


class WishForm(QWidget):
    """Choose; `problem` says why a run cannot be made of it yet, `complaint` what is wrong."""

    changed = Signal()

    def __init__(self, *, fast: bool = False, parent: QWidget | None = None) -> None:
        from studio.training.wish import FINE_KIMG, KIMG, SIDES, TOY_KIMG

        super().__init__(parent)
        self._fast = fast
        self._lengths = (KIMG, FINE_KIMG, TOY_KIMG)
        self._own_length = False
        self._bases: dict[str, Base] = {}
        self.path = QLineEdit()
        self.example = QPushButton("Try it with the bundled dungeon tiles")
        self.start = Choice("run_start", "start from", wrapped(_START_TIP))
        self.start.add_choice("", "Nothing")
        self.what = Choice("run_what", "what trains", wrapped(_WHAT_TIP))
        self.side = Choice("run_size", "size", wrapped(_SIZE_TIP))
        self.kimg = NumberRow(_KIMG)
        self.remark = Remark("muted")
        for side in SIDES:
            self.side.add_choice(side, f"{side} × {side} pixels")
        self.side.add_choice(0, "As the pictures are")
        self.side.choose(32)
        self.what.add_choice(0, "All weights")
        for rank in _RANKS:
            self.what.add_choice(rank, f"LoRA, rank {rank}")
        self._lay_out()
        self.start.currentIndexChanged.connect(lambda _index: self._on_start())
        self.what.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.side.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.kimg.changed.connect(lambda _id, _value: self._on_length())
        self.path.textChanged.connect(lambda _text: self._on_path())
        self._on_start()

    def _lay_out(self) -> None:
        self.path.setObjectName("run_data")
        self.path.setAccessibleName("pictures")
        self.path.setPlaceholderText("Drop a folder, a zip or an npz of pictures here")
        self.path.setToolTip(wrapped(_DATA_TIP))
        self.path.setFixedHeight(scaled(24))
        self.path.setAcceptDrops(False)  # the dialog takes the file, not its address as text
        folder = _button("Folder…", "choose_data_folder", "Choose a folder of pictures")
        folder.clicked.connect(self._ask_folder)
        file = _button("File…", "choose_data_file", "Choose a zip, an npz or a list of pictures")
        file.clicked.connect(self._ask_file)
        model = _button("File…", "choose_base", "Choose a model file to begin from")
        model.clicked.connect(self._ask_model)
        self.model_file = model
        self.example.setObjectName("example_data")
        self.example.setAccessibleName(self.example.text())
        self.example.setProperty("kind", "link")
        self.example.setProperty("flush", True)
        self.example.setAutoDefault(False)
        self.example.clicked.connect(lambda: self.set_data(_EXAMPLE))
        self.what_row = _row("what", "What trains", _WHAT_TIP, self.what)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scaled(4))
        column.addWidget(_row("data", "Pictures", _DATA_TIP, self.path, folder, file))
        example = _row("example", "", "", self.example)
        example.controls.addStretch(1)
        self._example_row = example
        column.addWidget(example)
        column.addWidget(_row("start", "Start from", _START_TIP, self.start, model))
        column.addWidget(self.what_row)
        column.addWidget(_row("size", "Size", _SIZE_TIP, self.side))
        column.addWidget(self.kimg)
        column.addWidget(self.remark)
        column.addStretch(1)

    # What is chosen

    @property
    def data(self) -> str:
        """Return where the pictures are."""
        return self.path.text().strip()

    @property
    def toy(self) -> bool:
        """Tell whether there are points in the plane instead of pictures."""
        from studio.training.wish import is_toy

        return is_toy(self.data)

    @property
    def suggested_name(self) -> str:
        """Return a name for the run, after its pictures."""
        return Path(self.data).stem.removesuffix(".toy") if self.data else ""

    @property
    def problem(self) -> str:
        """Return why a run cannot be made of it yet, or nothing."""
        if not self.data:
            return "Choose the pictures to learn from."
        return self.complaint

    @property
    def complaint(self) -> str:
        """Return what is wrong with what was chosen, or nothing."""
        if self.data and not _find(self.data):
            return f"There is nothing at “{self.data}”. Choose a folder or a file."
        return self.kimg.field.problem

    @property
    def base(self) -> Base | None:
        """Return the model to begin from."""
        return self._bases.get(str(self.start.currentData() or ""))

    def run_file(self) -> str:
        """Return what was chosen as the text of a run file."""
        from studio.training.wish import Wish, run_file

        base = self.base
        path = Path(self.data).expanduser()
        wish = Wish(
            data=str(path.absolute()) if path.exists() else self.data,
            init=base.path if base else "",
            side=base.side if base else int(self.side.currentData()),
            rank=int(self.what.currentData()) if base else 0,
            kimg=float(self.kimg.field.value()),
            fast=self._fast,
        )
        return run_file(wish)

    def set_data(self, path: str) -> None:
        """Choose the pictures."""
        self.path.setText(path)

    def set_bases(self, bases: list[Base]) -> None:
        """Offer models to begin from, in their groups."""
        chosen = self.start.currentData()
        self.start.blockSignals(True)
        group = ""
        for base in bases:
            if base.path not in self._bases:
                if base.group != group:
                    group = base.group
                    self.start.add_heading(group)
                self.start.add_choice(base.path, base.label, base.path)
                self._bases[base.path] = base
        self.start.choose(chosen)
        self.start.blockSignals(False)

    def choose_base(self, base: Base) -> None:
        """Begin from a model."""
        self.set_bases([base])
        self.start.choose(base.path)

    def refuse_base(self, path: str) -> None:
        """Say that a model cannot be trained."""
        self.remark.say(f"“{Path(path).name}” cannot be trained here. {_BASES}")

    # What is done

    base_wanted = Signal(str)
    """A model file was chosen: its path."""

    def _ask_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Choose a folder of pictures")
        if path:
            self.set_data(path)

    def _ask_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Choose pictures", "", _PICTURES)
        if path:
            self.set_data(path)

    def _ask_model(self) -> None:
        title, kinds = "Choose a model to begin from", "Models (*.safetensors);;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self, title, "", kinds)
        if path:
            self.base_wanted.emit(path)

    def _on_path(self) -> None:
        set_style_property(self.path, "error", bool(self.data) and not _find(self.data))
        self._example_row.setVisible(not self.data)
        if self.toy:  # points are learned from nothing
            self.start.choose("")
        self.start.setEnabled(not self.toy)
        self.model_file.setEnabled(not self.toy)
        self._on_start()

    def _on_length(self) -> None:
        self._own_length = True
        self._say()
        self.changed.emit()

    def _on_start(self) -> None:
        base = self.base
        self.what_row.setVisible(base is not None)
        self.side.setEnabled(base is None and not self.toy)
        if base is not None and self.side.findData(base.side) < 0:
            self.side.add_choice(base.side, f"{base.side} × {base.side} pixels")
        if base is not None:
            self.side.choose(base.side)
        if not self._own_length:
            self.kimg.set_value(self._lengths[2 if self.toy else base is not None])
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        """Say what the choices mean."""
        things = "points" if self.toy else "pictures"
        shown = f"{1000 * float(self.kimg.field.value()):,.0f} {things} are shown to the network"
        said = f"{shown}, yours again and again."
        if self.base is not None:
            said += f" “{self.base.label}” decides their size and the network."
        self.remark.say(said)


def _find(path: str) -> bool:
    return Path(path).expanduser().exists() or resource("models", path).exists()


def _row(name: str, label: str, tip: str, *controls: QWidget) -> Row:
    row = Row((name,), label, wrapped(tip))
    for place, control in enumerate(controls):
        if place:
            row.controls.addSpacing(scaled(8))
        row.add_control(control, 0 if isinstance(control, QPushButton) else 1)
    row.label.setBuddy(controls[0])
    return row


def _button(text: str, name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(tip)
    button.setToolTip(wrapped(tip))
    button.setAutoDefault(False)
    return button
