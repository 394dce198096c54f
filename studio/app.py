"""The window's start and end.

`build` makes everything and shows nothing; no thread runs yet and torch is not loaded. The window
appears within a second. After its first paint it starts the session, whose worker thread loads
torch and the last model; then Generate can be pressed. On closing, the session stops what runs,
saves what is worth keeping and joins its threads; a network call that will not end is left behind
with the process.
"""

import gc
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from studio.preferences import load_settings, settings_path
from studio.session.studio import Studio
from studio.ui.spoken import install_speech
from studio.ui.window import MainWindow

COLLECT_MS = 500
NAME = "Elucidate"


def build(argv: Sequence[str]) -> tuple[QApplication, MainWindow]:
    """Return the application and its window, wired and not shown.

    argv: a file to open (a model, a folder of pictures, a PNG with a recipe), or nothing.
    """
    app = QApplication.instance() or QApplication([NAME.lower()])
    assert isinstance(app, QApplication)
    app.setApplicationName(NAME)
    app.setApplicationDisplayName(NAME)
    app.setDesktopFileName("elucidate")
    install_speech()
    file = settings_path()
    settings, note = load_settings(file)
    studio = Studio(settings, file)
    window = MainWindow(studio)
    if note:
        QTimer.singleShot(0, window, lambda: studio.noted.emit(note))
    if argv:
        window.open_when_ready(argv[0])
    return app, window


def main(argv: Sequence[str]) -> int:
    """Show the window and return the exit code once it is closed."""
    app, window = build(argv)
    sys.excepthook = _reporter(window)
    logging.captureWarnings(capture=True)
    qInstallMessageHandler(_log_qt)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Not at once: Python calls this in the middle of whatever slot is running.
        signal.signal(number, lambda *_: QTimer.singleShot(0, window, window.close))
    wake = QTimer(app, interval=250)  # lets Python see signals while Qt's loop waits
    wake.timeout.connect(lambda: None)
    wake.start()
    _collect_in_this_thread(app)
    window.show()
    code = app.exec()
    if not window.ended_cleanly:
        sys.stdout.flush()
        os._exit(code)
    return code


def _log_qt(kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
    levels = {QtMsgType.QtInfoMsg: logging.INFO, QtMsgType.QtWarningMsg: logging.WARNING}
    levels |= {QtMsgType.QtDebugMsg: logging.DEBUG}
    logging.getLogger("studio.qt").log(levels.get(kind, logging.ERROR), "Qt: %s", text)


def _collect_in_this_thread(app: QApplication) -> None:
    """Look for garbage in turns of the event loop: Qt's objects must not die in another thread."""
    gc.disable()
    turns = QTimer(app, interval=COLLECT_MS)
    turns.timeout.connect(_collect)
    turns.start()


def _collect() -> None:
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation]:
            gc.collect(generation)
            return


def _reporter(
    window: MainWindow,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        traceback.print_exception(kind, error, trace)
        window.errored.emit(error)  # a signal, since this may be another thread

    return report
