"""What the model picker offers: the bundled models, toys in the plane, and the recent ones."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from studio.models import bundled_models, bundled_toys, inspect_model
from studio.models.checkpoints import checkpoint_title
from studio.ui.model_card import ModelChoice


def model_choices(recent: Sequence[str]) -> Iterator[ModelChoice]:
    """Yield the bundled models by name, then the recent ones by file, the missing ones marked."""
    groups = {"Bundled": bundled_models(), "Toy models in the plane": bundled_toys()}
    bundled = {str(path): group for group, paths in groups.items() for path in paths}
    for path, group in bundled.items():
        yield ModelChoice(path, _name(path), group)
    for path in recent:
        if path not in bundled:
            problem = "" if Path(path).exists() else "The file is no longer there."
            name = checkpoint_title(Path(path)) or Path(path).name
            yield ModelChoice(path, name, "Recent", problem)


@cache
def _name(path: str) -> str:
    return inspect_model(path).name
