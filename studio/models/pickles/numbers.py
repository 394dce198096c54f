"""Numbers and texts as pickles write them."""

import codecs

from studio.models.pickles.errors import PickleError
from studio.models.pickles.source import Source

LONG_LIMIT = 64
"""Bytes of an integer."""

_TRUTHS = {b"01": True, b"00": False}


def long(source: Source, length: int) -> int:
    """Return an integer of so many bytes."""
    if length > LONG_LIMIT:
        raise PickleError(f"it holds an integer of {length:,} bytes")
    return int.from_bytes(source.take(length), "little", signed=True)


def written(line: bytes) -> int:
    """Return an integer, or a truth value, from its digits."""
    return _TRUTHS[line] if line in _TRUTHS else written_long(line)


def written_long(line: bytes) -> int:
    """Return an integer from its digits, which an L can follow."""
    if len(line) > 2 * LONG_LIMIT:
        raise PickleError(f"it holds an integer of {len(line):,} digits")
    return int(line.removesuffix(b"L"))


def quoted(line: bytes) -> str:
    """Return a text of Python 2 from between its quotation marks."""
    if len(line) < 2 or line[:1] not in b"'\"" or line[-1:] != line[:1]:
        raise PickleError("it holds a text without quotation marks")
    text: bytes = codecs.escape_decode(line[1:-1])[0]
    return text.decode("latin-1")
