"""The models that the command palette and sweeps offer by name."""

from collections.abc import Iterator
from pathlib import Path

from studio.models.catalogue import Entry
from studio.models.checkpoints import checkpoint_title
from studio.session.catalogue.catalogue import Catalogue

_MOST = 500


def usual_models(catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    """Yield path, name and group of the bundled models, then of the starred and recent ones."""
    groups = dict.fromkeys(catalogue.named(), "Recent") | dict.fromkeys(
        catalogue.bundled, "Bundled"
    )
    for path in dict.fromkeys((*catalogue.bundled, *catalogue.named())):
        entry = catalogue.entry(path)
        if entry is None or _can_be_opened(entry):
            yield path, _name(path, entry), groups[path]


def all_models(catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    """Yield the usual ones, then those in watched folders by name."""
    usual = tuple(usual_models(catalogue))
    yield from usual
    known = {path for path, _, _ in usual}
    found = (e for e in catalogue.entries() if _can_be_opened(e) and e.path not in known)
    for entry in sorted(found, key=lambda entry: entry.name.casefold())[:_MOST]:
        yield entry.path, _name(entry.path, entry), Path(entry.root or entry.path).name


def _can_be_opened(entry: Entry) -> bool:
    return entry.opens and not entry.asks


def _name(path: str, entry: Entry | None) -> str:
    return checkpoint_title(Path(path)) or (entry.name if entry is not None else Path(path).stem)
