"""An errand that is written down as one generator: its pieces, in order, each with what to say."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.engine.errands.errand import ErrandEnding, ErrandProgress, Tools
from studio.engine.fault import SamplingError
from studio.engine.job import Outcome

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from studio.engine.fault import Fault


@dataclass(frozen=True, slots=True)
class Piece:
    """Say, after a piece of work, how many things are done, what is being done and its share."""

    done: int
    doing: str
    share: float
    preview: "NDArray[np.uint8] | None" = None


class Going:
    """Go on with an errand of `total` things, piece by piece."""

    def __init__(self, tools: Tools, total: int, pieces: Iterator[Piece]) -> None:
        self._job, self._total, self._pieces = tools.job, total, pieces
        self._at: Piece | None = None
        self._started = time.perf_counter()

    def advance(self) -> bool:
        """Do the next piece; return False after the last.

        Raises:
            Stopped: a stop was asked for.
            SamplingError: a solver cannot get on.
        """
        try:
            piece = next(self._pieces, None)
        except ArithmeticError as error:
            if type(error) is not ArithmeticError:
                raise
            raise SamplingError(str(error)) from error  # what a solver has to say to the person
        if piece is not None:
            self._at = piece
        return piece is not None

    def progress(self) -> ErrandProgress | None:
        """Return how far it is; None before the first piece is done."""
        at = self._at
        if at is None:
            return None
        share = min(1.0, at.share)
        return ErrandProgress(
            self._job, at.done, self._total, at.doing, share, self._elapsed, at.preview
        )

    def end(self, outcome: Outcome, fault: "Fault | None" = None) -> ErrandEnding:
        """Return how it ended; what it found was told before."""
        done = self._at.done if self._at is not None else 0
        self._pieces = iter(())  # lets go of the tensors in the generator
        return ErrandEnding(self._job, outcome, done, self._total, self._elapsed, fault)

    @property
    def _elapsed(self) -> float:
        return time.perf_counter() - self._started
