"""The settings while the studio runs: they are changed here and written soon after."""

import contextlib
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.background import Background
from studio.preferences import Settings, save_settings

SAVE_DELAY_MS = 300


class Remembering(QObject):
    """Hold the settings, and write them 0.3 s after a change, off the window's thread."""

    changed = Signal(object)  # Settings
    failed = Signal(object)  # Fault

    def __init__(self, settings: Settings, file: Path, disk: Background, parent: QObject) -> None:
        super().__init__(parent)
        self.settings = settings
        self._file, self._disk = file, disk
        self._timer = QTimer(self, singleShot=True, interval=SAVE_DELAY_MS)
        self._timer.timeout.connect(self._save)

    def remember(self, **changes: object) -> None:
        """Change settings."""
        updated = self.settings.changed(**changes)
        if updated != self.settings:
            self.settings = updated
            self.changed.emit(updated)
            self._timer.start()

    def close(self) -> None:
        """Write the settings at once; the disk's thread must have ended."""
        self._timer.stop()
        with contextlib.suppress(OSError):  # the settings saved before are still there
            save_settings(self._file, self.settings)

    def _save(self) -> None:
        file, settings = self._file, self.settings
        self._disk.run(
            lambda: save_settings(file, settings),
            lambda _: None,
            self.failed.emit,
            "Saving settings",
        )
