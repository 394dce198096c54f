"""The road of a run: which leg it is on, what lies behind it and what is still to change."""

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from studio.diffusion import SOLVERS
from studio.engine.fill import filled_segment
from studio.engine.leg import Leg, first_leg, next_leg
from studio.library import Recipe, Segment, Trajectory
from studio.library.way import differences

if TYPE_CHECKING:
    from studio.diffusion import Step
    from studio.models.model import Model

_FIXED = ("model", "seeds", "width", "height")
"""What cannot change while pictures are being made."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a step led from and to, and what the run had cost then."""

    sigma: float
    sigma_next: float
    nfe: int


class Road:
    """Follow a recipe whose beginning is filled in, from leg to leg.

    `leg` is the present one, `nfe_total` what the whole run will cost as far as is known (None: a
    solver cannot know), and `segments` are those that have begun, with their lists filled in.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.leg = first_leg(recipe)
        self.nfe_total = _cost(self.leg)
        self.segments: tuple[Segment, ...] = ()
        self._ahead = deque(recipe.segments)
        self._marks: list[_Mark] = []

    @property
    def step(self) -> int:
        """Return the number of steps taken."""
        return len(self._marks)

    @property
    def recipe(self) -> Recipe:
        """Return the recipe of the present leg, without segments."""
        return self.leg.recipe

    def passed(self, step: "Step") -> None:
        """Put a step behind."""
        self._marks.append(_Mark(step.sigma, step.sigma_next, step.nfe))

    def walk(self, past: Trajectory) -> None:
        """Put the steps of a trajectory behind, with the segments that began before its last."""
        self._marks = [*map(_Mark, past.sigmas, past.sigmas_next, past.nfes)]
        while self._ahead and self._ahead[0].from_step < self.step:
            self._enter(self._ahead.popleft())

    def due(self) -> Segment | None:
        """Return the segment that begins with the next step, if there is one, and strike it."""
        here = self._ahead and self._ahead[0].from_step == self.step
        return self._ahead.popleft() if here else None

    def wished(self, wish: Recipe) -> Segment:
        """Return what a wish changes from the next step on; it stands above what was to come."""
        self._ahead.clear()
        changes = differences(self.recipe, wish)
        changes = {name: value for name, value in changes.items() if name not in _FIXED}
        return Segment(from_step=self.step, changes=changes)

    def turn(self, segment: Segment, model: "Model") -> bool:
        """Fill in a segment and begin its leg; return False where it changes nothing.

        Raises:
            KnobError: it does not fit, or leaves nothing to sample; the leg is the same as before.
            SamplingError: it does not fit the model.
        """
        recipe = self.recipe.model_copy(update=segment.changes)
        segment = filled_segment(segment, recipe, self.leg, self._here(self.step), model)
        if segment.changes:
            self._enter(segment)
        return bool(segment.changes)

    def _enter(self, segment: Segment) -> None:
        """Begin the leg of a segment whose lists are filled in."""
        step, before = segment.from_step, self.leg
        left = segment.changes.get("sigmas", ())
        recipe = before.recipe.model_copy(update={**segment.changes, "sigmas": left})
        past = [mark.sigma for mark in self._marks]
        self.leg = next_leg(before, recipe, step, past, self._here(step))
        self.nfe_total = self._expected(before, step)
        self.segments = (*self.segments, segment)

    def _here(self, step: int) -> float:
        return self._marks[step - 1].sigma_next if step else self.leg.sigmas[0]

    def _expected(self, before: Leg, step: int) -> int | None:
        """Return the cost of the whole run, of which `before` was known up to `step`."""
        leg, total = self.leg, self.nfe_total
        cost, cost_before = _cost(leg), _cost(before)
        if leg.offset == before.offset and leg.recipe.sampler == before.recipe.sampler:
            known = total is not None and cost is not None and cost_before is not None
            return total + cost - cost_before if known else None  # type: ignore[operator]
        cost = _cost(replace(leg, sigmas=leg.sigmas[step - leg.offset :]))
        spent = self._marks[step - 1].nfe if step else 0
        return None if cost is None else spent + cost


def _cost(leg: Leg) -> int | None:
    knobs: dict[str, Any] = dict(leg.recipe.knobs)
    return SOLVERS[leg.recipe.sampler].nfe(len(leg.sigmas) - 1, **knobs)
