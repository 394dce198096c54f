"""The models that rows, sweeps and the command palette offer by name."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.models.catalogue import Entry
from studio.models.checkpoints import checkpoint_title
from studio.session.catalogue.catalogue import Catalogue

_MOST = 500


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Name a model and where it belongs; one with a `problem` says why it cannot be chosen."""

    path: str
    name: str
    group: str = "Recent"
    problem: str = ""


def usual_models(catalogue: Catalogue) -> Iterator[ModelChoice]:
    """Yield the bundled models, then the starred and recent ones that can be opened."""
    bundled = set(catalogue.bundled)
    for path in dict.fromkeys((*catalogue.bundled, *catalogue.named())):
        entry = catalogue.entry(path)
        if entry is None or _can_be_opened(entry):
            yield ModelChoice(path, _name(path, entry), "Bundled" if path in bundled else "Recent")


def all_models(catalogue: Catalogue) -> Iterator[ModelChoice]:
    """Yield the usual ones, then those in watched folders by name."""
    usual = tuple(usual_models(catalogue))
    yield from usual
    known = {choice.path for choice in usual}
    found = (e for e in catalogue.entries() if _can_be_opened(e) and e.path not in known)
    for entry in sorted(found, key=lambda entry: entry.name.casefold())[:_MOST]:
        group = Path(entry.root or entry.path).name
        yield ModelChoice(entry.path, _name(entry.path, entry), group)


def _can_be_opened(entry: Entry) -> bool:
    return entry.opens and not entry.asks


def _name(path: str, entry: Entry | None) -> str:
    return checkpoint_title(Path(path)) or (entry.name if entry is not None else Path(path).stem)
