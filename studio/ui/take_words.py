"""Say what a take is in the words of the list."""

from studio.library import Recipe, Take
from studio.library.index import Listed
from studio.library.lineage import changes_said, short_prompt
from studio.ui.status_text import duration, images
from studio.ui.take_item import TakeItem


def take_item(listed: Listed) -> TakeItem:
    """Return the row of a take."""
    take = listed.take
    return TakeItem(
        take.id,
        title(take.recipe, take.parent),
        _figures(take),
        take.thumbnail,
        status=take.status,
        generation=listed.generation,
        starred=take.marks.starred,
        note=f"stopped at {take.nfe} NFE" if take.status == "stopped" else "",
    )


def title(recipe: Recipe, parent: str | None) -> str:
    """Return what made a take, or of a branch what it changed."""
    changes = changes_said(recipe)
    if parent is None and recipe.prompt:
        return " ".join((short_prompt(recipe.prompt), *changes))
    if parent is None:
        return " ".join((recipe.summary(), *changes))
    return f"branch {changes[-1]}" if changes else "branch, nothing changed"


def seeds(recipe: Recipe) -> str:
    """Return the first seed and how many images there are."""
    count = len(recipe.seeds)
    return f"seed {recipe.seeds[0]}" + (f" · {images(count)}" if count > 1 else "")


def _figures(take: Take) -> str:
    """Return tags, seeds and cost; the seeds of a branch are those of its parent."""
    tags = " ".join(f"#{tag}" for tag in take.marks.tags)
    drawn = "" if take.parent else seeds(take.recipe)
    if take.recipe.prompt and not take.parent:
        drawn = f"{take.recipe.summary()} · {drawn}"  # the title is the prompt
    cost = "" if take.status == "stopped" else f"{take.nfe} NFE · {duration(take.seconds)}"
    return " · ".join(filter(None, (tags, drawn, cost)))
