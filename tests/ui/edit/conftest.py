"""The desks of the Edit tab on an engine that does nothing, to be told what it would say."""

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from studio.engine.background import Background
from studio.engine.errands.errand import ErrandEnding, ErrandProgress
from studio.library import Recipe
from studio.models import ModelInfo
from studio.session.editing.subjects import Subject
from studio.session.editing.tasks import EditTasks

INFO = ModelInfo(
    path="fake",
    name="Fake",
    format="fake",
    family="fake",
    shape=(3, 8, 8),
    classes=("a", "b", "c"),
)


class StillEngine(QObject):
    """Take errands and do nothing."""

    found = Signal(int, object)
    errand_progressed = Signal(object)
    errand_ended = Signal(object)

    def __init__(self):
        super().__init__()
        self.errands = []
        self.stops = 0

    def errand(self, wish):
        self.errands.append(wish)
        return len(self.errands)

    def stop(self):
        self.stops += 1

    def find(self, *results):
        for result in results:
            self.found.emit(len(self.errands), result)

    def progress(self, share, preview=None):
        told = ErrandProgress(len(self.errands), 0, 1, "Doing", share, 1.0, preview)
        self.errand_progressed.emit(told)

    def end(self, outcome="finished", fault=None):
        self.errand_ended.emit(ErrandEnding(len(self.errands), outcome, 1, 1, 1.0, fault))


class OneModel(QObject):
    """Have one model open."""

    opened = Signal(object)
    opening = Signal(str)
    failed = Signal(str, object)

    def __init__(self):
        super().__init__()
        self.info = INFO
        self.opening_now = False

    def open(self, info):
        self.info = info
        self.opened.emit(info)


class OneRecipe(QObject):
    recipe = Recipe(seeds=(5, 6))


@pytest.fixture
def engine(qapp):
    return StillEngine()


@pytest.fixture
def models(qapp):
    return OneModel()


@pytest.fixture
def tasks(engine, models):
    editor, disk = OneRecipe(), Background()
    made = EditTasks(engine, models, editor, disk)
    yield made
    disk.close()


@pytest.fixture
def subject():
    """Return a maker of pictures of noise by number."""

    def make(number, side=8, **more):
        noise = np.random.default_rng(number).normal(127.5, 60, (side, side, 3))
        pixels = noise.clip(0, 255).round().astype(np.uint8)
        return Subject(f"picture {number}", pixels, **more)

    return make
