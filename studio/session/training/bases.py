"""The models that a run can begin from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.models import ModelError, bundled_models, inspect_model
from studio.models.checkpoints import checkpoint_title, model_in


@dataclass(frozen=True, slots=True)
class Base:
    """A model to begin from, and the side of its pictures."""

    path: str
    label: str
    group: str
    side: int


def find_bases(recent: Sequence[str], runs: Sequence[Path]) -> list[Base]:
    """Return what can be trained: of the bundled models, the runs and the recent models."""
    found = {base.path: base for base in _all(recent, runs)}
    return list(found.values())


def base_of(path: str, group: str = "Recent") -> Base | None:
    """Return a model as one to begin from, None where it cannot be trained."""
    try:
        info = inspect_model(path)
    except (ModelError, OSError):
        return None
    if not info.trainable:
        return None
    label = checkpoint_title(Path(path)) or info.name
    return Base(path, label, group, info.shape[-1] * info.pixels)


def _all(recent: Sequence[str], runs: Sequence[Path]) -> Iterator[Base]:
    groups: Iterable[tuple[str, Iterable[str]]] = (
        ("Bundled", map(str, bundled_models())),
        ("Runs", (str(model) for run in runs if (model := model_in(run)) is not None)),
        ("Recent", recent),
    )
    for group, paths in groups:
        for path in paths:
            if (base := base_of(path, group)) is not None:
                yield base
