"""How many steps of an earlier run a recipe would take again, bit for bit."""

from collections.abc import Mapping, Sequence
from itertools import pairwise, takewhile

from studio.diffusion import SOLVERS, KnobError, Spec, Value
from studio.diffusion.curve import Curve, curve
from studio.diffusion.guidance import GUIDANCE_CURVE
from studio.diffusion.spec import every_level
from studio.library import Recipe
from studio.library.way import SCHEDULE_FIELDS, differences

_DRAWN = (GUIDANCE_CURVE.id, *GUIDANCE_CURVE.replaces)
_LED = ("negative_prompt", "guidance_rescale", "guide")
"""What does nothing where guidance is 1."""

_SPREAD = ("s_churn", "churn_curve")
"""Strengths that are spread over all steps of the list."""


def shared_steps(before: Recipe, wish: Recipe, sigmas: tuple[float, ...]) -> int:
    """Return the number of steps that a run of `before` and one of `wish` have in common.

    `before` is frozen, `sigmas` the list that the wish leads to. Steps are shared as long as the
    lists agree, and with them every curve over σ wherever a step may look at it: guidance, churn,
    others of the solver. What guidance leads away from counts where guidance acts. Nothing else may
    differ than these, and no step may depend on what is still to come: the solver follows its list,
    churn is not spread over another number of steps,
    and the path is not solved from other ends.
    """
    spec = SOLVERS.get(wish.sampler)
    if (before.restoration, before.start) != (wish.restoration, wish.start):
        return 0
    if before.segments or wish.segments or spec is None or spec.legs is not every_level:
        return 0
    changes = set(differences(before, wish))
    if not changes <= {*SCHEDULE_FIELDS, *_DRAWN, *_LED, "knobs"}:
        return 0
    try:
        values, earlier = spec.values(wish.knobs), spec.values(before.knobs)
    except KnobError:
        return 0
    unlike = _plain(spec, values) != _plain(spec, earlier)
    if unlike or _looks_ahead((values, earlier), before.sigmas, sigmas):
        return 0
    pairs = zip(before.sigmas, sigmas, strict=False)
    equal = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    curves = zip(_curves(spec, earlier, before), _curves(spec, values, wish), strict=True)
    changed = [pair for pair in curves if pair[0] != pair[1]]
    if changes & {*_LED}:
        changed.append((_guidance(wish), curve("1")))

    def alike(step: tuple[float, float]) -> bool:
        ends = spec.asked(step, values)
        return all(one.agrees(other, *ends) for one, other in changed)

    return sum(1 for _ in takewhile(alike, pairwise(sigmas[:equal])))


def _looks_ahead(
    both: Sequence[Mapping[str, Value]], before: tuple[float, ...], after: tuple[float, ...]
) -> bool:
    """Tell whether a step with these values depends on what the lists do not share."""
    churned = any(values.get(name) for values in both for name in _SPREAD)
    if churned and len(before) != len(after):
        return True
    values = both[0]
    ends_matter = values.get("path", "edm") != "edm" or values.get("scaling", "none") != "none"
    return ends_matter and (before[0], before[-2:]) != (after[0], after[-2:])


def _plain(spec: Spec, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values of the knobs that are no curve and make none."""
    drawn = {id for knob in spec.knobs if knob.curve for id in (knob.id, *knob.replaces)}
    return {id: value for id, value in values.items() if id not in drawn}


def _curves(spec: Spec, values: Mapping[str, Value], recipe: Recipe) -> list[Curve]:
    """Return what guidance and the curves of a solver are over σ."""
    texts = [knob.curve_with(values) for knob in spec.knobs if knob.curve]
    return [_guidance(recipe), *map(curve, texts)]


def _guidance(recipe: Recipe) -> Curve:
    return curve(GUIDANCE_CURVE.curve_with({id: getattr(recipe, id) for id in _DRAWN}))
