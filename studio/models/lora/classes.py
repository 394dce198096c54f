"""The classes of a model together with those that LoRAs bring."""

from collections.abc import Iterable


def joined_classes(own: tuple[str, ...], brought: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the names of the model's classes and after them those that are new, in their order."""
    return tuple(dict.fromkeys((*own, *(name for names in brought for name in names))))
