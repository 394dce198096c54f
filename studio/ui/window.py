"""The main window: it frames the tabs and binds keys, menu, messages and closing."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QMainWindow,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from studio.engine.fault import describe
from studio.engine.job import Ending, Progress
from studio.session.pace import Pace
from studio.session.studio import Studio
from studio.ui.commands import bind, shortcut_table
from studio.ui.pictures import copy_picture, save_picture
from studio.ui.progress import StatusContent
from studio.ui.sample_tab import SampleTab
from studio.ui.settings_dialog import SettingsDialog
from studio.ui.shortcuts_dialog import ShortcutsDialog
from studio.ui.status_text import duration, images, pace_line
from studio.ui.theme import apply_theme, tokens_for
from studio.ui.toast import Toasts
from studio.ui.top_bar import TopBar

OPENABLE = "Models and pictures (*.safetensors *.npz *.zip *.png);;All files (*)"
SMALLEST = (1120, 680)


class MainWindow(QMainWindow):
    """Everything a person sees; `studio` is the session behind it."""

    painted = Signal()
    """The window was painted for the first time."""
    generate_enabled = Signal()
    """Generate can be pressed for the first time."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.studio = studio
        self.ended_cleanly = True
        self._painted = self._was_ready = self._closed = False
        self._theme = self._first_file = ""
        self.setWindowTitle("Elucidate")
        self.setAcceptDrops(True)
        self.setMinimumSize(*SMALLEST)
        self._show_theme()
        self.tab = SampleTab(studio)
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
        column.addWidget(self.tab, 1)
        column.addWidget(self.status)
        self.setCentralWidget(content)

    def _bind(self) -> None:
        tab, studio = self.tab, self.studio
        deeds: dict[str, Callable[[], object]] = {
            "generate": tab.generate,
            "stop": studio.sampling.stop,
            "back": lambda: tab.timeline.step(-1),
            "forward": lambda: tab.timeline.step(1),
            "first": lambda: tab.timeline.choose(0),
            "last": tab.timeline.choose_last,
            "previous_take": lambda: tab.takes.step(-1),
            "next_take": lambda: tab.takes.step(1),
            "play": tab.timeline.toggle_play,
            "live": tab.run_bar.live.toggle,
            "dice": studio.roll_seed,
            "undo": studio.editor.undo,
            "redo": studio.editor.redo,
            "trash": self._trash_take,
            "copy": lambda: copy_picture(tab.viewer.picture()),
            "save": self._save_picture,
            "open_file": self._ask_file,
            "open_folder": self._ask_folder,
            "open_output": self._show_output,
            "sample_tab": lambda: self.top_bar.tabs.setCurrentIndex(0),
            "settings": self._ask_settings,
            "shortcuts": self._show_shortcuts,
            "shortcuts_too": self._show_shortcuts,
        }
        actions = bind(deeds, self, (tab.canvas, tab.timeline, tab.takes))
        for group in (
            ("open_file", "open_folder", "open_output"),
            ("save", "undo", "redo"),
            ("settings", "shortcuts"),
        ):
            self.menu.addActions([actions[name] for name in group])
            self.menu.addSeparator()
        actions["undo"].setEnabled(False)
        actions["redo"].setEnabled(False)
        studio.editor.undo_changed.connect(lambda undo, _: actions["undo"].setEnabled(undo))
        studio.editor.undo_changed.connect(lambda _, redo: actions["redo"].setEnabled(redo))
        tab.card.open_file_requested.connect(self._ask_file)
        tab.card.open_folder_requested.connect(self._ask_folder)
        tab.canvas.copy_requested.connect(deeds["copy"])

    def _connect(self) -> None:
        studio = self.studio
        studio.failed.connect(self.toasts.show_fault)
        studio.noted.connect(self.toasts.show_note)
        studio.settings_changed.connect(lambda _settings: self._show_theme())
        studio.engine.warmed.connect(self._on_warmed)
        studio.models.opening.connect(lambda path: self._say(f"Opening {Path(path).name}…"))
        studio.models.opened.connect(lambda info: self._say(f"{info.name} is ready"))
        studio.models.failed.connect(lambda *_: self._say("The model could not be opened"))
        studio.sampling.running_changed.connect(self._on_running_changed)
        studio.sampling.ended.connect(self._on_ended)
        self.top_bar.device_chosen.connect(self._on_device_chosen)
        self.tab.paced.connect(self._on_paced)
        self.tab.readiness_changed.connect(self._on_readiness_changed)

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
            self._keep_layout()
            self.hide()
            self.ended_cleanly = self.studio.close()
        event.accept()

    def _on_painted(self) -> None:
        self.painted.emit()
        if self._closed:
            return
        self._say("Loading torch…")
        self.studio.start(self._first_file)
        self.tab.add_plots()

    def _restore_layout(self) -> None:
        settings = self.studio.settings
        self.resize(1440, 900)
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(self.size().boundedTo(screen.size()))
        if settings.geometry:
            self.restoreGeometry(_bytes(settings.geometry))
        for splitter in self.tab.splitters:
            if state := settings.splitters.get(splitter.objectName()):
                splitter.restoreState(_bytes(state))
        if settings.folded is not None:
            self.tab.panel.collapsed_sections = settings.folded

    def _keep_layout(self) -> None:
        self.studio.remember(
            geometry=_text(self.saveGeometry()),
            splitters={s.objectName(): _text(s.saveState()) for s in self.tab.splitters},
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

    # Deeds

    def report(self, error: BaseException) -> None:
        """Show an error that nothing else caught."""
        self.toasts.show_fault(describe(error, "Something in the window"))

    def _ask_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open a model or picture", "", OPENABLE)
        if path:
            self.studio.open_file(path)

    def _ask_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Open a folder of pictures as a model")
        if path:
            self.studio.open_model(path)

    def _show_output(self) -> None:
        root = self.studio.shelf.root
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(root))):
            self.toasts.show_note(f"The takes are in {root}.")

    def _save_picture(self) -> None:
        pixels, recipe = self.tab.viewer.picture(), self.tab.viewer.recipe
        if pixels is None or recipe is None:
            return
        fault = save_picture(self, pixels, recipe, self.tab.viewer.followed)
        if fault is not None:
            self.toasts.show_fault(fault)

    def _trash_take(self) -> None:
        take = self.tab.take_list.trash_current()
        if take is not None:
            toast = self.toasts.show_note("The take is in the trash.")
            toast.add_action("Undo", lambda: self.studio.shelf.recover(take))

    def _ask_settings(self) -> None:
        values = self.studio.settings.model_dump()
        dialog = SettingsDialog(values, self.top_bar.devices, self)
        dialog.applied.connect(self.studio.apply)
        _open(dialog)

    def _show_shortcuts(self) -> None:
        _open(ShortcutsDialog(shortcut_table(), self))

    # What the session says

    def _show_theme(self) -> None:
        theme = self.studio.settings.theme
        if theme != self._theme:
            self._theme = theme
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            apply_theme(app, tokens_for(theme))

    def _say(self, text: str) -> None:
        self.status.set_text(text)

    def _on_warmed(self, devices: tuple[tuple[str, str], ...]) -> None:
        self.top_bar.set_devices(devices, self.studio.settings.device)

    def _on_device_chosen(self, device: str) -> None:
        self.studio.apply({"device": device})

    def _on_readiness_changed(self, problem: str) -> None:
        if not problem and not self._was_ready:
            self._was_ready = True
            QTimer.singleShot(0, self, self.generate_enabled.emit)

    def _on_running_changed(self, running: bool) -> None:
        if running:
            self._say(f"Sampling {images(len(self.studio.editor.recipe.seeds))}")
            self.status.set_progress(0.0)
        else:
            self.status.set_progress(None)
            self.status.set_note("")
            self.setWindowTitle("Elucidate")

    def _on_paced(self, progress: Progress, pace: Pace) -> None:
        share = (progress.index + 1) / progress.total
        self.status.set_progress(share)
        self.status.set_note(pace_line(progress, pace))
        self.setWindowTitle(f"{round(100 * share)} % · Elucidate")

    def _on_ended(self, ending: Ending) -> None:
        count = images(len(ending.recipe.seeds))
        words = {"finished": f"{count} in", "stopped": "Stopped after", "failed": "Failed after"}
        cost = f" · {ending.nfe} NFE" if ending.nfe else ""
        self._say(f"{words[ending.outcome]} {duration(ending.seconds)}{cost}")


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(QByteArray(text.encode()))


def _text(data: QByteArray) -> str:
    return data.toBase64().toStdString()
