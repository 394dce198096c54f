"""The main window: it frames the tabs and binds keys, menu, messages and closing."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QByteArray, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QPaintEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QVBoxLayout, QWidget

from studio.engine.fault import describe
from studio.preferences import Settings
from studio.session.studio import Studio
from studio.ui.carry import Carry
from studio.ui.comeback import Return
from studio.ui.commands import Bindings
from studio.ui.deeds import Deeds
from studio.ui.full_screen import FullScreen
from studio.ui.pages import Pages
from studio.ui.picker.desk import PickerDesk
from studio.ui.progress import StatusContent
from studio.ui.sample_tab import SampleTab
from studio.ui.status_reporter import TITLE, StatusReporter
from studio.ui.theme import apply_theme, tokens_for
from studio.ui.toast import Toasts
from studio.ui.top_bar import TopBar

MENU = (
    ("pick", "open_file", "open_folder", "draw", "open_output"),
    ("save", "export"),
    ("queue", "forever"),
    ("branch", "check"),
    ("undo", "redo"),
    ("design_space", "full_screen"),
    ("palette", "settings", "shortcuts"),
    ("log", "last_error"),
)
SMALLEST = (1120, 680)


class MainWindow(QMainWindow):
    """Everything a person sees; `studio` is the session behind it."""

    painted = Signal()
    """The window was painted for the first time."""
    errored = Signal(object)
    """Nothing else caught an exception."""
    generate_enabled = Signal()
    """Generate can be pressed for the first time."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.studio = studio
        self.ended_cleanly = True
        self._painted = self._was_ready = self._closed = False
        self._theme = self._first_file = ""
        self.setWindowTitle(TITLE)
        self.setAcceptDrops(True)
        self.setMinimumSize(*SMALLEST)
        self._show_theme()
        self.tab = SampleTab(studio)
        self.pages = Pages(studio, self.tab)
        self.menu = QMenu(self)
        self.top_bar = TopBar(self.menu)
        self.status = StatusContent()
        self.toasts = Toasts(self)
        self._lay_out()
        self._bind()
        self._connect()
        self._restore_layout()
        self.tab.canvas.setFocus()

    def _lay_out(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.top_bar)
        column.addWidget(self.pages, 1)
        column.addWidget(self.status)
        self.setCentralWidget(content)

    def _bind(self) -> None:
        tab, editor = self.tab, self.studio.editor
        self.top_bar.tabs.currentChanged.connect(self.pages.show_page)
        around = [self.top_bar, self.status, *tab.around]
        self.full_screen = FullScreen(self, tab.canvas, tab.timeline, around)
        self.pages.currentChanged.connect(lambda _index: self.full_screen.leave())
        self.pages.currentChanged.connect(lambda _i: self.status.setHidden(self.pages.trains))
        deeds = Deeds(self.studio, self.pages, self.top_bar, self.toasts, self.full_screen, self)
        pictures = (tab.canvas, tab.timeline.slider, tab.takes.view, tab.reading.ab)
        own_keys = self.studio.settings.shortcuts
        deeds.bindings = bindings = Bindings(deeds.by_command(), self, pictures, own_keys)
        Carry(tab.canvas, tab.viewer, bindings)
        bindings.changed.connect(lambda keys: self.studio.remember(shortcuts=keys))
        actions = bindings.actions
        for group in MENU:
            self.menu.addActions([actions[name] for name in group])
            self.menu.addSeparator()
        for each in (editor, self.studio.editing.editor):
            each.undo_changed.connect(lambda _undo, _redo: self._show_undo(actions))
        self.pages.currentChanged.connect(lambda _index: self._show_undo(actions))
        self._show_undo(actions)
        tab.card.pick_requested.connect(deeds.picking.pick)
        self.studio.opening.folder_found.connect(
            lambda folder: self._offer_to_watch(folder, deeds.picking)
        )
        tab.card.settings_requested.connect(deeds.picking.ask_settings)
        tab.card.open_file_requested.connect(deeds.ask_file)
        tab.card.open_folder_requested.connect(deeds.ask_folder)
        tab.card.draw_requested.connect(deeds.draw)
        tab.loras.add_pressed.connect(deeds.ask_lora)
        tab.canvas.copy_requested.connect(deeds.copy)

    def _show_undo(self, actions: Mapping[str, QAction]) -> None:
        """Let Undo be chosen where the recipe of the tab has something to take back."""
        actions["undo"].setEnabled(self.pages.editor.can_undo)
        actions["redo"].setEnabled(self.pages.editor.can_redo)

    def _connect(self) -> None:
        studio = self.studio
        self.errored.connect(self._on_errored)
        studio.failed.connect(self.toasts.show_fault)
        studio.noted.connect(self.toasts.show_note)
        studio.sampling.started.connect(lambda _live: self.toasts.let_go())
        studio.settings_changed.connect(self._on_settings_changed)
        studio.engine.warmed.connect(self._on_warmed)
        studio.training.changed.connect(
            lambda: self.top_bar.show_training(studio.training.training)
        )
        self.top_bar.device_chosen.connect(lambda device: studio.apply({"device": device}))
        self.tab.readiness_changed.connect(self._on_readiness_changed)
        Return(studio, self.tab, self.top_bar.tabs, self.toasts)
        StatusReporter(studio, self.tab, self.status, self)

    # Start and end

    def open_when_ready(self, path: str) -> None:
        """Open `path` once the session starts."""
        self._first_file = path

    def paintEvent(self, event: QPaintEvent) -> None:
        """Start the session after the first paint, so that the window is there at once."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self._on_painted)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the layout, end the session and leave no thread behind."""
        if not self._closed:
            self._closed = True
            self.full_screen.leave()
            self._keep_layout()
            self.hide()
            self.tab.canvas.plane.close_threads()
            self.pages.close_threads()
            self.ended_cleanly = self.studio.close()
        event.accept()

    def _on_painted(self) -> None:
        self.painted.emit()
        if self._closed:
            return
        self.status.set_text("Loading torch…")
        self.studio.start(self._first_file)
        self.tab.add_plots()

    def _restore_layout(self) -> None:
        settings = self.studio.settings
        self.resize(1440, 900)
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(self.size().boundedTo(screen.size()))
        if settings.geometry:
            self.restoreGeometry(_bytes(settings.geometry))
        self.pages.restore_splitters(settings.splitters)
        if settings.folded is not None:
            self.tab.panel.collapsed_sections = settings.folded

    def _keep_layout(self) -> None:
        self.studio.remember(
            geometry=_text(self.saveGeometry()),
            splitters=self.pages.splitter_states(),
            folded=tuple(self.tab.panel.collapsed_sections),
        )

    # Drag and drop

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the first file that was dropped."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.studio.open_file(paths[0])

    def _offer_to_watch(self, folder: str, picking: PickerDesk) -> None:
        """Offer to watch a folder of models that was dropped."""
        toast = self.toasts.show_note(f"“{Path(folder).name}” is a folder with models in it.")
        toast.stay()
        toast.add_action("Watch it", lambda: picking.watch(folder))

    def _on_errored(self, error: BaseException) -> None:
        self.studio.failed.emit(describe(error, "Something in the window"))

    def _show_theme(self) -> None:
        theme = self.studio.settings.theme
        if theme != self._theme:
            self._theme = theme
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            apply_theme(app, tokens_for(theme))

    def _on_settings_changed(self, settings: Settings) -> None:
        self._show_theme()
        self.top_bar.show_device(settings.device)

    def _on_warmed(self, devices: tuple[tuple[str, str], ...]) -> None:
        self.top_bar.set_devices(devices, self.studio.settings.device)

    def _on_readiness_changed(self, problem: str) -> None:
        if not problem and not self._was_ready:
            self._was_ready = True
            QTimer.singleShot(0, self, self.generate_enabled.emit)


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(QByteArray(text.encode()))


def _text(data: QByteArray) -> str:
    return data.toBase64().toStdString()
