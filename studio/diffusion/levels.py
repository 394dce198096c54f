"""Lists of noise levels: written as text, and stretched to another count or range."""

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

_MARGIN, _APART, _LOWEST = 1e-3, 1 + 1e-3, 1e-9
"""How near a level may come to its neighbours, as a share of the way and as a ratio; and to 0."""


@lru_cache(maxsize=64)
def parse_levels(text: str) -> tuple[float, ...]:
    """Read noise levels with spaces, commas or semicolons between them; a last 0 may be left out.

    Among numbers that spaces or semicolons part, a comma within a number is a decimal comma:
    “80 2,5 0,1”.

    Raises:
        ValueError: one is no number above 0, they do not fall, or there are fewer than two.
    """
    words = [word for word in re.split(r"[\s;]+|,(?=[\s;])", text.strip(" ,;")) if word]
    if len(words) == 1:
        words = re.split(r",+", words[0])
    try:
        levels = tuple(float(word.replace(",", ".")) for word in words)
    except ValueError:
        levels = ()
    if levels and levels[-1] == 0:
        levels = levels[:-1]
    if len(levels) < 2 or not all(0 < level < math.inf for level in levels):
        raise ValueError("write at least two noise levels above 0, such as “80 10 2 0.5 0.1”.")
    if not all(a > b for a, b in pairwise(levels)):
        raise ValueError("the levels must fall from the first to the last.")
    return levels


def levels_text(levels: Sequence[float]) -> str:
    """Return levels as the text that `parse_levels` reads exactly; a last 0 is left out."""
    return " ".join(repr(level) for level in levels if level > 0)


def moved(levels: Sequence[float], index: int, sigma: float) -> tuple[float, ...]:
    """Return the list with one level elsewhere, as far as its neighbours let it go.

    It stays between them by a thousandth of the way in ln sigma; a last 0 does not count.
    """
    inner = list(levels)
    above = inner[index - 1] if index else math.inf
    below = inner[index + 1] if index + 1 < len(inner) else 0.0
    low = below * (above / below) ** _MARGIN if 0 < below < above < math.inf else below * _APART
    high = above * (below / above) ** _MARGIN if 0 < below < above < math.inf else above / _APART
    inner[index] = min(max(sigma, low, _LOWEST), high)
    return tuple(inner)


def with_level(levels: Sequence[float], index: int) -> tuple[float, ...]:
    """Return the list with one more level, halfway in ln sigma between `index` and the next."""
    after = levels[index + 1] if index + 1 < len(levels) else 0.0
    middle = math.sqrt(levels[index] * after) if after else levels[index] / 2
    return (*levels[: index + 1], middle, *levels[index + 1 :])


def without_level(levels: Sequence[float], index: int) -> tuple[float, ...]:
    """Return the list without one level, or as it is where only two above 0 are left."""
    few = sum(level > 0 for level in levels) <= 2
    return tuple(levels) if few else (*levels[:index], *levels[index + 1 :])


def stretched(
    levels: Sequence[float], count: int, sigma_min: float, sigma_max: float
) -> tuple[float, ...]:
    """Return `count` levels between the ends, spaced in ln sigma like the given ones.

    Where count and ends are those of the list, it comes back as it is.
    """
    top, bottom = levels[0], levels[-1]
    same_ends = math.isclose(sigma_max, top) and math.isclose(sigma_min, bottom)
    if count == len(levels) and same_ends:
        return tuple(levels)
    scale = (math.log(sigma_max) - math.log(sigma_min)) / math.log(top / bottom)
    places = (i * (len(levels) - 1) / (count - 1) for i in range(1, count - 1))
    logs = [math.log(level / bottom) * scale for level in levels]
    inner = (math.exp(math.log(sigma_min) + _between(logs, place)) for place in places)
    return (sigma_max, *inner, sigma_min)


def _between(values: Sequence[float], place: float) -> float:
    low = min(int(place), len(values) - 2)
    return values[low] + (place - low) * (values[low + 1] - values[low])
