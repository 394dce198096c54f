"""One measured figure beside its aim."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure, its unit, and the aim that it must not exceed; without an aim it only informs.

    least: in the place of an aim, what the figure must reach, where more is better.
    """

    name: str
    value: float
    unit: str = ""
    aim: float | None = None
    note: str = ""
    least: float | None = None

    @property
    def met(self) -> bool:
        """Tell whether the figure keeps to its aim."""
        low = self.least is None or self.value >= self.least
        return low and (self.aim is None or self.value <= self.aim)

    def line(self) -> str:
        """Return the figure as one line of a table."""
        aim = "" if self.aim is None else f"aim <= {self.aim:g}"
        aim = aim if self.least is None else f"aim >= {self.least:.4g}"
        verdict = "" if not aim else ("ok" if self.met else "MISSED")
        value = f"{self.value:.4g} {self.unit}".rstrip()
        return f"{self.name:<52}{value:>12}  {aim:<12} {verdict:<7}{self.note}".rstrip()

    def json(self) -> dict[str, Any]:
        """Return the figure as a JSON object."""
        return {**asdict(self), "met": self.met}


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which the given share of `values` lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
