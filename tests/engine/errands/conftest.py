"""Errands on a model whose answers are known."""

import threading
from dataclasses import dataclass, field

import numpy as np
import pytest

from studio.engine.beside import Beside
from studio.engine.errands.errand import Tools
from studio.library import ModelRef, Recipe
from tests.fakes import FakeModel


@dataclass
class Errands:
    """Do errands with a model, one after the other, and keep what they find and say."""

    model: object = field(default_factory=FakeModel)
    stop: threading.Event = field(default_factory=threading.Event)
    found: list = field(default_factory=list)
    said: list = field(default_factory=list)

    def begin(self, errand):
        self.found, self.said = [], []
        return errand.begin(Tools(7, self.model, self.stop, Beside(), self.found.append))

    def do(self, errand):
        work = self.begin(errand)
        while work.advance():
            self.said.append(work.progress())
        self.ending = work.end("finished")
        return self.found


@pytest.fixture
def errands():
    return Errands()


def base(**changes):
    fields = {"seeds": (0,), "model": ModelRef(sha256="ab" * 32), "steps": 12}
    return Recipe(**fields | changes)


def pictures(count, side=8, seed=0):
    """Return pictures of the Gaussian that the fake model stands for."""
    source = np.random.default_rng(seed)
    values = 0.5 * source.standard_normal((count, side, side, 3)) * 127.5 + 127.5
    return tuple(values.round().clip(0, 255).astype(np.uint8))
