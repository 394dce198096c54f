"""What is known of the picture: the operators, their mask and kernel, and the noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QPushButton

from studio.diffusion import Knob
from studio.diffusion.inverse.measurement import SIGMA0
from studio.ui.choice import Choice
from studio.ui.edit.mask.model import MOST_FEATHER
from studio.ui.edit.operator_chain import Link, OperatorChain
from studio.ui.elided_label import ElidedLabel
from studio.ui.knob_row import NumberRow
from studio.ui.recipe_section import Remark
from studio.ui.row import Row
from studio.ui.section import Section
from studio.ui.tip import wrapped

if TYPE_CHECKING:
    from studio.diffusion import OperatorSpec

FEATHER = Knob(
    "feather",
    "Feather",
    0,
    low=0,
    high=MOST_FEATHER,
    soft=(0, 16),
    unit="px",
    help="Over how many pixels the edge of the mask fades, outside of what is painted. Methods "
    "that cannot use a part of a pixel take as unknown what is masked by half or more. { and } "
    "change it while the picture has the focus.",
)
_MEASURED_TIP = wrapped(
    "The original is degraded first, so that the result can be compared with it. A picture that "
    "is what was measured, such as a blurred photograph, is restored as it is.",
)
_KERNEL_TIP = "The blur: a small picture whose brightness says how much goes where"


class MeasurementSection(Section):
    """Edit the measurement; names in signals are fields of a restoration."""

    changed = Signal(str, object)  # operators, noise, measured or feather, and the value
    committed = Signal(str)
    problem_changed = Signal(str)
    kernel_wanted = Signal()  # a picture of a blur is to be chosen

    def __init__(self, specs: Mapping[str, OperatorSpec]) -> None:
        super().__init__("Measurement", folds=False)
        self._specs = specs
        self._problems: dict[str, str] = {}
        self.chain = OperatorChain(specs)
        self.add_to_heading(self.chain.add_button)
        self.kernel = _FileRow("kernel", "Kernel", _KERNEL_TIP)
        self.feather = NumberRow(FEATHER)
        self.measured = MeasuredRow()
        self.noise = NumberRow(SIGMA0, noise=True)
        self.known = Remark("mono")
        self.known.label.setAccessibleName("what is known")
        self.problem = Remark("error")
        parts = (self.chain, self.kernel, self.feather, self.measured, self.noise)
        for part in (*parts, self.known, self.problem):
            self.add(part)
        self._connect()
        self._show_parts()

    @property
    def why_not(self) -> str:
        """Return why what was typed cannot be used, or nothing."""
        return self.chain.problem or next(iter(self._problems.values()), "")

    @property
    def takes_mask(self) -> bool:
        """Tell whether one of the operators wants a mask."""
        return self._any("takes_mask")

    def show_task(
        self, links: Sequence[Link], noise: float, *, measured: bool, kernel: str = ""
    ) -> None:
        """Show a restoration without a signal; kernel: the name of the blur's picture."""
        if tuple(links) != self.chain.links:
            self.chain.show_links(links)
        self.noise.set_value(noise)
        self.measured.show_measured(measured=measured)
        self.kernel.show_name(kernel)
        self._show_parts()

    def show_feather(self, feather: int) -> None:
        """Show how the mask's edge fades."""
        self.feather.set_value(feather)

    def say(self, known: str, problem: str) -> None:
        """Show how much is known, and why nothing can be restored so."""
        self.known.say(known)
        self.problem.say(problem)

    def _any(self, quality: str) -> bool:
        ids = [id for id, _ in self.chain.links]
        return any(getattr(self._specs[id], quality) for id in ids if id in self._specs)

    def _connect(self) -> None:
        self.chain.changed.connect(self._on_links_changed)
        self.chain.committed.connect(lambda: self.committed.emit("operators"))
        self.chain.problem_changed.connect(lambda _why: self.problem_changed.emit(self.why_not))
        self.measured.changed.connect(self.changed)
        self.measured.committed.connect(self.committed)
        for row, name in ((self.noise, "noise"), (self.feather, "feather")):
            row.changed.connect(lambda _id, value, name=name: self.changed.emit(name, value))
            row.committed.connect(lambda _id, name=name: self.committed.emit(name))
            row.problem_changed.connect(self._on_problem_changed)
        self.kernel.wanted.connect(lambda _name: self.kernel_wanted.emit())

    def _on_links_changed(self, links: tuple[Link, ...]) -> None:
        self._show_parts()
        self.changed.emit("operators", links)

    def _on_problem_changed(self, name: str, why: str) -> None:
        self._problems.pop(name, None)
        if why:
            self._problems[name] = why
        self.problem_changed.emit(self.why_not)

    def _show_parts(self) -> None:
        self.feather.setVisible(self.takes_mask)
        self.kernel.setVisible(self._any("takes_kernel"))


class MeasuredRow(Row):
    """Say whether the picture is the original, or what was measured of one."""

    def __init__(self) -> None:
        super().__init__(("measured",), "The picture", _MEASURED_TIP)
        self.box = Choice("measured", "What the picture is", _MEASURED_TIP)
        self.box.add_choice(value=False, label="is the original")
        self.box.add_choice(value=True, label="is degraded already")
        self.add_control(self.box)
        self.label.setBuddy(self.box)
        self.box.currentIndexChanged.connect(self._on_chosen)

    def show_measured(self, *, measured: bool) -> None:
        """Show what the picture is, without a signal."""
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(int(measured))
        self.set_modified(measured)

    def reset(self) -> None:
        """Let it be the original."""
        self.box.setCurrentIndex(0)

    def _on_chosen(self, place: int) -> None:
        self.set_modified(bool(place))
        self.changed.emit("measured", bool(place))
        self.committed.emit("measured")


class _FileRow(Row):
    """Name a file, and let another be chosen."""

    wanted = Signal(str)

    def __init__(self, name: str, label: str, tip: str) -> None:
        super().__init__((name,), label, wrapped(tip))
        self.name = ElidedLabel()
        self.name.setProperty("role", "mono")
        self.button = _link(name, "Choose…", tip)
        self.button.clicked.connect(lambda: self.wanted.emit(name))
        self.add_control(self.name)
        self.add_control(self.button, 0)
        self.show_name("")

    def show_name(self, name: str) -> None:
        """Show the name of the file, or that there is none."""
        self.name.setText(name or "none yet")
        self.name.setToolTip(name)


def _link(name: str, words: str, tip: str) -> QPushButton:
    button = QPushButton(words)
    button.setObjectName(name)
    button.setAccessibleName(name.replace("_", " "))
    button.setToolTip(wrapped(tip))
    button.setProperty("kind", "link")
    return button
