"""The classes that a classifier knows, for a model that has none of its own."""

from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.library import ModelRef


class Judges(QObject):
    """Look into the files of classifiers in the background, once each."""

    learned = Signal()

    def __init__(self, disk: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._disk = disk
        self._counts: dict[str, int] = {}

    def classes(self, classifier: ModelRef | None) -> tuple[str, ...]:
        """Return the numbers of its classes as far as they are known; `learned` tells of more."""
        if classifier is None:
            return ()
        if classifier.path not in self._counts:
            self._look(classifier.path)
        return tuple(map(str, range(self._counts[classifier.path])))

    def _look(self, path: str) -> None:
        self._counts[path] = 0

        def learn(count: int) -> None:
            self._counts[path] = count
            self.learned.emit()

        # Where the file is none, a run says why.
        self._disk.run(lambda: _count(path), learn, lambda _fault: None)


def _count(path: str) -> int:
    from studio.models.classifiers import inspect_classifier

    return inspect_classifier(path).classes
