"""The line at the top: name, tabs, device and its memory, and the menu of everything else."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QSizePolicy,
    QTabBar,
    QToolButton,
    QWidget,
)

from studio.engine.device import memory
from studio.ui.choice import Choice
from studio.ui.icon_button import IconButton
from studio.ui.icons import icon
from studio.ui.theme import current, scaled

POLL_MS = 1500
GIB = 1 << 30
TABS = (
    ("Sample", "Generate pictures and look at every step"),
    ("Compare", "Compare samplers and schedules at equal cost"),
    ("Edit", "Restore, encode and interpolate pictures, and measure their likelihood"),
    ("Train", "Train a model on your own pictures, or fine-tune one"),
)


class TopBar(QWidget):
    """Choose the tab and the device; see how much of its memory is in use."""

    device_chosen = Signal(str)

    def __init__(self, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("top_bar")
        self.devices: tuple[tuple[str, str], ...] = ()
        self.tabs = _tabs()
        self.device = _device_choice()
        self.device.activated.connect(self._on_device_activated)
        self._training = 0
        self._meter = QProgressBar(textVisible=False)
        self._meter.setObjectName("memory")
        self._meter.setFixedSize(scaled(92), 6)
        self._meter.setAccessibleName("memory in use")
        self._amount = QLabel()
        self._amount.setProperty("role", "mono")
        self._lay_out(_menu_button(menu))
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._update_memory)

    def _lay_out(self, menu_button: QToolButton) -> None:
        title = QLabel("Elucidate")
        title.setProperty("role", "title")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(title)
        row.addSpacing(12)
        row.addWidget(self.tabs)
        row.addStretch(1)
        for widget in (self.device, self._meter, self._amount, menu_button):
            row.addWidget(widget)

    def set_devices(self, devices: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offer the devices (id, name) that were found; `chosen` may be "auto"."""
        self.devices = tuple(devices)
        self.device.clear()
        for id, name in devices:
            text = name if name.lower() == id else f"{id} · {name}"
            self.device.add_choice(id, text)
        self.show_device(chosen)
        self.device.setEnabled(True)
        self._timer.start()
        self._update_memory()

    def show_device(self, device: str) -> None:
        """Show the device that was chosen elsewhere; "auto" is the first."""
        self.device.setCurrentIndex(max(self.device.findData(device), 0))

    def show_training(self, runs: int) -> None:
        """Mark the tab of the runs while some of them train."""
        if runs == self._training:
            return
        self._training = runs
        place = next(place for place, (name, _) in enumerate(TABS) if name == "Train")
        self.tabs.setTabIcon(place, icon("dot", current().accent) if runs else QIcon())
        tip = TABS[place][1] if not runs else training_words(runs)
        self.tabs.setTabToolTip(place, f"{tip} (Ctrl+{place + 1})")

    def _on_device_activated(self, index: int) -> None:
        self.device_chosen.emit(str(self.device.itemData(index)))

    def _update_memory(self) -> None:
        device = str(self.device.currentData() or "cpu")
        used, total = memory(device)
        self._meter.setRange(0, 1000)
        self._meter.setValue(round(1000 * used / max(total, 1)))
        self._amount.setText(f"{used / GIB:.1f} / {total / GIB:.0f} GB")
        whose = f"of {device}" if device.startswith("cuda") else "of this process"
        tip = f"Memory {whose}: {used / GIB:.2f} GB of {total / GIB:.1f} GB"
        self._meter.setToolTip(tip)
        self._amount.setToolTip(tip)


def training_words(runs: int) -> str:
    """Return “1 run is training” or “2 runs are training”."""
    return "1 run is training" if runs == 1 else f"{runs} runs are training"


def _tabs() -> QTabBar:
    tabs = QTabBar()
    tabs.setObjectName("tabs")
    tabs.setAccessibleName("tabs")
    tabs.setExpanding(False)
    for place, (name, tip) in enumerate(TABS):
        tabs.addTab(name)
        tabs.setTabToolTip(place, f"{tip} (Ctrl+{place + 1})")
    return tabs


def _device_choice() -> Choice:
    tip = "The device that runs the network; a change opens the model again on it"
    device = Choice("device", "device", tip)
    device.add_choice("cpu", "loading torch…")
    device.setEnabled(False)
    device.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    device.setFixedWidth(scaled(168))
    return device


def _menu_button(menu: QMenu) -> QToolButton:
    button = IconButton("more", "menu", "Open models and folders, settings, shortcuts", side=28)
    button.setObjectName("menu")
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button
