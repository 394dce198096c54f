"""A spec: what a sampler or a schedule says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from studio.diffusion.knob import Knob, Value, values_of

if TYPE_CHECKING:
    from torch import Tensor

    from studio.diffusion.inverse.measurement import Measurement

_CHURNED = 1.5  # more than the √2 by which churn raises a level at most


def one_per_step(steps: int, **_knobs: Value) -> int:
    """Return the cost of a solver that evaluates the denoiser once in every step."""
    return steps


def two_but_last(steps: int, **_knobs: Value) -> int:
    """Return the cost of a solver that evaluates twice in every step save the one to 0."""
    return 2 * steps - 1


def within_step(sigma: float, sigma_next: float, **_knobs: Value) -> tuple[float, float]:
    """Return where most solvers evaluate: in the step, or above it by as much as churn may add."""
    return sigma_next, sigma * _CHURNED


def at_its_start(sigma: float, _sigma_next: float, **_knobs: Value) -> tuple[float, float]:
    """Return where a solver evaluates that does so once, at the level of the step or churned."""
    return sigma, sigma * _CHURNED


def far_down(sigma: float, _sigma_next: float, **_knobs: Value) -> tuple[float, float]:
    """Return where a solver evaluates that goes below the step before it adds noise."""
    return 0.0, sigma


def every_level(sigmas: tuple[float, ...], **_knobs: Value) -> tuple[tuple[float, float], ...]:
    """Return the way of a solver that takes one step from each level of the list to the next."""
    return tuple(pairwise(sigmas))


def as_it_goes(_sigmas: tuple[float, ...], **_knobs: Value) -> tuple[tuple[float, float], ...]:
    """Return the way of an adaptive solver, which cannot be known beforehand."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Describe a sampler or a schedule completely, so that nothing else has to know it.

    `run` is the formula. A sampler's is `run(problem, **knobs) -> Step`, one step of a `Problem`
    that depends on nothing else; a schedule's is `run(grid, **knobs)`, the levels of a `Grid`
    without the final 0. `formula` says the same for a person, in lines of plain Unicode.

    Samplers: `order` is the order of convergence at the default knobs (0: none), `stochastic` tells
    that noise is drawn at the default knobs, `cost(steps, **knobs)` counts denoiser evaluations
    (None: it cannot be known), and `memory` is the number of earlier steps the formula looks back
    at. `legs(sigmas, **knobs)` returns (from, to) of each step; where a leg starts above the end of
    the one before, the solver adds noise first. It returns nothing for an adaptive solver, which
    takes only the ends of the list. `reach(sigma, sigma_next, **knobs)` returns the lowest and the
    highest level at which a step may evaluate the denoiser, None for the usual: the start of the
    step where it costs one evaluation, else all of it.

    Methods that restore a measurement are samplers of its posterior, and find it in the `given` of
    their problem. `begin(given, noise, sigma)` returns the state to start from with unit noise
    (B, ...) (None: the noise times sigma); `serves(given)` says in a sentence why the method cannot
    restore it, or nothing; `latent` tells whether it may work in the space of an autoencoder, and
    `usual_steps` how many steps are a good start, of its paper or fewer (0: any).
    `guide` is the page that introduces it: what it solves, how to set it, when it fails.

    Schedules: `sigma_range` is the (sigma_min, sigma_max) of its paper at the default knobs;
    `range_of(**knobs)` gives it where the knobs move it.
    """

    id: str
    label: str
    family: str
    source: str
    help: str
    formula: str = ""
    run: Callable[..., Any]
    knobs: tuple[Knob, ...] = ()
    order: int = 0
    stochastic: bool = False
    cost: Callable[..., int | None] = one_per_step
    memory: int = 0
    legs: Callable[..., tuple[tuple[float, float], ...]] = every_level
    reach: Callable[..., tuple[float, float]] | None = None
    begin: Callable[[Measurement, Tensor, float], Tensor] | None = None
    serves: Callable[[Measurement], str] | None = None
    latent: bool = False
    usual_steps: int = 0
    guide: str = ""
    sigma_range: tuple[float, float] | None = None
    range_of: Callable[..., tuple[float, float]] | None = None

    @property
    def restores(self) -> bool:
        """Tell whether it is a method that restores a measurement."""
        return self.serves is not None

    @property
    def adaptive(self) -> bool:
        """Tell whether the solver chooses its steps as it goes."""
        return self.legs is as_it_goes

    def asked(self, step: tuple[float, float], given: Mapping[str, object]) -> tuple[float, float]:
        """Return the lowest and the highest level at which a step may evaluate the denoiser.

        step: the levels that it leads from and to.

        Raises:
            KnobError: a knob is unknown or refuses its value.
        """
        knobs: dict[str, Any] = self.values(given)
        usual = at_its_start if self.cost is one_per_step else within_step
        return (self.reach or usual)(*step, **knobs)

    def nfe(self, steps: int, **knobs: object) -> int | None:
        """Return the denoiser evaluations in a list of `steps` steps that ends at 0.

        None where the solver cannot know. Knobs that are not given have their defaults.

        Raises:
            KnobError: a knob is unknown or refuses its value.
        """
        return self.cost(steps, **self.values(knobs))

    def range_with(self, given: Mapping[str, object]) -> tuple[float, float] | None:
        """Return a schedule's own (sigma_min, sigma_max) with these knobs.

        Raises:
            KnobError: a knob is unknown or refuses its value.
        """
        return self.range_of(**self.values(given)) if self.range_of else self.sigma_range

    def values(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Return a value for every knob: the given one, checked, or the default.

        Raises:
            KnobError: a name is unknown or a value is refused by its knob.
        """
        return values_of(self.label, self.knobs, given)
