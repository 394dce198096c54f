"""How many steps of an earlier run a recipe would take again, bit for bit."""

from itertools import takewhile

from studio.diffusion import SAMPLERS
from studio.diffusion.spec import every_level
from studio.library import Recipe
from studio.library.way import SCHEDULE_FIELDS, differences


def shared_steps(before: Recipe, wish: Recipe, sigmas: tuple[float, ...]) -> int:
    """Return the number of steps that a run of `before` and one of `wish` have in common.

    `before` is frozen, `sigmas` the list that the wish leads to. Steps are shared as long as the
    lists agree, where nothing but the schedule differs and no step depends on what is still to
    come: the solver follows its list, churn is not spread over another number of steps, and the
    path is not solved from other ends.
    """
    spec = SAMPLERS.get(wish.sampler)
    if before.segments or wish.segments or spec is None or spec.legs is not every_level:
        return 0
    if not set(differences(before, wish)) <= set(SCHEDULE_FIELDS):
        return 0
    values = spec.values(wish.knobs)
    if values.get("s_churn") and len(sigmas) != len(before.sigmas):
        return 0
    ends_matter = values.get("path", "edm") != "edm" or values.get("scaling", "none") != "none"
    if ends_matter and (sigmas[0], sigmas[-2:]) != (before.sigmas[0], before.sigmas[-2:]):
        return 0
    pairs = zip(before.sigmas, sigmas, strict=False)
    equal = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return max(0, equal - 1)
