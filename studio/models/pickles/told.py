"""Say in a few words what is in a pickle that is no model."""

import re
from pathlib import Path

from studio.models.pickles.legacy import is_legacy
from studio.models.pickles.outline import Outline, is_torch_zip, read_archive
from studio.models.pickles.persistent import persistent
from studio.models.pickles.plain import guessed, is_plain_pickle, read_plain
from studio.models.pickles.values import Made, TensorStub

_NAMED = 4
_OLD = re.compile(rb"\((?:d|l)p?\d*\n|\(*[ci][A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n")
"""How pickles of protocol 0 begin that hold a collection or ask for a class: as lines of text."""

_OPENINGS = (b"(", b"]", b"}", b")", b"c")
"""The codes with which pickles of protocols 0 and 1 begin that hold more than a number or text."""


def told(path: Path, start: bytes) -> str | None:
    """Return what a file is that begins with `start`, or None if it is not a pickle.

    Raises:
        ModelError: it is damaged, or holds what has no place in a model.
    """
    if is_legacy(start) or is_torch_zip(path):
        return f"a file of torch.save with {_contents(read_archive(path))}"
    if is_plain_pickle(path) or _OLD.match(start):
        return f"a Python pickle with {_contents(read_plain(path))}"
    if start[:1] in _OPENINGS and not is_text(start) and (outline := guessed(path)):
        return f"a Python pickle with {_contents(outline)}"
    return None


def is_text(start: bytes) -> bool:
    """Tell whether the first bytes of a file are text."""
    text = start.decode("utf-8", "ignore")
    return all(letter.isprintable() or letter.isspace() for letter in text)


def _contents(outline: Outline) -> str:
    value = outline.value
    if (known := persistent(value)) is not None:
        return f"a “{known.class_name[:40]}” in it"
    if isinstance(value, dict) and value:
        return _entries(value)
    if isinstance(value, TensorStub):
        return f"a single tensor of {'x'.join(map(str, value.shape)) or 'no size'} in it"
    if isinstance(value, Made):
        return f"a “{value.name[:60]}” in it"
    return f"a {type(value).__name__} in it"


def _entries(value: dict[object, object]) -> str:
    tensors = sum(isinstance(each, TensorStub) for each in value.values())
    names = [f"“{str(name)[:40]}”" for name in value]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    listed = ", ".join(names[:_NAMED])
    return f"{'the tensors' if tensors == len(value) else 'the entries'} {listed}{more}"
