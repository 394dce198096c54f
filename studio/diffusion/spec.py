"""A spec: what a sampler or a schedule says of itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.diffusion.knob import Knob, KnobError, Value


def one_per_step(steps: int) -> int:
    """Return the cost of a solver that evaluates the denoiser once in every step."""
    return steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Describe a sampler or a schedule completely, so that nothing else has to know it.

    `run` is the formula. A sampler's is `run(problem, **knobs) -> Step`, one step of a `Problem`
    that depends on nothing else; a schedule's is `run(grid, **knobs)`, the levels of a `Grid`
    without the final 0.

    Samplers: `order` is the order of convergence (0: none), `stochastic` tells that noise is drawn
    at the default knobs, `cost` counts denoiser evaluations by steps, and `memory` is the number of
    earlier steps the formula looks back at.

    Schedules: `sigma_range` is the (sigma_min, sigma_max) of its paper at the default knobs;
    `range_of(**knobs)` gives it where the knobs move it.
    """

    id: str
    label: str
    family: str
    source: str
    help: str
    run: Callable[..., Any]
    knobs: tuple[Knob, ...] = ()
    order: int = 0
    stochastic: bool = False
    cost: Callable[[int], int] = one_per_step
    memory: int = 0
    sigma_range: tuple[float, float] | None = None
    range_of: Callable[..., tuple[float, float]] | None = None

    def nfe(self, steps: int) -> int:
        """Return the number of denoiser evaluations in `steps` steps that end at 0."""
        return self.cost(steps)

    def values(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Return a value for every knob: the given one, checked, or the default.

        Raises:
            KnobError: a name is unknown or a value is refused by its knob.
        """
        known = [knob.id for knob in self.knobs]
        for name in given:
            if name not in known:
                knobs = f"its knobs are: {', '.join(known)}" if known else "it has no knobs"
                raise KnobError(f"{self.label} has no knob {name!r}; {knobs}.")
        return {knob.id: knob.check(given.get(knob.id, knob.default)) for knob in self.knobs}
