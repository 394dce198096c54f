"""Which class a picture is of."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.models.pictures.picture_set import NO_CLASS

LABELS, LABELS_LIMIT = "dataset.json", 64 << 20
"""The labels that NVlabs' dataset tool writes beside the pictures, and how large that may be."""

Labels = tuple[NDArray[np.int64], tuple[str, ...]]
_MOST_CLASSES = 100_000


def labelled(names: Sequence[str], told: bytes | None) -> Labels:
    """Return labels and classes: those that a `dataset.json` tells, or else the folders.

    Folders then only share the pictures out, as the tool does ("00000/img00000000.png").
    """
    found = None if told is None else _parsed(told)
    if found is None:
        return class_labels(names)
    if not found:
        return np.full(len(names), NO_CLASS, np.int64), ()
    return named_labels([found.get(name) for name in names])


def named_labels(wanted: Sequence[str | int | None]) -> Labels:
    """Return labels and classes of pictures whose classes have these names, None for no class.

    Numbers stand for themselves: the classes are then all from 0 to the largest.
    """
    if wanted and all(isinstance(name, int) or name is None for name in wanted):
        numbers = np.array([NO_CLASS if n is None else n for n in wanted], np.int64)
        highest = int(numbers.max(initial=NO_CLASS))
        if highest < _MOST_CLASSES and int(numbers.min(initial=0)) >= NO_CLASS:
            return numbers, tuple(map(str, range(highest + 1)))
    texts = [None if name is None else str(name) for name in wanted]
    classes = tuple(sorted({text for text in texts if text is not None}))
    places = {name: number for number, name in enumerate(classes)}
    numbers = np.array([NO_CLASS if t is None else places[t] for t in texts], np.int64)
    return numbers, classes


def class_labels(names: Sequence[str]) -> Labels:
    """Return labels and classes from relative names.

    A class is the outermost folder in which the names differ; a picture in no folder has none.
    """
    paths = [name.split("/") for name in names]
    outer = 0
    while len({path[outer] if len(path) > outer + 1 else None for path in paths}) == 1:
        if len(paths[0]) == outer + 1:
            return np.full(len(names), NO_CLASS, np.int64), ()
        outer += 1
    folders = [path[outer] if len(path) > outer + 1 else "" for path in paths]
    classes = tuple(sorted(set(folders) - {""}))
    index = {name: number for number, name in enumerate(classes)}
    return np.array([index.get(folder, NO_CLASS) for folder in folders], np.int64), classes


def _parsed(told: bytes) -> dict[str, int] | None:
    """Return the labels by name, none of them if they are not one number each.

    None: this is something else.
    """
    try:
        said: Any = json.loads(told)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or "labels" not in said:
        return None
    rows = said["labels"] or []
    if not isinstance(rows, list) or not all(map(_is_label, rows)):
        return {}
    return {name.replace("\\", "/"): label for name, label in rows}


def _is_label(row: Any) -> bool:
    return (
        isinstance(row, list)
        and len(row) == 2
        and isinstance(row[0], str)
        and type(row[1]) is int
        and 0 <= row[1] < _MOST_CLASSES
    )
