"""An errand: work on the device that is no run, and what it reports."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from studio.engine.job import Outcome

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from studio.engine.beside import Beside
    from studio.engine.fault import Fault
    from studio.models.model import Model


@dataclass(frozen=True, slots=True)
class ErrandProgress:
    """Where an errand stands: `done` of `total` things, and what it is doing.

    `share` is how much is done, from 0 to 1. `preview` is what can be seen of it, uint8 pictures
    (B, H, W, 3), or None.
    """

    job: int
    done: int
    total: int
    doing: str
    share: float
    elapsed: float
    preview: "NDArray[np.uint8] | None" = None

    @property
    def seconds_left(self) -> float | None:
        """Return the time that the rest takes at the pace so far; None before it is known."""
        return self.elapsed * (1 / self.share - 1) if self.share > 0 else None


@dataclass(frozen=True, slots=True)
class ErrandEnding:
    """How an errand ended; what was found before was told as it came."""

    job: int
    outcome: Outcome
    done: int
    total: int
    seconds: float
    fault: "Fault | None" = None


@dataclass(frozen=True, slots=True)
class Tools:
    """What an errand works with: the open model, what stops it, and who hears what it finds.

    `beside` opens the other models that a recipe names.
    """

    job: int
    model: "Model"
    stop: threading.Event
    beside: "Beside"
    found: Callable[[object], None]


class ErrandWork(Protocol):
    """An errand in progress; whoever holds it says when to go on."""

    def advance(self) -> bool:
        """Do the next piece, such as one step of a solver; return False after the last.

        Raises:
            Stopped: a stop was asked for.
        """

    def progress(self) -> ErrandProgress | None:
        """Return how far it is; None while there is nothing to say."""

    def end(self, outcome: Outcome, fault: "Fault | None" = None) -> ErrandEnding:
        """Return how it ended."""


class Errand(Protocol):
    """All that is asked, in an immutable value; `title` says it in a word: “Encoding”."""

    @property
    def title(self) -> str:
        """Return what it does, to follow it in a message."""

    def begin(self, tools: Tools) -> ErrandWork:
        """Return the work, of which nothing is done yet.

        Raises:
            ValueError: the model cannot do it; the message says why.
        """


@dataclass(frozen=True, slots=True)
class ErrandJob:
    """An errand on its way to the device."""

    id: int
    errand: Errand
