"""Read sheets of samples off the window's thread and keep the last ones."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QImageReader

from studio.training.run_folder.course import Sheet
from studio.ui.plane.latest import Latest

_BUDGET = 96 << 20  # bytes of pictures that are kept


@dataclass(frozen=True, slots=True, eq=False)
class Developed:
    """Hold the picture of a sheet; where it could not be read, `problem` says why."""

    sheet: Sheet
    image: QImage
    problem: str = ""


class Sheets(QObject):
    """Read one sheet at a time, the one asked for last; `developed` brings it."""

    developed = Signal(object)
    """A sheet was read, or could not be: a Developed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latest: Latest | None = None
        self._kept: OrderedDict[Sheet, Developed] = OrderedDict()

    def kept(self, sheet: Sheet) -> Developed | None:
        """Return a sheet that was read before and is still there."""
        found = self._kept.get(sheet)
        if found is not None:
            self._kept.move_to_end(sheet)
        return found

    def ask(self, sheet: Sheet) -> None:
        """Have a sheet read; `developed` comes at once for one that is kept."""
        found = self.kept(sheet)
        if found is not None:
            self.developed.emit(found)
            return
        if self._latest is None:
            self._latest = Latest(self)
        self._latest.ask(lambda: develop(sheet), self._on_developed)

    def close(self) -> None:
        """Forget all and join the thread; `ask` begins anew."""
        self._kept.clear()
        if self._latest is not None:
            self._latest.close()
            self._latest = None

    def _on_developed(self, found: Developed) -> None:
        if not found.problem:  # a broken one may be whole the next time
            self._kept[found.sheet] = found
            while sum(each.image.sizeInBytes() for each in self._kept.values()) > _BUDGET:
                if len(self._kept) == 1:
                    break
                self._kept.popitem(last=False)
        self.developed.emit(found)


def develop(sheet: Sheet) -> Developed:
    """Return the picture of a sheet, or why there is none."""
    name = sheet.path.name
    if not sheet.path.is_file():
        return Developed(sheet, QImage(), f"“{name}” is no longer in the folder “samples”.")
    reader = QImageReader(str(sheet.path))
    image = reader.read()
    if image.isNull():
        return Developed(sheet, QImage(), f"“{name}” cannot be read: {reader.errorString()}.")
    return Developed(sheet, image.convertToFormat(QImage.Format.Format_RGB32))
