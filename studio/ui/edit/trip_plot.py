"""The round-trip error against its cost, a line for each solver."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.library.names import sampler_label
from studio.session.editing.trip import Trip
from studio.ui.compare.error_plot import ErrorPlot, Line, Point
from studio.ui.compare.lines import color_of

_IDLE = "Encode with several numbers of steps\nto see how the error falls"


class TripPlot(QWidget):
    """Plot what the table holds, so that the solver's order can be seen."""

    def __init__(self) -> None:
        super().__init__()
        self.plot = ErrorPlot(idle=_IDLE, fronted=False)
        self.plot.setObjectName("trip_plot")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)

    def show_trips(self, trips: Sequence[Trip]) -> None:
        """Show the trips of a picture."""
        solvers = sorted({trip.solver for trip in trips})
        self.plot.show_lines([_line(place, solver, trips) for place, solver in enumerate(solvers)])


def _line(place: int, solver: str, trips: Sequence[Trip]) -> Line:
    own = sorted((t for t in trips if t.solver == solver), key=lambda trip: trip.nfe)
    points = tuple(Point(trip.nfe, trip.seconds, trip.rms) for trip in own)
    return Line(sampler_label(solver), points, color_of(place))
