"""What the model picker offers: the bundled models and the recent ones."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from studio.models import bundled_models, inspect_model
from studio.ui.model_card import ModelChoice


def model_choices(recent: Sequence[str]) -> Iterator[ModelChoice]:
    """Yield the bundled models by name, then the recent ones by file, the missing ones marked."""
    bundled = [str(path) for path in bundled_models()]
    for path in bundled:
        yield ModelChoice(path, _name(path), "Bundled")
    for path in recent:
        if path not in bundled:
            problem = "" if Path(path).exists() else "The file is no longer there."
            yield ModelChoice(path, Path(path).name, "Recent", problem)


@cache
def _name(path: str) -> str:
    return inspect_model(path).name
