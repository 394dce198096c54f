"""What a schedule is asked for: so many noise levels between two ends."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grid:
    """Hold what every schedule starts from.

    `steps` is the number of nonzero levels, at least 2. `table` holds the noise levels of a model
    that knows only some, in descending order; None for a model that takes any.
    """

    steps: int
    sigma_min: float
    sigma_max: float
    table: tuple[float, ...] | None = None

    def levels(self, formula: Callable[[float], float]) -> tuple[float, ...]:
        """Return `formula` at i/(N-1) for i < N = steps.

        The ends are sigma_max and sigma_min to the last digit, whatever the formula rounds to.
        """
        last = self.steps - 1
        return (self.sigma_max, *(formula(i / last) for i in range(1, last)), self.sigma_min)
