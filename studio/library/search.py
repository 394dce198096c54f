"""Search takes by words: what is known of a take, and how a question becomes one for SQLite."""

import re
from collections.abc import Mapping

from studio.library.lineage import changes_said
from studio.library.names import sampler_label, schedule_label
from studio.library.take import Take

COLUMNS = ("model", "sampler", "class", "prompt", "seed", "tag", "date", "other")
"""The columns of the full-text table; every one but the last can be named in a search."""

STARRED = "starred"
HELP = (
    "Every word must be found, also as the beginning of a longer one. Words can be narrowed down: "
    "model:tiles, sampler:heun, class:3, prompt:castle, seed:12, tag:cat, date:2026-11, starred."
)
_WHOLE = ("class", "seed")  # numbers: 1 is not to find 12
_TERM = re.compile(r'(?:(\w+):)?(?:"([^"]*)"|(\S+))')


def words_of(take: Take) -> Mapping[str, str]:
    """Return the text of each column for a take."""
    recipe = take.recipe
    parts = [part for _, part in recipe.parts()]
    ways = {
        word
        for part in parts
        for word in (
            part.sampler,
            sampler_label(part.sampler),
            part.schedule,
            schedule_label(part.schedule),
        )
    }
    models = {word for part in parts for word in (part.model.name, part.model.path)}
    models |= {lora.name for part in parts for lora in part.worn}
    drawn = recipe.labels or (() if isinstance(recipe.classes, str) else recipe.classes)
    other = (take.id, take.status, STARRED if take.marks.starred else "", *changes_said(recipe))
    other += tuple(sorted({part.negative_prompt for part in parts}))
    return {
        "model": " ".join(sorted(models)),
        "sampler": " ".join(sorted(ways)),
        "class": " ".join(str(label) for label in sorted(set(drawn))),
        "prompt": " ".join(sorted({part.prompt for part in parts} - {""})),
        "seed": " ".join(map(str, recipe.seeds)),
        "tag": " ".join(take.marks.tags),
        "date": f"{take.created.astimezone():%Y-%m-%d}",
        "other": " ".join(filter(None, other)),
    }


def match_of(text: str) -> str:
    """Return the FTS5 expression for what a person typed; empty where that asks for nothing."""
    return " AND ".join(filter(None, (_term(*found.groups("")) for found in _TERM.finditer(text))))


def _term(column: str, quoted: str, bare: str) -> str:
    words = quoted or bare
    name = column.lower()
    if name not in COLUMNS[:-1]:
        words, name = f"{column}:{words}" if column else words, ""
    if not re.search(r"\w", words):
        return ""
    star = "" if name in _WHOLE else "*"
    phrase = '"{}"{}'.format(words.replace('"', " "), star)
    return f"{name} : {phrase}" if name else phrase
